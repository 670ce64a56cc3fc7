"""Every event's causes: they lie before it, lead back to a fault or to somebody's will, and belong to the same record, request or broker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.trace import events as cluster
from sim.tui.session import Watched
from sim.tui.view_model.causality import Causes, Relation, why
from sim.tui.view_model.causality.causes import RULES
from sim.tui.view_model.marks import decisive
from tests.guarantees.written import WrittenTrace
from tests.tui.runs import LOST, STORIES, event_of, run_of

MOVES = "default_config_survives_leader_moves"
EVERY_KIND = (*STORIES, "lost_ack_duplicate", "producer_restart_duplicate", "delayed_end_txn", "two_applications")


def chain(watched: Watched, index: int) -> list[str]:
    """Give the types of the first chain of causes, from the event back."""
    names = []
    for step in why(watched.causes, index):
        if step.relation in {Relation.AND, Relation.AFTER}:
            break
        names.append(type(watched.events[step.event]).__name__)
    return names


@pytest.mark.parametrize("story", EVERY_KIND)
def test_a_cause_lies_before_its_effect(story: str) -> None:
    causes = run_of(story).causes

    assert all(0 <= cause < index for index in range(len(run_of(story).events)) for cause in causes.of(index))


@pytest.mark.parametrize("story", EVERY_KIND)
def test_nothing_before_the_first_fault_is_its_doing(story: str) -> None:
    watched = run_of(story)
    (first, *_) = [*watched.marks.faults, len(watched.events)]

    assert not any(watched.causes.is_struck(index) for index in range(first))
    assert all(watched.causes.is_struck(fault) for fault in watched.marks.faults)


@pytest.mark.parametrize("story", EVERY_KIND)
def test_every_acknowledgement_leads_back_to_the_send_of_that_record(story: str) -> None:
    watched = run_of(story)

    for index, event in enumerate(watched.events):
        if isinstance(event, cluster.RecordAcknowledged):
            sends = [
                (found.client, found.record)
                for found in (watched.events[step.event] for step in why(watched.causes, index))
                if isinstance(found, cluster.RecordSent)
            ]
            assert (event.client, event.record) in sends


def test_an_acknowledgement_goes_back_through_answer_append_and_request() -> None:
    watched = run_of(LOST)

    assert chain(watched, event_of(watched, "RecordAcknowledged", 16)) == [
        "RecordAcknowledged",
        "BatchAcknowledged",
        "ResponseSent",
        "ProduceAnswered",
        "BatchAppended",
        "RequestReceived",
        "BatchSent",
        "BatchOpened",
        "RecordSent",
    ]


def test_a_log_was_cut_because_its_leader_crashed_and_the_new_one_had_stood_still() -> None:
    watched = run_of(LOST)
    cut = event_of(watched, "LogTruncated")

    assert chain(watched, cut) == [
        "LogTruncated",
        "BecameFollower",
        "LeaderElected",
        "BrokerFenced",
        "BrokerCrashed",
        "FaultInjected",
    ]
    faults = {watched.events[step.event].fault for step in why(watched.causes, cut) if step.is_fault}
    assert faults == {"pause b2,b3", "crash b1"}


def test_a_repetition_goes_back_to_the_answer_that_a_fault_lost() -> None:
    watched = run_of("lost_ack_duplicate")

    names = chain(watched, event_of(watched, "BatchRetried"))

    assert names == ["BatchRetried", "ConnectionLost", "ResponseDropped", "FaultInjected"]


def test_a_refusal_goes_back_to_the_fault_that_took_the_leadership_or_the_replicas() -> None:
    watched = run_of(MOVES)
    refused = [
        index for index, event in enumerate(watched.events) if isinstance(event, cluster.ProduceAnswered) and event.code
    ]
    faults = {
        watched.events[step.event].fault
        for index in refused
        for step in why(watched.causes, index)[:4]
        if step.is_fault
    }

    assert {"move orders-0 to b2", "shrink orders-1 by b1,b3 for 2s"} <= faults
    assert any(fault.startswith("answer Produce orders-1 NOT_LEADER_OR_FOLLOWER") for fault in faults)


def test_an_armed_fault_explains_as_many_strikes_as_it_had() -> None:
    watched = run_of(MOVES)
    (armed,) = [index for index in watched.marks.faults if watched.events[index].fault.startswith("answer Produce")]

    effects = [index for index in range(len(watched.events)) if armed in watched.causes.of(index)]

    assert [type(watched.events[index]).__name__ for index in effects] == ["ProduceAnswered"] * 2


def test_what_another_client_does_under_the_same_numbers_is_no_cause() -> None:
    trace = WrittenTrace().by("app-1").write(1, at=0).by("app-2")
    trace.batches = trace.requests = 0
    trace.write(1, at=1)
    causes = Causes(trace.events)

    for index in range(len(trace.events)):
        client = getattr(trace.events[index], "client", None)
        for cause in causes.of(index):
            assert getattr(trace.events[cause], "client", client) in {client, None} or client is None


@given(st.data())
def test_an_explanation_tells_each_event_once_and_each_is_a_cause_of_one_above(data: st.DataObject) -> None:
    watched = run_of(data.draw(st.sampled_from(EVERY_KIND)))
    index = data.draw(st.integers(0, len(watched.events) - 1))

    steps = why(watched.causes, index)

    assert steps[0].event == index
    assert len({step.event for step in steps}) == len(steps)
    for place, step in enumerate(steps[1:], start=1):
        assert step.explains in {one.event for one in steps[:place]}
        if step.relation is not Relation.AFTER:
            assert step.event in watched.causes.of(step.explains)


def test_an_explanation_ends() -> None:
    watched = run_of(MOVES)
    last = event_of(watched, "RecordAcknowledged", 120)

    assert len(why(watched.causes, last, steps_max=5)) == 5


@pytest.mark.parametrize("story", EVERY_KIND)
def test_whatever_broke_has_a_fault_behind_it(story: str) -> None:
    """Each of these stories breaks by a fault alone, or holds."""
    watched = run_of(story)

    for verdict in watched.verdicts:
        for finding in verdict.findings:
            place = decisive(finding)
            assert place is not None
            steps = why(watched.causes, place, beside=[moment.event for moment in finding.moments])
            assert any(step.is_fault for step in steps), (verdict.guarantee, finding.name)


def test_most_kinds_of_events_have_a_rule_and_rules_are_for_events() -> None:
    named = {kind.__name__ for kind in RULES}

    assert {"BatchSent", "LogTruncated", "LeaderElected", "RecordRead", "MarkerAppended"} <= named
    assert all(kind._fields[0] == "at_us" for kind in RULES)
