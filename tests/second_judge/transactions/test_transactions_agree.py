"""Two judges agree on plays with transactions, lies included; they do not where the first has a bug; and V2 keeps its promises."""

from __future__ import annotations

from functools import cache

import pytest

from sim.judges.guarantees import GUARANTEES, Ledger, State
from sim.mutants.aborted_index_without_last import ABORTED_INDEX_WITHOUT_LAST
from sim.mutants.planting import Mutant
from sim.mutants.stable_offset_passes_open import STABLE_OFFSET_PASSES_OPEN
from tests.builds import pure_only
from tests.second_judge.detection import undetected
from tests.second_judge.transactions.agreement import Judged
from tests.second_judge.transactions.bugs import BUGS
from tests.second_judge.transactions.judge import JUDGES
from tests.second_judge.transactions.play import HONEST, LIES, Play

pytestmark = pure_only("a bug of the ledger is a subclass of it")

PLAYS = range(2 * len(LIES))
"""Each lie on each kind of transactions; `python -m tests.second_judge.transactions` plays as many as one likes."""
TELLING = (3, 4, 5, 6, 17)
"""Plays in which the planted bugs tell: looked at first."""
PLAYS_MAX = 90

played = cache(Judged)


@pytest.mark.parametrize("number", PLAYS)
def test_two_judges_agree(number: int) -> None:
    assert played(number).differences() == []


@pytest.mark.parametrize("number", [number for number in PLAYS if LIES[number % len(LIES)] == HONEST])
def test_honest_plays_keep_every_promise_of_transactions(number: int) -> None:
    verdicts = played(number).verdicts()

    assert {name: verdict.state for name, verdict in verdicts.items()} == dict.fromkeys(JUDGES, State.HOLDS)
    assert all(verdict.checked for verdict in verdicts.values())


@pytest.mark.parametrize("number", [0, 10], ids=["V1", "V2"])
@pytest.mark.parametrize(
    "mutant", [ABORTED_INDEX_WITHOUT_LAST, STABLE_OFFSET_PASSES_OPEN], ids=lambda one: str(one.name)
)
def test_a_broker_that_gives_what_nobody_committed_is_found_by_who_reads_what_is_committed(
    mutant: Mutant, number: int
) -> None:
    play = Play(number, mutant=mutant)

    play.perform()

    ledger = Ledger(play.trace.events)
    told = [one.judge(ledger) for one in GUARANTEES.values() if one.concerns(ledger)]
    assert [verdict.guarantee for verdict in told if verdict.findings] == ["aborted read"]


def test_every_planted_bug_of_these_judges_makes_the_two_differ() -> None:
    assert undetected(BUGS, (*TELLING, *range(PLAYS_MAX)), played) == []


def test_every_promise_of_transactions_has_a_second_judge() -> None:
    others = {"two owners", "forgotten", "unreadable", "disclosed", "isolation", "unaudited"}

    assert JUDGES.keys() == {name for name, one in GUARANTEES.items() if one.subject is not None} - others
