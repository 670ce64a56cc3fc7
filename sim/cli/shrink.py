"""`acklab shrink`: the smallest schedule that still breaks what a witness breaks, as a witness of its own."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.options import AsJson

if TYPE_CHECKING:
    from sim.explore.shrink_witness import Shrinking

RUNS_MAX = 600

File = Annotated[
    Path, typer.Argument(metavar="WITNESS", help="A file of --witness or --trace, in which a promise broke.")
]
Out = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="Where to; else beside it, as NAME-shrunk.json.")
]
Runs = Annotated[int, typer.Option("--runs", min=1, help="How many schedules to try at most.")]


@ends
def shrink(file: File, out: Out = None, runs: Runs = RUNS_MAX, as_json: AsJson = False) -> int:
    """Make a witness smaller: the fewest faults that break it. Every promise that broke still does; control-C keeps the smallest so far."""
    from sim.cli.recorded import witness_in
    from sim.cli.run import check_writable
    from sim.cli.screen import Progress
    from sim.explore.shrink_witness import NothingBreaksError, Shrinking

    target = out if out is not None else file.with_name(f"{file.name.partition('.')[0]}-shrunk.json")
    witness = witness_in(file)
    check_writable(target)
    progress = Progress()
    try:
        shrinking = Shrinking(witness, on_try=lambda so_far: progress.show(_progress(so_far)))
    except NothingBreaksError as error:
        raise CommandError(str(error)) from error
    try:
        shrinking.work(runs)
        is_whole = True
    except KeyboardInterrupt:
        is_whole = False
    progress.clear()
    target.write_text(shrinking.smallest().text(beside=target), encoding="utf-8")
    _tell(shrinking, target, is_whole=is_whole, as_json=as_json)
    if is_whole:
        return Exit.HOLDS
    complain("interrupted: the smallest so far is written")
    return Exit.INTERRUPTED


def _progress(so_far: Shrinking) -> str:
    return f"{so_far.tried} schedules tried, {len(so_far.best.schedule)} faults left of {so_far.begun_with}"


def _tell(shrinking: Shrinking, target: Path, *, is_whole: bool, as_json: bool) -> None:
    from sim.cli.screen import labelled, say

    left = [str(entry) for entry in shrinking.best.schedule]
    broken = sorted(shrinking.wanted)
    if as_json:
        told = {
            "format": "acklab-shrunk-1", "file": str(target), "faults_before": shrinking.begun_with, "faults": left,
            "breaks": broken, "tried": shrinking.tried, "is_whole": is_whole,
        }  # fmt: skip
        print(json.dumps(told))
        return
    word = "fault" if shrinking.begun_with == 1 else "faults"
    say(
        f"{shrinking.begun_with} {word} became {len(left)}, in {shrinking.tried} runs; what still breaks: {', '.join(broken)}"
    )
    for entry in left:
        for line in labelled("", entry, label_width=2):
            say(line)
    say()
    say(f"written  {target}")
    say(f"again    {shlex.join(['acklab', 'replay', str(target)])}")
