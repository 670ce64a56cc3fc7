"""A record without a verdict and a gap behind it: with `acklab.renumber.in.doubt=false` nothing is there twice, as in Java some is.

Each drawn schedule says what a producer hears that the partition knows and that has five batches in flight: that one is refused, for
good or for now, that one may not be written although it is, or nothing, with the connection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from random import Random

import pytest

from sim.faults import leader
from sim.faults.points import appended
from sim.faults.schedule import Schedule
from sim.faults.words import after
from sim.stories.runner import run
from sim.stories.scenario import Phase, Scenario, Workload, load

SCENARIO = load("new_epoch_repeats_a_record")
DRAWN = 150
FOR_GOOD = ("INVALID_RECORD", "MESSAGE_TOO_LARGE", "TOPIC_AUTHORIZATION_FAILED")
FOR_NOW = ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_OR_FOLLOWER")
IN_DOUBT = ("REQUEST_TIMED_OUT", "NOT_ENOUGH_REPLICAS_AFTER_APPEND", "NOT_LEADER_OR_FOLLOWER")
REMEDY = {"acklab.renumber.in.doubt": "false"}
SAFE = {"acklab.profile": "safe"}


def drawn(number: int) -> Scenario:
    """A story in which batches hold one record or three."""
    chance = Random(number)
    workload = Workload(
        records=16, phases=(Phase(), Phase(share=15, every_us=0)), value_bytes=chance.choice((9_000, 5_000))
    )
    return replace(SCENARIO, workload=workload, schedule=answers(chance))


def answers(chance: Random) -> Schedule:
    """Draw what becomes of answers: a fault strikes the next one behind one of the first appends."""
    orders, by = "orders-0", leader("orders-0")
    found: Schedule = ()
    for _ in range(chance.randint(2, 4)):
        at = after(appended(orders, nth=chance.randint(1, 4)))
        match chance.randrange(5):
            case 0:
                fault = at.answer(chance.choice(FOR_GOOD), by=by, about=orders)
            case 1:
                fault = at.answer(chance.choice(FOR_NOW), by=by, about=orders)
            case 2 | 3:
                fault = at.answer(chance.choice(IN_DOUBT), by=by, about=orders, after_append=True)
            case _:
                fault = at.drop_response("Produce", by=by, about=orders)
        found += (fault,)
    return found


def written_twice(properties: Mapping[str, str]) -> list[int]:
    """Give the numbers of the drawn stories in which a record is there twice; no other promise may break."""
    found = []
    for number in range(DRAWN):
        broken = {verdict.guarantee for verdict in run(drawn(number), properties=properties).violated}
        assert broken <= {"duplicated"}, f"story {number}: {broken}"
        found += [number] * len(broken)
    return found


@pytest.mark.parametrize("properties", [REMEDY, SAFE], ids=["the property alone", "safe"])
def test_what_is_in_doubt_keeps_its_number_and_is_there_once(properties: dict[str, str]) -> None:
    assert written_twice(properties) == []


def test_as_in_java_a_new_epoch_or_a_split_writes_what_is_in_doubt_twice() -> None:
    # 112 of the first 1,500.
    assert len(written_twice({})) >= 5
