"""Each planted bug is caught, small, and kept as a witness; without the bug the very same schedule breaks nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from sim.explore.campaign import Tally, explore
from sim.explore.search import LOOKED_FOR, Search
from sim.faults.schedule import Schedule, parse_entry
from sim.judges.invariants import NAMES as INVARIANTS
from sim.mutants import MUTANTS
from sim.stories.planted import UnknownBugError, planted_bug
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.witness import Witness, read_witness
from sim.trace.trace import TraceHeader
from tests.cli.conftest import Acklab

FAULTS_MAX = 3


class Kill(NamedTuple):
    """What `acklab explore --planted-bug NAME` found, shrunk."""

    breaks: str
    schedules: int
    """How many it took, under seed 0."""
    lines: tuple[str, ...]
    number: int

    @property
    def schedule(self) -> Schedule:
        return tuple(map(parse_entry, self.lines))


KILLS = {
    "acks_before_replication": Kill(
        "lost",
        7,
        (
            "after BatchSent#4 topic=orders partition=1: pause leader(orders-1)",
            "after IsrChanged#1 topic=orders partition=0 +7ms: resume b1,b2,b3",
        ),
        6,
    ),
    "forgetful_failover": Kill("duplicated", 7, ("after BatchSent#5 topic=orders partition=1: crash b2",), 6),
    # A batch that is stuck, which is less, is found after 14.
    "overtaking_retry": Kill(
        "reordered",
        48,
        (
            "after BatchSent#5 topic=orders partition=1: answer Produce orders-0 NOT_LEADER_OR_FOLLOWER x1 by leader(orders-0)",
        ),
        47,
    ),
    "sequence_reset_after_expiry": Kill(
        "duplicated",
        188,
        (
            "after BatchAppended#4 topic=orders partition=1 +3906us: cut b2 -> producer-1",
            "after BatchAppended#4 topic=orders partition=1 +125500ms: open producer-1 <-> *",
        ),
        187,
    ),
    # Staged by hand: what a search found after 2,222 schedules hung on moments that a cluster no longer has.
    "diverging_follower": Kill(
        "lost",
        2_222,
        (
            "after PhaseBegan#1 phase=3 +2s: pause b1",
            "after PhaseBegan#1 phase=3 +12s: resume b1",
            "after PhaseBegan#1 phase=3 +13s: move orders-0",
        ),
        0,
    ),
}

QUICK = ["forgetful_failover"]
"""Searched for anew in every run of the tests; the others take longer, and have their kill above."""


BY_VERDICT = tuple(name for name in LOOKED_FOR if name not in INVARIANTS)
"""What users would see: an invariant that a bug breaks on its way is found earlier, and is another matter."""


def search_for(name: str, *, sound: bool = False) -> Search:
    return Search(guarantees=BY_VERDICT, properties=dict(MUTANTS[name].falls_under), planted_bug="" if sound else name)


def test_every_planted_bug_has_its_kill() -> None:
    assert KILLS.keys() == MUTANTS.keys()


@pytest.mark.parametrize("name", KILLS)
def test_kill_takes_three_faults_at_most_and_the_bug(name: str) -> None:
    kill = KILLS[name]

    planted = search_for(name).run(kill.number, kill.schedule)
    sound = search_for(name, sound=True).run(kill.number, kill.schedule)

    assert len(kill.schedule) <= FAULTS_MAX
    assert kill.breaks in {verdict.guarantee for verdict in planted.violated}
    assert not sound.violated


@pytest.mark.parametrize("name", KILLS)
def test_no_fault_of_a_kill_can_be_spared(name: str) -> None:
    kill = KILLS[name]

    for place in range(len(kill.schedule)):
        fewer = (*kill.schedule[:place], *kill.schedule[place + 1 :])
        assert not search_for(name).run(kill.number, fewer).violated


@pytest.mark.parametrize("name", QUICK)
def test_search_catches_and_shrinks_the_bug(name: str) -> None:
    tally = Tally()

    for _ in explore(search_for(name), 60, tally=tally, until_found=True):
        pass

    (found,) = tally.found
    assert KILLS[name].breaks in found.broken
    assert 1 <= len(found.witness.schedule) <= FAULTS_MAX
    assert found.witness.planted_bug == name


@pytest.mark.parametrize("name", KILLS)
def test_witness_repeats_the_bug_with_the_same_digest(name: str, acklab: Acklab, tmp_path: Path) -> None:
    kill = KILLS[name]
    report = search_for(name).run(kill.number, kill.schedule)
    path = tmp_path / "witness.json"
    witness = Witness.of(report, scenario="default_config", records=None)
    path.write_text(json.dumps(witness.as_json()), encoding="utf-8")

    told = acklab("replay", str(path))

    assert told.status == 1
    assert f"digest  {report.digest}" in told.out
    assert f"PLANTED BUG {name}" in told.out
    assert read_witness(path) == witness


def test_planted_bug_is_named_in_the_report_and_in_the_header_of_the_trace() -> None:
    name = "forgetful_failover"
    report = run(load("default_config"), mutant=MUTANTS[name])
    out = io.StringIO()
    witness = Witness.of(report, scenario="default_config", records=None)

    report.trace.write(out, TraceHeader(report.scenario, report.seed, witness.as_json()))

    assert report.as_json()["planted_bug"] == name
    assert json.loads(out.getvalue().splitlines()[0])["witness"]["planted_bug"] == name


@pytest.mark.parametrize("name", MUTANTS)
def test_planted_bug_does_nothing_while_nothing_goes_wrong(name: str) -> None:
    assert run(load("default_config"), mutant=MUTANTS[name]).exit_code == 0


@pytest.mark.parametrize("name", MUTANTS)
def test_planted_bug_stays_in_its_run(name: str) -> None:
    before = run(load("default_config")).digest

    run(load("default_config"), mutant=MUTANTS[name])

    assert run(load("default_config")).digest == before


def test_nothing_is_planted_unless_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("PLANTED_BUG", "ACKLAB_PLANTED_BUG", "ACKLAB_MUTANT"):
        monkeypatch.setenv(variable, "acks_before_replication")
    kill = KILLS["acks_before_replication"]

    report = Search().run(kill.number, kill.schedule)

    assert report.planted_bug == ""
    assert not report.violated


def test_unknown_planted_bug_is_named_with_the_nearest() -> None:
    with pytest.raises(UnknownBugError, match="did you mean forgetful_failover"):
        planted_bug("forgetful_failovr")
