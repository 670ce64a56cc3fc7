"""What a check of an exercise says, and how the run that broke is kept and looked at."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sim.cli.endings import CommandError
from sim.cli.learner import short

if TYPE_CHECKING:
    from sim.course.checking import Broken, Checked
    from sim.course.progress import LessonProgress

CHAIN_MAX = 12
"""How many events of a broken run are told; the rest is for `acklab watch`."""


def keep(broken: Broken, folder: Path) -> str:
    """Write a broken run into the learner's folder, as a scenario and as a trace; gives the trace's path."""
    from sim.course.staged import source_of
    from sim.stories.witness import Witness
    from sim.trace.trace import TraceHeader

    scenario, report = broken.scenario, broken.report
    story, trace = folder / f"{scenario.name}.py", folder / f"{scenario.name}.trace.jsonl"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        story.write_text(source_of(scenario, seed=report.seed), encoding="utf-8")
        witness = Witness.of(report, scenario=str(story), story=scenario, records=None)
        with trace.open("w", encoding="utf-8") as out:
            report.trace.write(out, TraceHeader(report.scenario, report.seed, witness.as_json(beside=trace)))
    except OSError as error:
        raise CommandError(f"cannot write into {folder}: {error.strerror}") from error
    return str(trace)


def tell_checked(answer: Checked, exercise: Path, state: LessonProgress) -> None:
    from sim.cli.screen import MARKS, bold, coloured, labelled, say
    from sim.judges.verdict import State

    verdict = State.HOLDS if answer.is_passed else State.VIOLATED
    say(f"{short(exercise)}: {answer.runs} runs")
    say()
    for line in labelled("", f"{MARKS[verdict]} {answer.headline}", label_width=0):
        say(coloured(bold(line), verdict))
    for paragraph in answer.explained:
        say()
        for line in labelled("", paragraph, label_width=0):
            say(line)
    say()
    if answer.broken is None:
        say("next: acklab learn next")
        return
    _tell_chain(answer.broken)
    trace = Path(state.broken_run)
    moment = f"The moment that matters is event #{answer.broken.event}: {answer.broken.says}."
    for line in labelled("", moment, label_width=0):
        say(line)
    say(f"    {_watch_words(trace, answer.broken.event)}")
    seed = answer.broken.report.seed
    story = Path(state.folder) / f"{answer.broken.scenario.name}.py"
    say(f"    {shlex.join(['acklab', 'run', short(story), '--seed', str(seed)])}")
    say("  A hint: acklab learn hint")


def _tell_chain(broken: Broken) -> None:
    from sim.cli.screen import labelled, say
    from sim.judges.report import chain

    if broken.finding is None:
        return
    trace = broken.report.trace
    rows = chain(trace.events, broken.finding.moments)
    say(f"  How order {broken.finding.record} was lost:")
    for number, text in rows[:CHAIN_MAX]:
        for line in labelled(f"{trace.moment(number):>9}  #{number}", text, label_width=17):
            say(line)
    if len(rows) > CHAIN_MAX:
        say(f"  … and {len(rows) - CHAIN_MAX} more")
    say()


def _watch_words(what: Path, event: int) -> str:
    at = ["--at", str(event)] if event >= 0 else []
    return shlex.join(["acklab", "watch", short(what), *at])


def offer(what: Path, event: int) -> None:
    """Print how to see a run, and open it where there is a screen for it."""
    from sim.cli.screen import say
    from sim.cli.watch import is_terminal

    say(f"    {_watch_words(what, event)}")
    if not is_terminal():
        say("  (add --plain to have it as text)")
        return
    try:
        wanted = input("  [Enter opens it, q does not] ").strip().lower()
    except EOFError:
        return
    if wanted not in {"q", "quit"}:
        at = ["--at", str(event)] if event >= 0 else []
        subprocess.run([sys.executable, "-m", "sim", "watch", str(what), *at], check=False)  # noqa: S603 - our own command
