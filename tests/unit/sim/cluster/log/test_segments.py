"""Segments: when a log begins another one, and that a log reads the same however many it has. As Apache Kafka's LogSegment."""

from __future__ import annotations

import pytest

from producer.errors import Code
from producer.wire.record_batch import encode_batch, read_header, stamp_offsets
from sim.cluster.broker.log_file import LogFile
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import LogFlushed, SegmentRolled
from tests.unit.sim.raw_client import Lab

ONE_RECORD_BYTES = 69
"""A batch of one record with the value `v`."""


def a_log(**settings: int | tuple[str, ...]) -> PartitionLog:
    log = PartitionLog(LogFile(), high_watermark=0)
    log.reconfigure(TopicConfig("orders", **settings))  # type: ignore[arg-type]
    return log


def write(log: PartitionLog, *timestamps_ms: int, epoch: int = 0) -> None:
    """Append a batch of one record for each of these times."""
    for timestamp_ms in timestamps_ms:
        batch = encode_batch(
            [(None, b"v", (), timestamp_ms)], producer_id=7, producer_epoch=0, base_sequence=log.end_offset
        )
        data = stamp_offsets(batch, base_offset=log.end_offset, partition_leader_epoch=epoch)
        assert len(data) == ONE_RECORD_BYTES
        log.append(read_header(data), data, epoch)


def test_a_segment_is_closed_before_it_is_larger_than_it_may_be() -> None:
    log = a_log(internal_segment_bytes=3 * ONE_RECORD_BYTES)

    write(log, *range(7))

    assert log.file.bases == [0, 3, 6]
    assert [segment.size_bytes for segment in log.segments] == [207, 207, 69]


def test_a_segment_is_closed_by_the_first_record_that_is_too_young_for_it() -> None:
    log = a_log(segment_ms=100)

    write(log, 1_000, 1_100, 1_101, 1_050, 1_201, 1_202)

    assert log.file.bases == [0, 2, 5]


def test_age_is_told_by_records_and_not_by_the_clock_of_whoever_appends() -> None:
    log = a_log(segment_ms=100)

    write(log, 5_000, 10, 4_000)

    assert log.file.bases == [0]


def test_what_is_to_be_compacted_within_some_time_is_closed_within_it() -> None:
    log = a_log(cleanup_policy=("compact",), max_compaction_lag_ms=50)

    write(log, 0, 50, 51)

    assert log.file.bases == [0, 2]


@pytest.mark.parametrize(
    ("index_bytes", "bases"),
    [
        # The second batch and every other behind it is indexed, of 12 bytes in the index of times, one of which is kept free.
        (36, [0, 5]),
        (24, [0, 3, 6]),
    ],
)
def test_a_segment_is_closed_when_its_index_is_full(index_bytes: int, bases: list[int]) -> None:
    log = a_log(segment_index_bytes=index_bytes, index_interval_bytes=ONE_RECORD_BYTES)

    write(log, *range(7))

    assert log.file.bases == bases


def test_settings_that_are_altered_hold_for_what_is_appended_next() -> None:
    log = a_log()
    write(log, 0, 1, 2)

    log.reconfigure(TopicConfig("orders", internal_segment_bytes=ONE_RECORD_BYTES))
    write(log, 3, 4)

    assert log.file.bases == [0, 3, 4]


def test_a_log_reads_the_same_across_its_segments() -> None:
    whole, in_parts = a_log(), a_log(internal_segment_bytes=2 * ONE_RECORD_BYTES)
    for log in (whole, in_parts):
        write(log, *range(9))

    for offset in range(10):
        assert in_parts.read(offset, up_to_offset=9, bytes_max=300) == whole.read(offset, up_to_offset=9, bytes_max=300)


def test_a_log_that_is_opened_again_goes_on_in_its_last_segment() -> None:
    log = a_log(internal_segment_bytes=3 * ONE_RECORD_BYTES)
    write(log, *range(5))

    again = PartitionLog(log.file, high_watermark=5)
    again.reconfigure(TopicConfig("orders", internal_segment_bytes=3 * ONE_RECORD_BYTES))
    write(again, 5, 6)

    assert again.file.bases == [0, 3, 6]


@pytest.mark.parametrize(
    ("to_offset", "bases"), [(7, [0, 3, 6]), (6, [0, 3, 6]), (5, [0, 3]), (3, [0, 3]), (1, [0]), (0, [0])]
)
def test_a_cut_takes_the_segments_behind_it(to_offset: int, bases: list[int]) -> None:
    log = a_log(internal_segment_bytes=3 * ONE_RECORD_BYTES)
    write(log, *range(8))

    log.truncate(to_offset)

    assert (log.file.bases, log.end_offset) == (bases, to_offset)


def test_producers_are_known_by_batches_that_were_removed_long_ago() -> None:
    log = a_log(internal_segment_bytes=2 * ONE_RECORD_BYTES)
    write(log, *range(6))
    known = log.producers.remembered(7)

    log.high_watermark = 6
    log.advance_start(6)
    log.roll(6)
    log.remove_segments_before(6)
    again = PartitionLog(log.file, high_watermark=6)

    assert (again.start_offset, again.end_offset, again.last_epoch) == (6, 6, 0)
    assert again.producers.remembered(7) == known


def test_epochs_that_ended_before_the_log_begins_are_forgotten() -> None:
    log = a_log()
    for epoch in (0, 1, 3):
        write(log, 0, 0, epoch=epoch)

    log.high_watermark = 6
    log.advance_start(3)

    assert log.epoch_at_start == 1
    assert log.end_of_epoch(0) == (0, 3)
    assert log.end_of_epoch(1) == (1, 4)


def test_a_rolled_segment_is_flushed_at_once_on_every_replica() -> None:
    lab = Lab(TopicConfig("orders", internal_segment_bytes=200))
    lab.client.produce(b"a")
    lab.client.produce(b"b")

    lab.client.produce(b"c" * 100)
    lab.run(1)

    assert sorted((event.broker, event.base_offset) for event in lab.events(SegmentRolled)) == [(1, 2), (2, 2), (3, 2)]
    assert sorted(event.broker for event in lab.events(LogFlushed)) == [1, 2, 3]


def test_a_batch_that_no_segment_can_hold_is_refused() -> None:
    lab = Lab(TopicConfig("orders", internal_segment_bytes=200))

    assert lab.client.produce(b"x" * 300).error_code == Code.RECORD_LIST_TOO_LARGE
    assert lab.client.produce(b"x").error_code == Code.NONE
