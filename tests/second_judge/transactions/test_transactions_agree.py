"""Two judges agree on plays with transactions, lies included; they do not where the first has a bug; and V2 keeps its promises."""

from __future__ import annotations

from functools import cache

import pytest

from sim.judges.guarantees import GUARANTEES, State
from tests.builds import pure_only
from tests.second_judge.transactions.agreement import Judged
from tests.second_judge.transactions.bugs import BUGS
from tests.second_judge.transactions.judge import JUDGES
from tests.second_judge.transactions.play import LIES

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


@pytest.mark.parametrize("number", [number for number in PLAYS if LIES[number % len(LIES)] == "honest"])
def test_honest_plays_keep_every_promise_of_transactions(number: int) -> None:
    verdicts = played(number).verdicts()

    assert {name: verdict.state for name, verdict in verdicts.items()} == dict.fromkeys(JUDGES, State.HOLDS)
    assert all(verdict.checked for verdict in verdicts.values())


def test_every_planted_bug_of_these_judges_makes_the_two_differ() -> None:
    left = dict(BUGS)
    for number in (*TELLING, *range(PLAYS_MAX)):
        left = {name: bug for name, bug in left.items() if not played(number).differences(bug)}
        if not left:
            break

    assert not left


def test_every_promise_of_transactions_has_a_second_judge() -> None:
    of_groups = {"two owners", "forgotten"}

    assert JUDGES.keys() == {name for name, one in GUARANTEES.items() if one.subject is not None} - of_groups
