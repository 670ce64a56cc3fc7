"""Retention: each replica removes by itself what is too old or too much, by whole segments. As Apache Kafka's UnifiedLog."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import fetch
from producer.wire.messages.list_offsets import EARLIEST, ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from sim.cluster.broker.log_directory import log_file
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import LogRestarted, LogStartAdvanced, SegmentsDeleted
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab, send_batch

SEGMENT_BYTES = 140
"""Two batches of one record each."""


def a_lab(**settings: Any) -> Lab:
    """A cluster that looks for old segments every second from its first second on."""
    settings.setdefault("internal_segment_bytes", SEGMENT_BYTES)
    return Lab(
        TopicConfig("orders", **settings),
        log_initial_task_delay_us=SECOND_US,
        log_retention_check_interval_us=SECOND_US,
    )


def write(lab: Lab, count: int, *, ahead_ms: int = 0) -> None:
    for number in range(count):
        now_ms = (lab.cluster.epoch_us + lab.world.now_us) // 1_000
        assert lab.client.produce(b"%d" % number, timestamp_ms=now_ms + ahead_ms).error_code == Code.NONE


def starts(lab: Lab) -> list[int]:
    found = []
    for broker in lab.cluster.brokers.values():
        assert broker.process is not None
        found.append(broker.process.partitions[ORDERS].log.start_offset)
    return found


def earliest(lab: Lab) -> int:
    wanted = ListOffsetsRequest(-1, 0, (ListOffsetsTopic("orders", (ListOffsetsPartition(0, -1, EARLIEST),)),))
    answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.LIST_OFFSETS, wanted, 7)
    offset: int = answer.topics[0].partitions[0].offset
    return offset


def fetched(lab: Lab, offset: int) -> Code:
    partition = fetch.FetchPartition(0, fetch_offset=offset, partition_max_bytes=1 << 20)
    wanted = fetch.FetchRequest(topics=(fetch.FetchTopic("orders", partitions=(partition,)),))
    answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.FETCH, wanted, 12)
    return Code(answer.responses[0].partitions[0].error_code)


def test_nothing_is_removed_before_it_is_old() -> None:
    lab = a_lab(retention_ms=10_000)
    write(lab, 5)

    lab.run(9)

    assert starts(lab) == [0, 0, 0]


def test_every_replica_removes_what_is_old_the_segment_that_is_written_to_as_well() -> None:
    lab = a_lab(retention_ms=3_000)
    write(lab, 5)

    lab.run(8)

    assert starts(lab) == [5, 5, 5]
    assert earliest(lab) == 5
    assert sorted({event.broker for event in lab.events(SegmentsDeleted, reason="retention.ms")}) == [1, 2, 3]
    assert [len(log_file(one.disk.directories[0], ORDERS).entries) for one in lab.cluster.brokers.values()] == [0, 0, 0]


def test_offsets_go_on_where_everything_was_removed() -> None:
    lab = a_lab(retention_ms=3_000)
    write(lab, 3)
    lab.run(8)

    now_ms = (lab.cluster.epoch_us + lab.world.now_us) // 1_000

    assert lab.client.produce(b"next", timestamp_ms=now_ms).base_offset == 3
    assert lab.client.read(offset=3) == [b"next"]


def test_a_record_ahead_of_its_time_keeps_its_segment_and_those_behind_it() -> None:
    lab = a_lab(retention_ms=3_000)
    write(lab, 2)
    write(lab, 1, ahead_ms=60_000)
    write(lab, 4)

    lab.run(8)

    assert starts(lab) == [2, 2, 2]


def test_the_oldest_segments_go_as_long_as_enough_is_left() -> None:
    lab = a_lab(retention_bytes=2 * SEGMENT_BYTES)
    write(lab, 9)

    lab.run(3)

    # Five segments of two batches, of 69 bytes each, and the last of one: 280 bytes stay, and whatever is part of a segment with them.
    assert starts(lab) == [4, 4, 4]
    assert [event.reason for event in lab.events(SegmentsDeleted)] == ["retention.bytes"] * 3


def test_whoever_reads_what_was_removed_is_told_that_it_is_out_of_range() -> None:
    lab = a_lab(retention_bytes=2 * SEGMENT_BYTES)
    write(lab, 9)
    lab.run(3)

    assert fetched(lab, 3) is Code.OFFSET_OUT_OF_RANGE
    assert fetched(lab, 4) is Code.NONE


def test_nothing_is_removed_above_the_high_watermark() -> None:
    lab = a_lab(retention_ms=3_000, min_insync_replicas=1)
    write(lab, 2)
    leader = lab.cluster.leader_of(ORDERS)
    for follower in lab.cluster.followers_of(ORDERS):
        lab.cluster.pause(follower)
    connection = lab.client.connect(leader)
    now_ms = (lab.cluster.epoch_us + lab.world.now_us) // 1_000
    for _ in range(4):
        send_batch(connection, b"x", acks=1, timestamp_ms=now_ms)
    lab.run(7)

    process = lab.cluster.brokers[leader].process
    assert process is not None
    log = process.partitions[ORDERS].log
    assert (log.high_watermark, log.start_offset, log.end_offset) == (2, 2, 6)


def test_a_follower_that_is_far_behind_begins_where_its_leaders_log_begins() -> None:
    lab = a_lab(retention_bytes=2 * SEGMENT_BYTES)
    late = lab.cluster.followers_of(ORDERS)[0]
    lab.cluster.crash(late)
    write(lab, 9)
    lab.run(3)

    lab.cluster.restart(late)
    assert lab.settle()
    lab.run(3)

    (restarted,) = lab.events(LogRestarted)
    assert (restarted.broker, restarted.at_offset, restarted.from_offset) == (late, 4, 0)
    assert starts(lab) == [4, 4, 4]
    lab.cluster.move_leader(ORDERS, late)
    lab.run(1)
    assert lab.client.read(offset=4) == [b"%d" % number for number in range(4, 9)]


def test_a_start_is_found_again_after_a_crash_without_being_written_down() -> None:
    lab = a_lab(retention_bytes=2 * SEGMENT_BYTES)
    write(lab, 9)
    lab.run(3)
    for broker in lab.cluster.brokers:
        lab.cluster.crash(broker)
    for broker in lab.cluster.brokers:
        lab.cluster.restart(broker)

    assert lab.settle()
    assert starts(lab) == [4, 4, 4]
    assert earliest(lab) == 4


def test_a_setting_that_is_altered_holds_from_the_next_look_on() -> None:
    lab = a_lab()
    write(lab, 5)
    lab.run(5)
    assert starts(lab) == [0, 0, 0]

    lab.cluster.alter_topic("orders", "retention.ms", "2000")
    lab.run(2)

    assert starts(lab) == [5, 5, 5]


def test_bytes_before_the_start_go_with_the_next_look() -> None:
    lab = a_lab()
    write(lab, 9)
    for broker in lab.cluster.brokers.values():
        assert broker.process is not None
        broker.process.partitions[ORDERS].advance_start(5, "records deleted")

    lab.run(3)

    files = [log_file(one.disk.directories[0], ORDERS) for one in lab.cluster.brokers.values()]
    assert [file.bases[0] for file in files] == [4, 4, 4]
    assert {event.reason for event in lab.events(SegmentsDeleted)} == {"before the log's start"}
    assert {event.log_start_offset for event in lab.events(LogStartAdvanced)} == {5}


def test_partitions_keep_their_own() -> None:
    lab = Lab(
        TopicConfig("orders", internal_segment_bytes=SEGMENT_BYTES, retention_ms=2_000),
        TopicConfig("payments", internal_segment_bytes=SEGMENT_BYTES),
        log_initial_task_delay_us=SECOND_US,
        log_retention_check_interval_us=SECOND_US,
    )
    payments = TopicPartition("payments", 0)
    now_ms = (lab.cluster.epoch_us + lab.world.now_us) // 1_000
    for tp in (ORDERS, payments):
        lab.client.produce(b"x", tp=tp, timestamp_ms=now_ms)

    lab.run(6)

    assert lab.client.read(payments) == [b"x"]
    assert starts(lab) == [1, 1, 1]
