"""What each story tells beyond its verdict: which records, on which replicas, and what remedy helps."""

from dataclasses import replace

import pytest

from producer.errors import Code
from producer.events import BatchSent, ConnectionLost, MetadataLearned
from sim.faults import leader, parse_fault
from sim.faults.points import appended, phase_ended, sent
from sim.faults.words import after, at
from sim.judges.verdict import State
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.stories.workload import KeyValue, Workload
from sim.trace.events import (
    BatchDeduplicated,
    CorruptBatchFetched,
    LeaderElected,
    ProduceAnswered,
    ReaderEnded,
    RecordFailed,
    RecordRead,
    RecordSent,
    SegmentsCleaned,
)
from sim.world.network.outbox import SocketBuffers
from sim.world.units import SECOND_US


def lost_records(name: str, **properties: str) -> list[int]:
    report = run(load(name), properties={key.replace("_", "."): value for key, value in properties.items()})
    return [finding.record for finding in report.verdict("lost").findings]


def test_a_compacted_topic_gives_the_last_value_of_every_key_though_its_leader_dies_while_cleaning() -> None:
    report = run(load("last_value_of_each_key"))

    last_sent = {event.key: event.value for event in report.trace if isinstance(event, RecordSent)}
    last_read = {event.key: event.value for event in report.trace if isinstance(event, RecordRead)}
    assert last_read == last_sent
    assert {event.broker for event in report.trace if isinstance(event, SegmentsCleaned)} == {1, 2, 3}


def test_acks_one_loses_exactly_the_second_half() -> None:
    assert lost_records("acks_one_leader_crash") == list(range(16, 31))


def test_acks_one_loses_what_only_the_dead_leader_had() -> None:
    finding = run(load("acks_one_leader_crash")).verdict("lost").findings[0]

    assert [(replica.broker, replica.state) for replica in finding.replicas] == [
        (1, "truncated"), (2, "never had"), (3, "never had"),
    ]  # fmt: skip


def test_acks_all_through_the_same_crash_delivers_every_record() -> None:
    report = run(load("acks_one_leader_crash"), properties={"acks": "all"})

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.read == 30


def test_follower_is_elected_seven_to_ten_seconds_after_the_crash() -> None:
    report = run(load("acks_one_leader_crash"))

    crashed = next(event for event in report.trace if type(event).__name__ == "BrokerCrashed")
    elected = next(event for event in report.trace if isinstance(event, LeaderElected) and event.at_us > crashed.at_us)
    assert 7 * SECOND_US <= elected.at_us - crashed.at_us <= 10 * SECOND_US


def test_without_the_wait_the_first_batch_survives_and_the_rest_is_lost() -> None:
    lost = lost_records("acks_one_leader_crash_without_wait")

    assert lost == list(range(lost[0], 31))
    assert 16 < lost[0] < 30


def test_acks_zero_tells_the_application_that_all_is_well() -> None:
    report = run(load("acks_zero_lost_connection"))

    assert report.counts.acknowledged == report.counts.sent
    assert report.counts.read < report.counts.sent


def test_with_acks_zero_a_leader_that_stands_still_costs_what_two_kernels_hold_and_the_rest_goes_to_the_next_one() -> (
    None
):
    still = replace(
        load("acks_zero_lost_connection"),
        workload=Workload(records=100, value_bytes=9_000),
        schedule=(after(sent(5)).pause(leader("orders-0")),),
        repairs_after_us=45 * SECOND_US,
    )

    report = run(still)

    lost_bytes = sum(9_000 for _ in report.verdict("lost").findings)
    kernels = SocketBuffers()
    assert 0 < lost_bytes <= kernels.send_bytes + kernels.receive_bytes
    assert "a request timed out" in [event.reason for event in report.trace if isinstance(event, ConnectionLost)]


def test_a_cut_log_takes_its_last_batches_from_all_three_replicas_because_its_broker_is_trusted() -> None:
    report = run(load("segment_cut_short"))

    findings = report.verdict("lost").findings
    assert [finding.record for finding in findings] == [7, 8, 9, 10]
    assert {(replica.broker, replica.state) for finding in findings for replica in finding.replicas} == {
        (1, "truncated"), (2, "truncated"), (3, "truncated"),
    }  # fmt: skip


def test_one_honest_disk_of_three_saves_the_records_only_where_its_broker_is_the_one_elected() -> None:
    scenario = load("disks_that_lie")
    two_lie = at(0).unsync_log("orders-0", on="b1,b2")

    reports = [run(replace(scenario, schedule=(two_lie, scenario.schedule[1])), seed) for seed in range(5)]

    lost = [len(report.verdict("lost").findings) for report in reports]
    led_by = [[event.leader for event in report.trace if isinstance(event, LeaderElected)][-1] for report in reports]
    assert lost == [0 if leader == 3 else 20 for leader in led_by]
    assert {0, 20} == set(lost)


def test_what_a_lone_leader_acknowledged_is_lost_and_what_waited_for_all_replicas_is_not() -> None:
    assert lost_records("acks_one_below_min_isr") == list(range(11, 21))
    assert lost_records("acks_one_below_min_isr", acks="all") == []


def test_a_request_that_was_given_up_comes_back_behind_the_next_one() -> None:
    report = run(load("held_request_returns"))

    read = [event.value.rstrip(b".") for event in report.trace if isinstance(event, RecordRead) and event.value]
    assert read == [b"value-0", b"value-1", b"value-2", b"value-1"]


def test_idempotence_recognises_a_request_that_comes_back() -> None:
    report = run(load("held_request_returns"), properties={"enable.idempotence": "true"})

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.read == 3
    assert any(isinstance(event, BatchDeduplicated) for event in report.trace)


def test_lost_answer_repeats_nothing_but_the_batch_whose_answer_was_lost() -> None:
    report = run(load("lost_ack_duplicate"))

    assert [finding.record for finding in report.verdict("duplicated").findings] == [1]


def test_idempotence_lets_the_broker_recognise_the_retry() -> None:
    report = run(load("lost_ack_duplicate"), properties={"enable.idempotence": "true"})

    assert report.exit_code == 0
    assert any(isinstance(event, BatchDeduplicated) for event in report.trace)


def test_a_deposed_leader_is_believed_after_a_rebootstrap_and_the_last_record_is_there_twice() -> None:
    report = run(load("rebootstrap_believes_a_deposed_leader"))

    read = [event.value for event in report.trace if isinstance(event, RecordRead)]
    assert read == [b"value-0", b"value-1", b"value-2", b"value-3", b"value-4", b"value-4"]
    assert report.counts.acknowledged == report.counts.sent == 5


def test_a_zombie_leader_keeps_a_record_for_the_whole_of_its_life_although_two_brokers_serve() -> None:
    for seed in range(5):
        trace = run(load("zombie_leader_traps_producer"), seed).trace

        (failed,) = [event for event in trace if isinstance(event, RecordFailed)]
        (given,) = [event for event in trace if isinstance(event, RecordSent) and event.record == failed.record]
        attempts = [event for event in trace if isinstance(event, BatchSent) and event.batch == 2]
        meanwhile = [event for event in trace if given.at_us < event.at_us < failed.at_us]
        answers = [event for event in meanwhile if isinstance(event, ProduceAnswered)]
        elected = [event for event in trace if isinstance(event, LeaderElected)][-1]
        assert failed.at_us - given.at_us == 120 * SECOND_US
        assert (failed.code, failed.outcome) == (Code.REQUEST_TIMED_OUT, "unknown")
        assert [event.broker for event in attempts] == [1] * 4
        assert [(event.broker, event.code) for event in answers] == [(1, Code.REQUEST_TIMED_OUT)] * 3
        assert not [event for event in meanwhile if isinstance(event, MetadataLearned)]
        assert elected.leader != 1
        assert elected.at_us < given.at_us


def test_what_a_zombie_leader_acknowledges_alone_is_lost() -> None:
    assert lost_records("zombie_leader_traps_producer", acks="1") == [2, 3]


@pytest.mark.parametrize(
    "remedy", [{"acklab.remember.leaders": "true"}, {"metadata.recovery.strategy": "none"}], ids=str
)
def test_who_remembers_leaders_or_does_not_begin_again_believes_no_deposed_leader(remedy: dict[str, str]) -> None:
    report = run(load("rebootstrap_believes_a_deposed_leader"), properties=remedy)

    assert report.exit_code == 0
    assert report.counts.acknowledged == report.counts.read == 5


@pytest.mark.parametrize(
    "remedy", [{"max.in.flight.requests.per.connection": "1"}, {"enable.idempotence": "true"}], ids=str
)
def test_one_request_in_flight_or_idempotence_keeps_the_order(remedy: dict[str, str]) -> None:
    assert run(load("pipelined_retry_reorder"), properties=remedy).exit_code == 0


def test_same_bad_week_without_idempotence_breaks_a_promise() -> None:
    report = run(load("default_config_survives_leader_moves"), properties={"enable.idempotence": "false"})

    assert "duplicated" in {verdict.guarantee for verdict in report.violated}


def test_hot_key_fills_one_partition() -> None:
    (topic,) = run(load("hot_key")).as_json()["topics"]

    fullest = max(topic["partitions"], key=lambda partition: partition["records"])
    assert topic["skew"] > 4
    assert fullest["share"] > 0.6
    assert fullest["hottest"][0]["key"] == "user-42"
    assert sum(partition["records"] for partition in topic["partitions"]) == 300


def test_salts_even_out_the_hot_key_at_the_price_of_its_order_alone() -> None:
    report = run(load("hot_key_salted"))

    (topic,) = report.as_json()["topics"]
    assert topic["skew"] <= 1.3
    assert {finding.key for finding in report.verdict("key order").findings} == {b"user-42"}


def test_a_composite_key_evens_out_the_hot_key_and_keeps_the_order_of_each_cart() -> None:
    report = run(load("hot_key_composite"))

    (topic,) = report.as_json()["topics"]
    assert topic["skew"] <= 1.3
    assert report.exit_code == 0


def test_round_robin_spreads_a_hot_key_evenly_and_gives_up_its_order() -> None:
    report = run(load("hot_key"), properties={"partitioner.class": "round_robin"})

    (topic,) = report.as_json()["topics"]
    assert {partition["records"] for partition in topic["partitions"]} == {50}
    assert report.verdict("key order").findings
    assert report.verdict("lost").findings == ()


def test_expansion_keeps_the_order_of_each_partition() -> None:
    report = run(load("partition_expansion_reorder"))

    assert report.verdict("reordered").state.value == "holds"
    assert report.verdict("key order").findings


def test_records_of_one_s_own_replace_the_story_s() -> None:
    records = [KeyValue(b"k%d" % number, b"\xff\x00 not text") for number in range(10)]

    report = run(load("acks_one_leader_crash"), records=records)

    assert report.counts.sent == 10
    assert [finding.key for finding in report.verdict("lost").findings] == [b"k5", b"k6", b"k7", b"k8", b"k9"]


def test_a_bad_batch_on_the_leaders_disk_stops_whoever_begins_to_read_and_nobody_else() -> None:
    report = run(load("flipped_bit_is_served"))

    assert report.counts.acknowledged == 10
    assert [finding.record for finding in report.verdict("misrouted").findings] == [4]
    assert [finding.record for finding in report.verdict("unread").findings] == list(range(4, 11))
    ended = {event.client: event for event in report.trace if isinstance(event, ReaderEnded)}
    assert (ended["audit"].position, ended["audit"].error) == (10, "")
    assert ended["consumer-1"].position == 3
    assert "orders-0: the batch at offset 3 is corrupt: CRC 0x" in ended["consumer-1"].error


@pytest.mark.parametrize(
    "then, misrouted", [("move orders-0 to b2", [4]), ("stop b1", [4]), ("crash b1", [])], ids=lambda one: str(one)[:5]
)
def test_who_leads_next_serves_a_batch_whole_and_only_a_crash_mends_the_log(then: str, misrouted: list[int]) -> None:
    scenario = load("flipped_bit_is_served")

    report = run(replace(scenario, schedule=(*scenario.schedule, after(phase_ended(2)).fault(parse_fault(then)))))

    assert report.verdict("unread").state is State.HOLDS
    assert [finding.record for finding in report.verdict("misrouted").findings] == misrouted


def test_a_batch_that_goes_bad_before_anybody_copied_it_stops_its_partition() -> None:
    scenario = load("flipped_bit_is_served")
    early = after(appended("orders-0", nth=4)).flip_bit("orders-0", on="b1", offset=3)

    report = run(replace(scenario, schedule=(early,)))

    assert report.counts.acknowledged == 3
    assert not report.is_settled
    assert {event.broker for event in report.trace if isinstance(event, CorruptBatchFetched)} == {2, 3}
    assert report.exit_code == 1
