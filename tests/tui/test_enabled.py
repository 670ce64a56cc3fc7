"""What is offered at a moment is what the kernel would let strike there: nothing offered is refused, nothing left out would strike."""

from __future__ import annotations

import pytest

from sim.faults import parse_fault
from sim.faults.names import UnknownNameError
from sim.faults.schedule import Entry
from sim.stories.runner import run
from sim.tui.changes import anchor_behind
from sim.tui.enabled import Enabled
from sim.tui.offers import fault_kinds, offers
from tests.tui.runs import LOST, event_of, run_of

FAILOVER, RESTARTS = "controller_failover", "application_restarts"

MOMENTS = [
    (LOST, "RecordSent", 6, "all is well"),
    (LOST, "RecordSent", 25, "both followers stand still"),
    (LOST, "BrokerCrashed", 1, "the leader is down, and nobody knows"),
    (FAILOVER, "BrokerFenced", 1, "a controller and a broker are down"),
    (RESTARTS, "ApplicationKilled", 1, "the application is dead"),
]


def why_not(name: str, index: int, text: str) -> str:
    """Strike it there, and give why it had no effect; empty if it had."""
    watched = run_of(name)
    assert watched.scenario is not None
    entry = Entry(anchor_behind(watched, index), parse_fault(text))
    try:
        report = run(watched.scenario, watched.seed, properties=watched.properties, faults=[entry])
    except UnknownNameError as error:
        return str(error)
    told = [one.reason for one in (*report.refused, *report.unfired) if one.text == str(entry)]
    return told[0] if told else ""


@pytest.mark.parametrize(("name", "event", "nth", "what"), MOMENTS, ids=[one[3] for one in MOMENTS])
def test_every_fault_offered_strikes_and_no_kind_left_out_would(name: str, event: str, nth: int, what: str) -> None:
    assert what
    watched = run_of(name)
    index = event_of(watched, event, nth)
    state, enabled = watched.film.state_at(index), Enabled(watched, index)
    offered = {kind.verb: [text for text in offers(state, kind.verb) if enabled.allows(text)] for kind in fault_kinds()}

    struck = {text: why_not(name, index, text) for texts in offered.values() for text in texts[:1]}
    left_out = [offers(state, verb) for verb, texts in offered.items() if not texts]

    assert {text: why for text, why in struck.items() if why} == {}
    assert [texts[0] for texts in left_out if texts and not why_not(name, index, texts[0])] == []
    assert {"crash", "restart", "resume"} & {verb for verb, texts in offered.items() if texts}


def test_the_dead_are_restarted_and_the_living_are_not() -> None:
    watched = run_of(LOST)
    crashed = event_of(watched, "BrokerCrashed")

    before, behind = Enabled(watched, crashed - 2), Enabled(watched, crashed)

    assert (before.allows("restart b1"), behind.allows("restart b1")) == (False, True)
    assert (before.allows("crash b1"), behind.allows("crash b1")) == (True, False)
    assert behind.allows("resume b2")
    assert not behind.allows("pause followers(orders-0)")


def test_nothing_strikes_once_the_records_are_read_back() -> None:
    watched = run_of(LOST)
    enabled = Enabled(watched, len(watched.events) - 1)
    state = watched.film.state_at(len(watched.events) - 1)

    assert [text for kind in fault_kinds() for text in offers(state, kind.verb) if enabled.allows(text)] == []
