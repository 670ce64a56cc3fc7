"""Each planted bug is caught, small, and kept as a witness; without the bug the very same run does not break that.

`make mutants` hunts them all anew and writes what is read here.
"""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from sim.explore.campaign import Tally, explore
from sim.explore.search import LOOKED_FOR, RAISED
from sim.explore.stuck import NAME as STUCK
from sim.explore.stuck import is_stuck
from sim.explore.unended import NAME as UNENDED
from sim.explore.unended import is_unended
from sim.explore.unlawful import NAME as UNLAWFUL
from sim.explore.unlawful import unlawful
from sim.judges.report import Report
from sim.mutants import MUTANTS
from sim.stories.planted import UnknownBugError, planted_bug
from sim.stories.runner import FAILED_ASSERTION, run
from sim.stories.scenario import load
from sim.stories.witness import Witness, read_witness
from sim.trace.trace import TraceHeader
from tests.cli.conftest import Acklab
from tests.explore.hunt import KILLS, SCHEDULES, path_of, rows, search_for

ROWS = rows()
MUTANTS_MIN = 25
QUICK = "forgetful_failover"
"""Searched for anew in every run of the tests; the others take longer, and have their witness."""


def broken(report: Report) -> set[str]:
    """Everything that does not hold, promised or not."""
    found = {verdict.guarantee for verdict in report.violated}
    if report.stopped.startswith(FAILED_ASSERTION):
        found.add(RAISED)
    if report.breach is not None:
        found.add(report.breach.invariant)
    if is_stuck(report.trace):
        found.add(STUCK)
    if is_unended(report):
        found.add(UNENDED)
    if unlawful(report):
        found.add(UNLAWFUL)
    return found


@pytest.fixture(scope="module")
def undisturbed() -> str:
    """Give the digest of a run without a bug."""
    return run(load("default_config")).digest


def test_every_planted_bug_has_its_kill() -> None:
    assert len(MUTANTS) >= MUTANTS_MIN
    assert {path.stem for path in KILLS.glob("*.json")} == MUTANTS.keys() == ROWS.keys()


@pytest.mark.parametrize("name", ROWS)
def test_kill_takes_the_faults_and_the_bug(name: str) -> None:
    witness, row = read_witness(path_of(name)), ROWS[name]

    planted = witness.replay()
    sound = witness.model_copy(update={"planted_bug": ""}).replay()

    assert witness.planted_bug == name
    assert set(row.breaks.split(", ")) <= broken(planted) - broken(sound)


@pytest.mark.parametrize("name", ROWS)
def test_table_tells_what_the_witness_holds(name: str) -> None:
    row = ROWS[name]

    assert row.what == MUTANTS[name].what
    assert row.faults == len(read_witness(path_of(name)).schedule)
    assert set(row.breaks.split(", ")) <= {*LOOKED_FOR, RAISED}
    assert row.schedules <= SCHEDULES


def test_search_catches_the_bug() -> None:
    tally = Tally()

    for _ in explore(search_for(QUICK), 200, tally=tally, until_found=True):
        pass

    (found,) = tally.found
    assert found.witness.schedule
    assert found.witness.planted_bug == QUICK


def test_witness_of_a_kill_is_replayed_and_says_that_the_bug_was_planted(acklab: Acklab, tmp_path: Path) -> None:
    # Its digest is of the day on which it was found.
    kill = read_witness(path_of(QUICK))
    again = kill.model_copy(update={"digest": kill.replay().digest})
    path = tmp_path / "again.json"
    path.write_text(json.dumps(again.as_json()), encoding="utf-8")

    told = acklab("replay", str(path))

    assert told.status == 1
    assert f"PLANTED BUG {QUICK}" in told.out


def test_planted_bug_is_named_in_the_report_and_in_the_header_of_the_trace() -> None:
    name = "forgetful_failover"
    report = run(load("default_config"), mutant=MUTANTS[name])
    out = io.StringIO()
    witness = Witness.of(report, scenario="default_config", records=None)

    report.trace.write(out, TraceHeader(report.scenario, report.seed, witness.as_json()))

    assert report.as_json()["planted_bug"] == name
    assert json.loads(out.getvalue().splitlines()[0])["witness"]["planted_bug"] == name


@pytest.mark.parametrize("name", MUTANTS)
def test_planted_bug_does_nothing_while_nothing_goes_wrong_and_stays_in_its_run(name: str, undisturbed: str) -> None:
    planted = run(load("default_config"), mutant=MUTANTS[name])

    assert planted.exit_code == 0
    assert run(load("default_config")).digest == undisturbed


def test_nothing_is_planted_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PLANTED_BUG", "ACKLAB_PLANTED_BUG", "ACKLAB_MUTANT"):
        monkeypatch.setenv(variable, "acks_before_replication")
    kill = read_witness(path_of("acks_before_replication"))

    report = kill.model_copy(update={"planted_bug": ""}).replay()

    assert report.planted_bug == ""
    assert "lost" not in broken(report)


def test_unknown_planted_bug_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownBugError, match="did you mean forgetful_failover"):
        planted_bug("forgetful_failovr")


@pytest.mark.parametrize("name", MUTANTS)
def test_a_planted_bug_takes_the_place_of_something_that_is_there(name: str) -> None:
    """A method that its parent has under another name by now would never be called, and the bug not be planted."""
    mutant = MUTANTS[name]
    places = (
        mutant.partition,
        mutant.replication_control,
        mutant.group_shard,
        mutant.transaction_shard,
        mutant.idempotence,
        mutant.verdicts,
        mutant.sender,
    )
    for planted in places:
        if planted is not None:
            parents = planted.__mro__[1:-1]
            own = [method for method in vars(planted) if method == "__init__" or not method.startswith("__")]
            assert [method for method in own if any(method in vars(parent) for parent in parents)]
