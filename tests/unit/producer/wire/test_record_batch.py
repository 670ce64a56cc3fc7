"""Our record batches are Kafka's, byte for byte; kafka-python's builder and reader are the oracle."""

import warnings
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from producer.errors import MalformedError, UsageError
from producer.wire.checksum import crc32c
from producer.wire.compression import Codec
from producer.wire.record_batch import (
    BATCH_OVERHEAD,
    BatchRecord,
    EncodableRecord,
    check_crc,
    decode_records,
    encode_batch,
    read_header,
    record_size,
    restamp,
    split_batches,
    stamp_log_append_time,
    stamp_offsets,
)
from tests.unit.producer.wire.drawn_records import A_HUNDRED, ONE, START_MS, some_records

with warnings.catch_warnings():
    # kafka-python reads its schemas by an importlib function that is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.record.default_records import DefaultRecordBatch, DefaultRecordBatchBuilder

SEQUENCE_LAST = (1 << 31) - 1


# Java's producers write a leader epoch of -1, kafka-python and librdkafka 0; the broker writes its own in any case.
def kafka_pythons(records: list[EncodableRecord], codec: Codec = Codec.NONE, **producer: Any) -> bytes:
    fields = {"is_transactional": False, "producer_id": -1, "producer_epoch": -1, "base_sequence": -1} | producer
    builder = DefaultRecordBatchBuilder(magic=2, compression_type=int(codec), batch_size=1 << 30, **fields)
    for offset, (key, value, given_headers, timestamp_ms) in enumerate(records):
        builder.append(offset, timestamp_ms, key, value, list(given_headers))
    return bytes(builder.build())


def read_by_kafka_python(batch: bytes) -> list[tuple[Any, ...]]:
    reader = DefaultRecordBatch(batch)
    assert reader.validate_crc()
    return [(read.offset, read.timestamp, read.key, read.value, tuple(read.headers)) for read in reader]


def as_read(records: list[EncodableRecord], base_offset: int = 0) -> list[BatchRecord]:
    return [
        BatchRecord(base_offset + at, timestamp_ms, key, value, given_headers)
        for at, (key, value, given_headers, timestamp_ms) in enumerate(records)
    ]


# kafka-python does snappy only with a package that we have no other use for; librdkafka's frames in tests/golden have it.
THEIRS = [codec for codec in Codec if codec is not Codec.SNAPPY]

# -- against kafka-python ----------------------------------------------------------------------------------------------


@given(some_records)
@example(A_HUNDRED)
@example([(None, b"x" * 9_000, (), START_MS), (b"k" * 9_000, None, (), START_MS)])
@example([(None, b"x", (), START_MS), (None, b"x", (), START_MS + 9_000)])
@example([(b"", b"", (), START_MS)] * 70)
def test_our_bytes_are_kafka_pythons(records: list[EncodableRecord]) -> None:
    assert encode_batch(records, partition_leader_epoch=0) == kafka_pythons(records)


@pytest.mark.parametrize("count", [63, 64, 65, 8_191, 8_192, 8_193, 10_000])
def test_offset_deltas_grow_by_a_byte_where_they_must(count: int) -> None:
    records: list[EncodableRecord] = [(None, b"v", (), START_MS)] * count

    assert encode_batch(records, partition_leader_epoch=0) == kafka_pythons(records)


def test_the_producers_fields_are_where_kafka_python_writes_them() -> None:
    ours = encode_batch(
        A_HUNDRED,
        producer_id=1 << 40,
        producer_epoch=7,
        base_sequence=99,
        is_transactional=True,
        partition_leader_epoch=0,
    )

    theirs = kafka_pythons(A_HUNDRED, producer_id=1 << 40, producer_epoch=7, base_sequence=99, is_transactional=True)
    assert ours == theirs


@settings(max_examples=20)
@given(records=some_records, codec=st.sampled_from(THEIRS))
def test_kafka_python_reads_what_we_write(records: list[EncodableRecord], codec: Codec) -> None:
    batch = encode_batch(records, codec=codec)

    assert read_by_kafka_python(batch) == as_read(records)


@settings(max_examples=20)
@given(records=some_records, codec=st.sampled_from(THEIRS))
@example(records=A_HUNDRED, codec=Codec.ZSTD)
@example(records=A_HUNDRED, codec=Codec.LZ4)
def test_we_read_what_kafka_python_writes(records: list[EncodableRecord], codec: Codec) -> None:
    assert list(decode_records(kafka_pythons(records, codec))) == as_read(records)


# -- CRC ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, crc",
    [  # RFC 3720, appendix B.4
        (bytes(32), 0x8A9136AA),
        (b"\xff" * 32, 0x62A8AB43),
        (bytes(range(32)), 0x46DD794E),
        (bytes(reversed(range(32))), 0x113FDB5C),
        (b"123456789", 0xE3069283),
    ],
)
def test_the_crc_is_castagnolis(data: bytes, crc: int) -> None:
    assert crc32c(data, 0) == crc


def test_each_flipped_bit_behind_the_crc_fails_it() -> None:
    batch = encode_batch(ONE)

    for bit in range(21 * 8, len(batch) * 8):
        broken = bytearray(batch)
        broken[bit // 8] ^= 1 << bit % 8
        assert not check_crc(bytes(broken), 0, read_header(bytes(broken)))


def test_a_batch_that_is_cut_off_has_no_good_crc() -> None:
    batch = encode_batch(ONE)

    assert check_crc(batch, 0, read_header(batch))
    assert not check_crc(batch[:-1], 0, read_header(batch))


# -- header ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", Codec)
def test_the_header_tells_what_was_encoded(codec: Codec) -> None:
    batch = encode_batch(
        A_HUNDRED,
        codec=codec,
        producer_id=5,
        producer_epoch=6,
        base_sequence=7,
        base_offset=1_000,
        partition_leader_epoch=8,
        is_transactional=True,
        is_control=True,
    )

    header = read_header(b"before" + batch, 6)

    assert header.codec is codec
    assert header.is_transactional
    assert header.is_control
    assert not header.is_log_append_time
    assert (header.producer_id, header.producer_epoch, header.base_sequence) == (5, 6, 7)
    assert (header.base_offset, header.last_offset) == (1_000, 1_099)
    assert header.last_sequence == 106
    assert header.partition_leader_epoch == 8
    assert (header.base_timestamp_ms, header.max_timestamp_ms) == (START_MS, START_MS + 33)
    assert header.record_count == 100
    assert header.size_bytes == len(batch)
    assert check_crc(b"before" + batch, 6, header)
    assert [read.offset for read in decode_records(batch)] == list(range(1_000, 1_100))


@pytest.mark.parametrize(
    "base, last", [(0, 2), (SEQUENCE_LAST - 2, SEQUENCE_LAST), (SEQUENCE_LAST - 1, 0), (SEQUENCE_LAST, 1), (-1, -1)]
)
def test_sequences_wrap_behind_the_largest_int(base: int, last: int) -> None:
    batch = encode_batch(ONE * 3, producer_id=1, producer_epoch=0, base_sequence=base)

    assert read_header(batch).last_sequence == last
    assert DefaultRecordBatch(batch).last_sequence == last


def test_a_batch_of_no_records_is_the_callers_error() -> None:
    with pytest.raises(UsageError, match="0 records"):
        encode_batch([])


@given(some_records)
def test_record_size_is_exact(records: list[EncodableRecord]) -> None:
    total = BATCH_OVERHEAD
    for at, (key, value, given_headers, timestamp_ms) in enumerate(records):
        key_size = -1 if key is None else len(key)
        value_size = -1 if value is None else len(value)
        total += record_size(key_size, value_size, given_headers, timestamp_ms - records[0][3], at)

    assert total == len(encode_batch(records))


# -- stamps ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", Codec)
def test_restamped_is_as_if_encoded_so(codec: Codec) -> None:
    first = encode_batch(A_HUNDRED, codec=codec, producer_id=1, producer_epoch=2, base_sequence=3)

    again = restamp(first, producer_id=10, producer_epoch=20, base_sequence=30)

    assert again == encode_batch(A_HUNDRED, codec=codec, producer_id=10, producer_epoch=20, base_sequence=30)


def test_offsets_are_stamped_outside_the_crc() -> None:
    first = encode_batch(A_HUNDRED)

    stamped = stamp_offsets(first, base_offset=500, partition_leader_epoch=3)

    assert stamped == encode_batch(A_HUNDRED, base_offset=500, partition_leader_epoch=3)
    assert read_header(stamped).crc == read_header(first).crc


def test_log_append_time_becomes_the_time_of_each_record() -> None:
    stamped = stamp_log_append_time(encode_batch(A_HUNDRED), START_MS + 5_000)

    assert read_header(stamped).is_log_append_time
    assert {read.timestamp_ms for read in decode_records(stamped)} == {START_MS + 5_000}
    assert {read[1] for read in read_by_kafka_python(stamped)} == {START_MS + 5_000}


# -- several batches ---------------------------------------------------------------------------------------------------


def test_batches_are_cut_where_they_end() -> None:
    batches = [encode_batch(A_HUNDRED[:size], base_offset=size) for size in (1, 5, 100)]

    cut = split_batches(b"".join(batches))

    assert [batch for _, batch in cut] == batches
    assert [header.record_count for header, _ in cut] == [1, 5, 100]
    assert split_batches(b"") == []
    assert split_batches(batches[0]) == [(read_header(batches[0]), batches[0])]


@pytest.mark.parametrize("left", [1, 11, 12, 60, 61, 67])
def test_a_last_batch_cut_off_is_left_out_only_where_that_may_be(left: int) -> None:
    whole = encode_batch(ONE)
    data = whole + whole[:left]

    assert split_batches(data, allow_partial=True) == [(read_header(whole), whole)]
    with pytest.raises(MalformedError, match=f"{left} bytes are left"):
        split_batches(data)
