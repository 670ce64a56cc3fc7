"""`acklab replay`: a witness run again, its digest compared."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.options import AsJson
from sim.cli.served import ending_json, ending_status, tell_ending

if TYPE_CHECKING:
    from sim.judges.report import Report
    from sim.serve.journal import WrittenJournal
    from sim.serve.replay import Replayed
    from sim.serve.simulation import Simulated

FIRST_LINE_MAX = 1_000_000
"""How much of a file is looked at to find out what it is."""


@ends
def replay(
    file: Annotated[Path, typer.Argument(metavar="WITNESS", help="A file of --witness, --trace or --journal.")],
    as_json: AsJson = False,
) -> int:
    """Run a witness again, or the journal of a served cluster. Exits with 70 if it does not show the same, event for event; with 3 if what it holds, or acklab, has changed."""
    if _is_journal(file):
        return _replay_journal(file, as_json=as_json)
    from sim.cli.recorded import witness_in
    from sim.cli.verdicts import tell

    witness = witness_in(file)
    scenario = witness.load()
    report = witness.replay()
    is_same = report.digest == witness.digest
    if as_json:
        print(json.dumps({**report.as_json(), "is_same": is_same, "digest_expected": witness.digest}))
    else:
        tell(report, witness.staged(scenario), again=f"acklab replay {file}")
    if is_same:
        changed = witness.differs_from_here()
        if changed:
            complain(changed)
        return report.exit_code
    complain(f"the run is another one: digest {report.digest}, the witness has {witness.digest}")
    why = witness.what_changed(scenario)
    if why:
        complain(f"{why}, so the file shows nothing of what is there now")
        return Exit.INCONCLUSIVE
    said = (
        "neither its story nor acklab has changed since"
        if witness.story
        else "if neither the scenario nor acklab has changed since"
    )
    # Its other parts have no fingerprint: what was changed in them by hand looks as a fault of ours does.
    complain(f"{said}: unless its seed, properties, schedule or records were changed by hand, please report it")
    return Exit.OUR_BUG


def _is_journal(file: Path) -> bool:
    from sim.serve.journal import is_journal

    try:
        with file.open(encoding="utf-8", errors="replace") as source:
            return is_journal(source.readline(FIRST_LINE_MAX))
    except OSError as error:
        raise CommandError(f"cannot read {file}: {error.strerror}") from error


def _replay_journal(file: Path, *, as_json: bool) -> int:
    from importlib.metadata import version

    from sim.cli.screen import say
    from sim.serve.journal import JournalError, WrittenJournal
    from sim.serve.replay import replay as replay_journal

    with file.open(encoding="utf-8") as source:
        try:
            journal = WrittenJournal(source)
            replayed = replay_journal(journal, _simulated(journal))
        except (JournalError, ValueError) as error:
            raise CommandError(f"{file}: {error}") from error
    was, end = replayed.was, replayed.end
    report = _report(replayed)
    if report is not None:
        _tell_gauntlet(replayed, report, file, as_json=as_json)
    elif as_json:
        told = {
            "format": "acklab-replayed-1",
            "is_same": replayed.is_same,
            "end": end._asdict(),
            "end_expected": None if was is None else was._asdict(),
            **ending_json(replayed.judgement, replayed.attempts),
        }
        print(json.dumps(told))
    else:
        say(f"trace {end.trace}, answers {end.answers}")
        tell_ending(replayed.judgement, replayed.attempts)
    if was is None:
        complain(f"{file} has no end: its server was killed, and there is nothing to compare the run with")
    elif not replayed.is_same:
        complain(f"the run is another one: trace {was.trace}, answers {was.answers} in the journal")
        if journal.version != version("acklab"):
            complain(f"acklab has changed since: it was {journal.version}, and is {version('acklab')}")
            return Exit.INCONCLUSIVE
        complain("if neither the scenario nor acklab has changed since: please report it, a run must repeat exactly")
        return Exit.OUR_BUG
    return ending_status(replayed.judgement) if report is None else Exit(report.exit_code)


def _simulated(journal: WrittenJournal) -> Simulated:
    """Give what a journal is of: a cluster that was served, or a story of a gauntlet."""
    from sim.gauntlet.staged import StagedSimulation
    from sim.serve.simulation import Simulation

    return StagedSimulation if journal.stage.sends_with else Simulation


def _report(replayed: Replayed) -> Report | None:
    """Judge a story of a gauntlet as any run is judged; None for a cluster that was served."""
    from sim.gauntlet.staged import StagedSimulation

    simulation = replayed.simulation
    return simulation.report() if isinstance(simulation, StagedSimulation) else None


def _tell_gauntlet(replayed: Replayed, report: Report, file: Path, *, as_json: bool) -> None:
    from sim.cli.verdicts import tell
    from sim.stories.scenario import load

    if as_json:
        print(json.dumps({**report.as_json(), "is_same": replayed.is_same}))
    else:
        tell(report, load(replayed.simulation.stage.story), again=f"acklab replay {file}")
