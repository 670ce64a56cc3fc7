"""A cleaner among everything else that happens to a log: crashes, cuts, new leaders, readers. As Kafka's LogCleanerManager, LogLoader."""

from __future__ import annotations

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.list_offsets import ListOffsetsPartition, ListOffsetsRequest, ListOffsetsTopic
from producer.wire.record_batch import encode_batch
from sim.cluster.broker.broker import DiskLoss
from sim.cluster.broker.log_cleaner import LogCleaner
from sim.cluster.broker.log_directory import CLEANER_FILE
from sim.trace.events import LogRestarted, SegmentsCleaned
from sim.world.units import SECOND_US
from tests.unit.sim.cluster.log.compacted import CompactedLab
from tests.unit.sim.group_client import OFFSETS, GroupLab
from tests.unit.sim.raw_client import ORDERS, Lab

FOLLOWER_ALONE = {"log_flush_interval_us": 3_600 * SECOND_US}
"""Nothing reaches a disk but what somebody flushes: a segment that is closed, one that was cleaned."""


def cleaner_of(lab: Lab, broker: int) -> LogCleaner:
    process = lab.cluster.brokers[broker].process
    assert process is not None
    return process.replicas.cleaner


def checkpoint(lab: Lab, broker: int) -> int | None:
    file = lab.cluster.brokers[broker].disk.directories[0].files.get(CLEANER_FILE)
    found: int | None = None if file is None else file.entries[0].get(ORDERS)
    return found


def test_nobody_looks_where_nothing_is_compacted() -> None:
    lab = Lab(log_cleaner_backoff_us=SECOND_US)
    before = [cleaner_of(lab, broker)._is_armed for broker in lab.cluster.brokers]

    lab.cluster.alter_topic("orders", "cleanup.policy", "compact")
    lab.run(0.1)
    meanwhile = [cleaner_of(lab, broker)._is_armed for broker in lab.cluster.brokers]
    lab.cluster.alter_topic("orders", "cleanup.policy", "delete")
    lab.run(2)

    assert before == [False] * 3
    assert meanwhile == [True] * 3
    assert [cleaner_of(lab, broker)._is_armed for broker in lab.cluster.brokers] == [False] * 3


def test_a_crash_in_the_middle_leaves_segments_whole_or_cleaned_and_the_next_life_goes_on() -> None:
    lab = CompactedLab(lab=FOLLOWER_ALONE)
    lab.put_in_turn(9)
    follower = lab.cluster.followers_of(ORDERS)[0]
    swapped = lab.run_to(SegmentsCleaned, broker=follower)

    lab.cluster.crash(follower, DiskLoss.UNFLUSHED_LOST)
    left = [record.offset for record in lab.held(follower)]
    not_told = checkpoint(lab, follower)
    lab.cluster.restart(follower)
    assert lab.settle()
    lab.run(3)

    assert (swapped.from_offset, swapped.to_offset) == (0, 2)
    assert left[:4] == [2, 3, 4, 5]
    assert not_told is None
    assert [record.offset for record in lab.held(follower)] == [6, 7, 8]
    assert checkpoint(lab, follower) == 8
    assert lab.watch.look()


def test_what_was_cleaned_is_on_the_disk_and_is_not_cleaned_again_by_the_next_life() -> None:
    lab = CompactedLab(lab=FOLLOWER_ALONE)
    lab.put_in_turn(9)
    lab.run(3)
    follower = lab.cluster.followers_of(ORDERS)[0]
    rounds = len(lab.cleaned(broker=follower))

    lab.cluster.crash(follower, DiskLoss.UNFLUSHED_LOST)
    lab.cluster.restart(follower)
    assert lab.settle()
    lab.run(3)

    assert [record.offset for record in lab.held(follower)] == [6, 7, 8]
    assert len(lab.cleaned(broker=follower)) == rounds


def test_a_new_replica_copies_a_compacted_log_with_its_gaps_and_leads_with_it() -> None:
    lab = CompactedLab()
    follower = lab.cluster.followers_of(ORDERS)[0]
    for sequence in range(3):
        lab.put(b"p", b"%d" % sequence, producer_id=7, producer_epoch=0, base_sequence=sequence)
    lab.put_in_turn(9)
    lab.run(3)
    lab.cluster.crash(follower, DiskLoss.WIPED)
    lab.run(1)

    lab.cluster.restart(follower)
    assert lab.settle()
    lab.run(2)
    lab.cluster.move_leader(ORDERS, follower)
    lab.run(1)

    assert lab.offsets()[follower - 1] == [2, 9, 10, 11]
    assert [record.offset for record in lab.client.read_records(broker=follower)] == [2, 9, 10, 11]
    batch = encode_batch([(b"p", b"x", (), lab.now_ms)], producer_id=7, producer_epoch=0, base_sequence=3)
    assert lab.client.produce(records=batch).base_offset == 12
    assert lab.watch.look()


def test_reading_goes_on_behind_a_gap() -> None:
    lab = CompactedLab()
    lab.put_in_turn(9)
    lab.run(3)

    found = [[record.offset for record in lab.client.read_records(offset=offset)] for offset in (0, 3, 6, 7, 9)]

    assert found == [[6, 7, 8], [6, 7, 8], [6, 7, 8], [7, 8], []]


def test_a_time_is_found_behind_a_gap() -> None:
    lab = CompactedLab()
    first_ms = lab.now_ms
    lab.put_in_turn(9)
    lab.run(3)

    def offset_at(time_ms: int) -> int:
        wanted = ListOffsetsRequest(-1, 0, (ListOffsetsTopic("orders", (ListOffsetsPartition(0, -1, time_ms),)),))
        answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.LIST_OFFSETS, wanted, 7)
        offset: int = answer.topics[0].partitions[0].offset
        return offset

    assert offset_at(first_ms) == 6
    assert offset_at(lab.held(1)[1].timestamp_ms) == 7
    assert offset_at(lab.now_ms) == -1


def test_a_time_of_the_append_is_found_at_a_record_that_is_left() -> None:
    lab = CompactedLab(timestamp_type="LogAppendTime", internal_segment_bytes=300)
    first_ms = lab.now_ms
    batch = encode_batch([(b"k%d" % number, b"x", (), first_ms) for number in range(3)])
    assert lab.client.produce(records=batch).error_code == Code.NONE
    for _ in range(4):
        lab.put(b"k0", b"y")
        lab.put(b"k1", b"y")
    lab.run(3)
    wanted = ListOffsetsRequest(-1, 0, (ListOffsetsTopic("orders", (ListOffsetsPartition(0, -1, first_ms),)),))

    answer = lab.client.connect(lab.cluster.leader_of(ORDERS)).call(ApiKey.LIST_OFFSETS, wanted, 7)

    assert next(record.offset for record in lab.held(1)) == 2
    assert answer.topics[0].partitions[0].offset == 2


def test_a_log_that_is_cut_in_the_middle_of_a_round_is_left_alone_and_what_comes_instead_is_dirty() -> None:
    # Only an election that loses what is committed cuts so far back: the invariants say that nobody held one.
    lab = CompactedLab(lab={"is_harmed": True})
    lab.put_in_turn(9)
    follower = lab.cluster.followers_of(ORDERS)[0]
    process = lab.cluster.brokers[follower].process
    assert process is not None
    lab.run_to(SegmentsCleaned, broker=follower)

    process.partitions[ORDERS].truncate(3, "a test")
    process.replicas.release_all()
    lab.run(3)

    first, second, *_ = lab.cleaned(broker=follower)
    assert (first.from_offset, first.to_offset) == (0, 2)
    # Its round went no further; the next one began at the beginning, with what was copied anew.
    assert (second.from_offset, second.began_ms > first.began_ms) == (0, True)
    assert [record.offset for record in lab.held(follower)] == [6, 7, 8]


def test_what_was_cleaned_is_known_no_further_than_where_a_log_was_cut() -> None:
    lab = CompactedLab(lab={"is_harmed": True})
    lab.put_in_turn(9)
    lab.run(3)
    follower = lab.cluster.followers_of(ORDERS)[0]
    process = lab.cluster.brokers[follower].process
    assert process is not None
    before = checkpoint(lab, follower)

    process.partitions[ORDERS].truncate(7, "a test")

    assert (before, checkpoint(lab, follower)) == (8, 7)


def test_a_follower_far_behind_begins_where_a_compacted_log_begins() -> None:
    lab = CompactedLab(cleanup_policy=("compact", "delete"), retention_bytes=150)
    late = lab.cluster.followers_of(ORDERS)[0]
    lab.cluster.crash(late)
    for number in range(13):
        lab.put(b"k%d" % number, b"x")
    lab.run(3)

    lab.cluster.restart(late)
    assert lab.settle()
    lab.run(3)

    assert [event.broker for event in lab.events(LogRestarted)] == [late]
    assert len({tuple(offsets) for offsets in lab.offsets()}) == 1
    assert lab.watch.look()


def test_positions_of_groups_are_compacted_and_the_next_coordinator_finds_the_last() -> None:
    lab = GroupLab(log_cleaner_backoff_us=SECOND_US)
    lab.cluster.alter_topic(OFFSETS, "segment.ms", "1")
    lab.cluster.alter_topic(OFFSETS, "min.cleanable.dirty.ratio", "0")
    lab.run(0.5)
    for offset in range(12):
        assert lab.commit(offset) == Code.NONE
        lab.run(0.1)
    lab.run(3)

    lab.cluster.crash(lab.coordinator)
    line = lab.loaded(broker=lab.coordinator % 3 + 1)

    assert {event.topic for event in lab.events(SegmentsCleaned)} == {OFFSETS}
    assert sum(len(event.removed) for event in lab.events(SegmentsCleaned, broker=lab.coordinator)) >= 9
    assert lab.position(line) == (Code.NONE, 11)
    assert lab.watch.look()


def test_partitions_are_cleaned_one_after_the_other_the_dirtiest_first() -> None:
    lab = CompactedLab(partitions=2)
    payments = TopicPartition("orders", 1)
    for number in range(5):
        batch = encode_batch([(b"k0", b"%d" % number, (), lab.now_ms)])
        assert lab.client.produce(records=batch).error_code == Code.NONE
        assert lab.client.produce(records=batch, tp=payments).error_code == Code.NONE
    lab.run(3)

    rounds = [(event.at_us, event.partition) for event in lab.cleaned(broker=1)]

    assert rounds == sorted(rounds)
    assert {partition for _, partition in rounds} == {0, 1}
