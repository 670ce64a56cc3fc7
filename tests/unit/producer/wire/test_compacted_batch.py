"""What compaction leaves of a batch reads as the records that are left, where they were. As Kafka's MemoryRecords.filterTo."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.wire.compacted_batch import NO_HORIZON, compacted, delete_horizon_ms, emptied
from producer.wire.compression import Codec
from producer.wire.record_batch import check_crc, decode_records, encode_batch, read_header, stamp_log_append_time

RECORDS = [
    (b"a", b"1", (), 1_000),
    (b"b", None, (("h", None), ("é", b"x")), 900),
    (None, b"3" * 200, (), 70_000),
    (b"", b"", (), 1_000),
]


def a_batch(codec: Codec = Codec.NONE) -> bytes:
    return encode_batch(
        RECORDS,
        codec=codec,
        producer_id=7,
        producer_epoch=2,
        base_sequence=2**31 - 2,
        base_offset=40,
        partition_leader_epoch=3,
    )


@pytest.mark.parametrize("codec", Codec)
@given(kept=st.sets(st.integers(0, 3), min_size=1), horizon_ms=st.sampled_from((NO_HORIZON, 0, 999, 1 << 50)))
def test_records_that_are_left_are_what_they_were(codec: Codec, kept: set[int], horizon_ms: int) -> None:
    batch = a_batch(codec)
    header, records = read_header(batch), decode_records(batch)
    left = [records[place] for place in sorted(kept)]

    cleaned = compacted(header, left, horizon_ms=horizon_ms)

    now = read_header(cleaned)
    assert list(decode_records(cleaned)) == left
    assert (now.last_offset, now.last_sequence, now.codec) == (header.last_offset, header.last_sequence, codec)
    assert (now.base_offset, now.base_sequence, now.partition_leader_epoch) == (40, 2**31 - 2, 3)
    assert now.max_timestamp_ms == max(record.timestamp_ms for record in left)
    assert delete_horizon_ms(now) == horizon_ms


def test_a_batch_that_is_emptied_keeps_its_last_offset_sequence_and_time() -> None:
    header = read_header(a_batch(Codec.ZSTD))

    left = emptied(header)

    now = read_header(left)
    assert decode_records(left) == ()
    assert check_crc(left, 0, now)
    assert (now.record_count, now.last_offset, now.last_sequence) == (0, header.last_offset, header.last_sequence)
    assert (now.max_timestamp_ms, now.codec) == (header.max_timestamp_ms, Codec.NONE)
    assert emptied(now) == left


def test_the_time_of_the_append_stays_that_of_every_record() -> None:
    batch = stamp_log_append_time(a_batch(), 123_456)
    records = decode_records(batch)

    left = compacted(read_header(batch), records[1:2], horizon_ms=5)

    assert decode_records(left) == records[1:2]
    assert read_header(left).max_timestamp_ms == 123_456


def test_a_horizon_that_was_set_can_be_taken_for_another_batch() -> None:
    batch = a_batch()
    marked = compacted(read_header(batch), decode_records(batch), horizon_ms=77)

    left = compacted(read_header(marked), decode_records(marked)[:1])

    assert delete_horizon_ms(read_header(left)) == NO_HORIZON
