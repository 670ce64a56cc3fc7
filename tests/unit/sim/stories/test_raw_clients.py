"""A raw client sends one Produce request as the story says, is told what the answer says, and is judged like anybody else."""

from dataclasses import replace
from typing import Any

import pytest

from producer.errors import Code
from producer.events import BatchSent, IdentityAssigned
from sim.explore.stuck import is_stuck
from sim.faults.points import acknowledged, phase_began, phase_ended, started
from sim.faults.schedule import Entry, parse_entry
from sim.faults.words import after
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import ClusterConfig, KeysInTurn, Phase, Scenario, TopicConfig, Workload
from sim.trace.events import FaultInjected, FaultRefused, ProduceAnswered, RecordAcknowledged, RecordFailed, RecordRead
from sim.world.units import SECOND_US
from tests.unit.sim.stories.cast import ALONE, BILLING, told

# Each record fills a batch; two phases with a silence between.
STORY = Scenario(
    name="raw",
    question="What is a raw client told?",
    cluster=ClusterConfig(topics=(TopicConfig("orders", partitions=1),)),
    workload=Workload(records=6, phases=(Phase(), Phase(quiet_us=SECOND_US)), keys=KeysInTurn(1), value_bytes=9_000),
)
IN_BETWEEN = after(phase_ended(1)).wait(100_000)
OWN = 3
"""What the producer has written by then."""


def played(*schedule: Entry, **properties: str) -> Report:
    """Run the story with these faults, and without repairs while a request may be waiting."""
    scenario = replace(STORY, schedule=schedule, repairs_after_us=40 * SECOND_US)
    return run(scenario, properties={name.replace("_", "."): value for name, value in properties.items()})


def answer(report: Report, client: str = "raw") -> list[tuple[Any, ...]]:
    """What a client was told of each of its records: offset, or code and outcome."""
    return [
        (event.offset,) if isinstance(event, RecordAcknowledged) else (Code(event.code).name, event.outcome)
        for event in report.trace
        if isinstance(event, RecordAcknowledged | RecordFailed) and event.client == client
    ]


def identities(report: Report, client: str) -> list[tuple[int, int, int]]:
    return [one[-6:-3] for one in told(report, BatchSent) if one.client == client]


def test_it_is_told_the_offset_of_each_record_and_everybody_reads_them() -> None:
    report = played(IN_BETWEEN.write("orders-0", records=3))

    assert answer(report) == [(3,), (4,), (5,)]
    assert [one.value for one in told(report, RecordRead)][3:6] == [b"raw-1", b"raw-2", b"raw-3"]
    assert [one.sent for one in report.clients if one.client == "raw"] == [3]
    assert report.exit_code == 0


def test_its_next_request_numbers_its_records_on_and_another_name_begins_anew() -> None:
    report = played(
        IN_BETWEEN.write("orders-0", records=2),
        IN_BETWEEN.write("orders-0"),
        IN_BETWEEN.write("orders-0", client="other"),
    )

    values = [one.value for one in told(report, RecordRead) if one.key is None]
    assert {*values} == {b"raw-1", b"raw-2", b"raw-3", b"other-1"}


def test_the_run_is_the_same_for_everybody_else_until_it_writes() -> None:
    alone, together = played(), played(IN_BETWEEN.write("orders-0"))

    before = next(place for place, one in enumerate(together.trace) if isinstance(one, FaultInjected))
    assert alone.trace.events[:before] == together.trace.events[:before]


@pytest.mark.parametrize(
    "line, said",
    [
        ("write orders-0 to b1", (3,)),
        ("write orders-0 to b2", ("NOT_LEADER_OR_FOLLOWER", "unknown")),
        ("write orders-0, acks 1", (3,)),
        ("write orders-0, acks 0", (-1,)),
        ("write orders-0, id 7000 sequence 5", (3,)),
        ("write orders-0, of producer-1", (3,)),
        ("write orders-0, of producer-1 sequence 2", (2,)),
        ("write orders-0, of producer-1 sequence 2, x2", ("OUT_OF_ORDER_SEQUENCE_NUMBER", "failed")),
        ("write orders-0, of producer-1 sequence 4", ("OUT_OF_ORDER_SEQUENCE_NUMBER", "failed")),
        ("write orders-0, of producer-1 epoch 1", (3,)),
        ("write orders-0, of producer-1 epoch 1 sequence 3", ("OUT_OF_ORDER_SEQUENCE_NUMBER", "failed")),
    ],
)
def test_it_is_told_what_the_broker_says(line: str, said: tuple[Any, ...]) -> None:
    assert answer(played(parse_entry(f"after PhaseEnded#1 +100ms: {line}")))[0] == said


@pytest.mark.parametrize(
    "fault, said, is_there",
    [
        ("crash b1", ("NETWORK_EXCEPTION", "failed"), False),
        ("cut raw -> b1", ("REQUEST_TIMED_OUT", "failed"), False),
        ("lose Produce orders-0 x1 to b1 then stall", ("REQUEST_TIMED_OUT", "unknown"), False),
        ("drop Produce orders-0 x1 by b1 then reset", ("NETWORK_EXCEPTION", "unknown"), True),
        ("answer Produce orders-0 REQUEST_TIMED_OUT x1 by b1 after append", ("REQUEST_TIMED_OUT", "unknown"), True),
        (
            "answer Produce orders-0 TOPIC_AUTHORIZATION_FAILED x1 by b1",
            ("TOPIC_AUTHORIZATION_FAILED", "failed"),
            False,
        ),
    ],
)
def test_it_is_told_how_it_went_without_an_answer_and_no_more_than_that(
    fault: str, said: tuple[str, str], *, is_there: bool
) -> None:
    # Its first write goes nowhere, but makes its host known, so that it can be cut off.
    unheard = after(phase_ended(1)).write("orders-0", to="b2")
    report = played(unheard, parse_entry(f"after PhaseEnded#1 +50ms: {fault}"), IN_BETWEEN.write("orders-0", to="b1"))

    assert answer(report) == [("NOT_LEADER_OR_FOLLOWER", "unknown"), said]
    assert [one.value for one in told(report, RecordRead) if one.key is None] == ([b"raw-2"] if is_there else [])
    assert not report.violated


def test_a_run_waits_for_its_answer() -> None:
    last = after(phase_ended(2))
    report = run(
        replace(STORY, schedule=(last.lose_request(to="b1"), last.write("orders-0"))),
    )

    assert answer(report) == [("REQUEST_TIMED_OUT", "unknown")]


def test_what_it_takes_of_an_application_is_its_id_its_epoch_and_what_is_due() -> None:
    report = played(IN_BETWEEN.write("orders-0", of="producer-1"))

    (own,) = {(one.producer_id, one.producer_epoch) for one in told(report, IdentityAssigned)}
    assert identities(report, "raw") == [(*own, OWN)]
    assert told(report, FaultInjected)[0].fault == f"write orders-0 to b1, id {own[0]} epoch {own[1]} sequence {OWN}"


def test_a_life_that_is_named_is_the_one_that_is_meant_else_the_latest() -> None:
    moment = after(started("billing.2")).wait(SECOND_US)
    report = run(
        replace(
            ALONE,
            applications=(replace(BILLING, new_life="begins anew"),),
            schedule=(
                after(acknowledged(1)).replace("billing"),
                moment.write("orders-0", client="first", of="billing.1"),
                moment.write("orders-0", client="latest", of="billing"),
            ),
        )
    )

    ids = {one.client: one.producer_id for one in told(report, IdentityAssigned)}
    assert [identities(report, one)[0][0] for one in ("first", "latest")] == [ids["billing"], ids["billing.2"]]


def test_requests_of_one_instant_under_one_id_are_in_sequence() -> None:
    report = played(*(IN_BETWEEN.write("orders-0", producer_id=7_000, records=2) for _ in range(3)))

    assert identities(report, "raw") == [(7_000, 0, 0), (7_000, 0, 2), (7_000, 0, 4)]
    assert not report.violated


def test_what_follows_the_last_sequence_there_is_is_the_first() -> None:
    report = played(
        IN_BETWEEN.write("orders-0", producer_id=7_000, sequence=2**31 - 2, records=2),
        IN_BETWEEN.wait(50_000).write("orders-0", producer_id=7_000),
    )

    assert identities(report, "raw") == [(7_000, 0, 2**31 - 2), (7_000, 0, 0)]
    assert answer(report) == [(3,), (4,), (5,)]


@pytest.mark.parametrize(
    "line, why",
    [
        ("at 0s: write orders-0, of producer-1 if possible", "producer-1 has no producer id"),
        ("after PhaseEnded#1: write orders-0 as producer-1 if possible", "producer-1 is an application"),
        ("after PhaseEnded#1: write orders-0 as producer-1.2 if possible", "producer-1.2 is an application"),
        ("after PhaseEnded#1: write orders-0 as controller if possible", "somebody is called controller already"),
    ],
)
def test_it_is_refused_where_it_cannot_be(line: str, why: str) -> None:
    assert [one.reason for one in told(played(parse_entry(line)), FaultRefused)] == [why]


def test_nobody_leads_and_so_nobody_is_written_to_unless_a_broker_is_named() -> None:
    crashes = [after(phase_ended(1)).crash(f"b{broker}") for broker in (1, 2, 3)]
    moment = after(phase_ended(1)).wait(20 * SECOND_US)
    report = played(*crashes, moment.write("orders-0").if_possible(), moment.write("orders-0", to="b1"))

    assert [one.reason for one in told(report, FaultRefused)] == ["orders-0 has no leader"]
    assert answer(report) == [("NETWORK_EXCEPTION", "failed")]


# -- what it does to a producer ----------------------------------------------------------------------------------------


def test_a_foreign_batch_of_the_same_size_takes_the_place_of_the_producer_s_own() -> None:
    report = played(IN_BETWEEN.write("orders-0", of="producer-1"))

    assert {verdict.guarantee for verdict in report.violated} == {"lost", "misplaced"}
    assert [(one.client, one.record) for one in report.verdict("lost").findings] == [("producer-1", OWN + 1)]


def test_a_foreign_batch_of_another_size_costs_the_producer_its_epoch_and_no_record() -> None:
    report = played(IN_BETWEEN.write("orders-0", of="producer-1", records=2))

    assert not report.violated
    assert [one.producer_epoch for one in told(report, IdentityAssigned)][-1] == 1
    assert {one.code for one in told(report, ProduceAnswered)} == {0, Code.OUT_OF_ORDER_SEQUENCE_NUMBER}


def test_foreign_batches_push_the_producer_s_own_out_of_what_is_remembered_and_its_retry_is_written_again() -> None:
    lost_answer = after(phase_ended(1)).drop_response(by="b1", about="orders-0", then="stall")
    pushing = [
        after(acknowledged(OWN)).wait(SECOND_US + number * 10_000 + 500_000).write("orders-0", of="producer-1")
        for number in range(5)
    ]
    report = played(lost_answer, *pushing, max_in_flight_requests_per_connection="1", request_timeout_ms="3000")

    assert "duplicated" in {verdict.guarantee for verdict in report.violated}


def test_a_batch_whose_place_was_taken_in_pieces_while_it_was_refused_is_out_of_order_for_good() -> None:
    # Two records fill a batch: the second phase's first one is refused once, and the next one is taken behind the foreign two.
    two_a_batch = replace(STORY, workload=replace(STORY.workload, value_bytes=6_000))
    schedule = (
        IN_BETWEEN.write("orders-0", of="producer-1"),
        IN_BETWEEN.write("orders-0", of="producer-1"),
        after(phase_began(2)).answer("NOT_ENOUGH_REPLICAS", by="b1", about="orders-0"),
    )
    report = run(replace(two_a_batch, schedule=schedule))

    assert is_stuck(report.trace)
