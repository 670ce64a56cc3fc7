"""What a leader finds wrong with a client's batch, by the codes and fields that Apache Kafka 4.3.1 answered to the same bytes."""

from collections.abc import Callable
from typing import Any

import pytest

from producer.error_codes import Code
from producer.wire.api import ApiKey
from producer.wire.compression import Codec, compress
from producer.wire.messages import api_versions, produce
from producer.wire.record_batch import (
    BATCH_OVERHEAD,
    LOG_APPEND_TIME,
    TRANSACTIONAL,
    computed_crc,
    encode_batch,
    read_header,
)
from producer.wire.varint import encode_zigzag
from sim.cluster.broker.log_validator import RECORDS_MAX
from sim.cluster.broker.record_walk import HEADERS_MAX
from sim.cluster.config import EPOCH_US
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import BatchAppended
from tests.unit.sim.raw_client import ORDERS, Lab, part_of, send_batch

ONE = encode_batch([(None, b"a", (), 1_000)])
TWO = encode_batch([(b"k", b"a", (), 1_000), (b"k", b"b", (), 1_007)])


def edited(batch: bytes, at: int, content: bytes, *, is_sealed: bool = True) -> bytes:
    """Other bytes at one place of a batch, under a checksum that fits."""
    changed = bytearray(batch)
    changed[at : at + len(content)] = content
    if is_sealed:
        changed[17:21] = computed_crc(changed).to_bytes(4, "big")
    return bytes(changed)


def with_body(batch: bytes, change: Callable[[bytes], bytes]) -> bytes:
    body = change(batch[BATCH_OVERHEAD:])
    whole = batch[:8] + (BATCH_OVERHEAD - 12 + len(body)).to_bytes(4, "big") + batch[12:BATCH_OVERHEAD] + body
    return edited(whole, 0, b"")


@pytest.mark.parametrize(
    "records, code, log_start_offset",
    [
        (ONE[:-1], Code.INVALID_RECORD, -1),
        (ONE[:20], Code.INVALID_RECORD, -1),
        (ONE + ONE, Code.INVALID_RECORD, -1),
        (ONE + bytes(40), Code.CORRUPT_MESSAGE, -1),
        (edited(ONE, 16, b"\1"), Code.INVALID_RECORD, -1),
        (edited(ONE, 0, (5).to_bytes(8, "big")), Code.INVALID_RECORD, 0),
        (edited(ONE, 22, b"\5"), Code.UNKNOWN_SERVER_ERROR, 0),
        (edited(ONE, 57, (2).to_bytes(4, "big")), Code.INVALID_RECORD, 0),
        (edited(TWO, 57, (1).to_bytes(4, "big")), Code.INVALID_RECORD, 0),
        (edited(ONE, 43, (7).to_bytes(8, "big")), Code.INVALID_RECORD, 0),
        (edited(ONE, 17, b"\0\0\0\0", is_sealed=False), Code.CORRUPT_MESSAGE, -1),
        (with_body(ONE, lambda body: body + bytes(3)), Code.INVALID_RECORD, 0),
        (with_body(ONE, lambda body: body[:-1]), Code.INVALID_RECORD, 0),
        (with_body(ONE, lambda body: body[:-1] + b"\2"), Code.INVALID_RECORD, 0),
        (edited(with_body(ONE, lambda _: b"nonsense" * 9), 22, b"\1"), Code.UNKNOWN_SERVER_ERROR, 0),
    ],
)
def test_a_batch_that_is_not_sound_is_refused_and_nothing_of_it_appended(
    records: bytes, code: Code, log_start_offset: int
) -> None:
    lab = Lab()

    answer = lab.client.produce(records=records)

    assert (answer.error_code, answer.base_offset, answer.log_start_offset) == (code, -1, log_start_offset)
    assert lab.events(BatchAppended) == []


@pytest.mark.parametrize("magic_or_size", [edited(ONE, 16, b"\7"), edited(ONE, 8, (5).to_bytes(4, "big"))])
def test_a_batch_that_cannot_be_one_is_held_against_every_partition_of_the_request(magic_or_size: bytes) -> None:
    lab = Lab(TopicConfig("orders", partitions=2))
    connection = lab.client.connect(1)

    topic = produce.ProduceTopic(
        "orders", b"", (produce.ProducePartition(0, ONE), produce.ProducePartition(1, magic_or_size))
    )
    answer = connection.call(ApiKey.PRODUCE, produce.ProduceRequest(None, -1, 1_000, (topic,)), 9)

    assert [part.error_code for part in answer.responses[0].partition_responses] == [Code.CORRUPT_MESSAGE] * 2
    assert all(part.error_message for part in answer.responses[0].partition_responses)
    assert lab.events(BatchAppended) == []


def test_what_is_cut_off_behind_the_first_batch_is_left_away() -> None:
    lab = Lab()

    answer = lab.client.produce(records=ONE + ONE[:30])

    assert answer.error_code == Code.NONE
    assert lab.client.read() == [b"a"]


def test_records_of_null_leave_the_connection_stuck_and_no_other() -> None:
    lab = Lab()
    stuck, other = lab.client.connect(1), lab.client.connect(1)

    topic = produce.ProduceTopic("orders", b"", (produce.ProducePartition(0, None),))
    waiting = stuck.send(ApiKey.PRODUCE, produce.ProduceRequest(None, -1, 1_000, (topic,)), 9)
    behind = stuck.send(ApiKey.API_VERSIONS, api_versions.ApiVersionsRequest("raw", "1"), 3)

    assert other.call(ApiKey.API_VERSIONS, api_versions.ApiVersionsRequest("raw", "1")) is not None
    assert stuck.wait(waiting, within_us=5_000_000) is None
    assert behind not in stuck.answers
    assert stuck.closed is None


def test_records_of_null_for_a_partition_that_is_not_there_are_answered() -> None:
    lab = Lab()
    topic = produce.ProduceTopic("orders", b"", (produce.ProducePartition(9, None),))

    answer = lab.client.connect(1).call(ApiKey.PRODUCE, produce.ProduceRequest(None, -1, 1_000, (topic,)), 9)

    assert part_of(answer).error_code == Code.UNKNOWN_TOPIC_OR_PARTITION


def two_of_one(lab: Lab, first: bytes, second: bytes) -> Any:
    topic = produce.ProduceTopic("orders", b"", tuple(produce.ProducePartition(0, one) for one in (first, second)))
    return lab.client.connect(1).call(ApiKey.PRODUCE, produce.ProduceRequest(None, -1, 1_000, (topic,)), 9).responses


def test_of_a_partition_that_is_named_twice_the_last_batch_counts_and_one_answer_is_given() -> None:
    lab = Lab()

    (topic,) = two_of_one(lab, encode_batch([(None, b"first", (), 1)]), encode_batch([(None, b"last", (), 1)]))

    assert [part.base_offset for part in topic.partition_responses] == [0]
    assert lab.client.read() == [b"last"]


def test_a_refusal_of_one_of_the_two_hides_that_the_other_was_appended() -> None:
    lab = Lab()

    (topic,) = two_of_one(lab, b"", ONE)

    assert [part.error_code for part in topic.partition_responses] == [Code.INVALID_RECORD]
    assert lab.client.read() == [b"a"]


def test_a_transactional_batch_without_a_transactional_id_is_refused_for_the_whole_request() -> None:
    lab = Lab(TopicConfig("orders", partitions=2))
    transactional = edited(ONE, 22, bytes([TRANSACTIONAL]))
    parts = (produce.ProducePartition(0, ONE), produce.ProducePartition(1, transactional))

    request = produce.ProduceRequest(None, -1, 1_000, (produce.ProduceTopic("orders", b"", parts),))
    answer = lab.client.connect(1).call(ApiKey.PRODUCE, request, 9)

    codes = [part.error_code for part in answer.responses[0].partition_responses]
    assert codes == [Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED] * 2


def test_zstd_came_with_version_7() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    batch = encode_batch([(None, b"a", (), 1)], codec=Codec.ZSTD)

    codes = [
        part_of(connection.wait(send_batch(connection, records=batch, version=version))).error_code
        for version in (6, 7)
    ]

    assert codes == [Code.UNSUPPORTED_COMPRESSION_TYPE, Code.NONE]


# -- compacted topics, times -------------------------------------------------------------------------------------------


def test_a_compacted_topic_names_each_record_without_a_key() -> None:
    lab = Lab(TopicConfig("orders", cleanup_policy=("compact", "delete")))
    records = [(None, b"a", (), 1), (b"", b"an empty key is one", (), 1), (None, b"c", (), 1)]

    answer = lab.client.produce(records=encode_batch(records, codec=Codec.GZIP))

    assert (answer.error_code, answer.log_start_offset) == (Code.INVALID_RECORD, 0)
    assert [error.batch_index for error in answer.record_errors] == [0, 2]
    assert answer.error_message is not None
    assert lab.client.produce(records=encode_batch(records[1:2])).error_code == Code.NONE


def test_one_record_out_of_time_makes_the_whole_batch_out_of_time() -> None:
    lab = Lab(TopicConfig("orders", cleanup_policy=("compact",)))
    late_ms = EPOCH_US // 1_000 + 10 * 3_600_000

    answer = lab.client.produce(records=encode_batch([(None, b"a", (), 1), (b"k", b"b", (), late_ms)]))

    assert answer.error_code == Code.INVALID_TIMESTAMP
    assert [error.batch_index for error in answer.record_errors] == [0, 1]


@pytest.mark.parametrize("codec", [Codec.NONE, Codec.GZIP])
def test_a_header_that_lies_about_its_latest_record_is_put_right(codec: Codec) -> None:
    lab = Lab()
    batch = encode_batch([(None, b"a", (), 1_000), (None, b"b", (), 1_007)], codec=codec)

    lab.client.produce(records=edited(batch, 35, (99_999).to_bytes(8, "big")))

    stored = kept(lab)
    assert read_header(stored).max_timestamp_ms == 1_007
    assert computed_crc(stored) == read_header(stored).crc


def test_a_client_that_claims_log_append_time_is_taken_at_its_word_for_the_time_alone() -> None:
    lab = Lab()

    lab.client.produce(records=edited(TWO, 22, bytes([LOG_APPEND_TIME])))

    header = read_header(kept(lab))
    assert (header.is_log_append_time, header.max_timestamp_ms) == (False, 1_007)


# -- compressed anew ---------------------------------------------------------------------------------------------------


def kept(lab: Lab) -> bytes:
    """The last batch in the leader's log."""
    process = lab.cluster.brokers[1].process
    assert process is not None
    data: bytes = process.partitions[ORDERS].log.file.entries[-1].data
    return data


@pytest.mark.parametrize(
    "compression_type, sent, codec",
    [
        ("producer", Codec.LZ4, Codec.LZ4),
        ("uncompressed", Codec.GZIP, Codec.NONE),
        ("gzip", Codec.NONE, Codec.GZIP),
        ("snappy", Codec.ZSTD, Codec.SNAPPY),
        ("lz4", Codec.LZ4, Codec.LZ4),
        ("zstd", Codec.NONE, Codec.ZSTD),
    ],
)
def test_a_topic_keeps_batches_in_its_own_codec(compression_type: str, sent: Codec, codec: Codec) -> None:
    lab = Lab(TopicConfig("orders", compression_type=compression_type))
    records = [(b"k", b"a" * 100, (("h", None),), 1_005), (None, b"b", (), 1_000)]

    answer = lab.client.produce(
        records=encode_batch(records, codec=sent, producer_id=7, producer_epoch=0, base_sequence=3)
    )

    header = read_header(kept(lab))
    assert answer.error_code == Code.NONE
    assert (header.codec, header.producer_id, header.base_sequence) == (codec, 7, 3)
    assert (header.base_timestamp_ms, header.max_timestamp_ms) == (1_005, 1_005)
    assert lab.client.read() == [b"a" * 100, b"b"]


def test_what_grows_beyond_the_limit_when_it_is_unpacked_is_too_large() -> None:
    lab = Lab(TopicConfig("orders", compression_type="uncompressed", max_message_bytes=1_000))

    answer = lab.client.produce(records=encode_batch([(None, b"x" * 5_000, (), 1)], codec=Codec.GZIP))

    assert (answer.error_code, answer.log_start_offset) == (Code.MESSAGE_TOO_LARGE, -1)


def of_many_records(count: int) -> bytes:
    """A batch of that many records of next to nothing, in as few bytes as zstd makes of them."""
    record = b"\x0c\x00\x00\x00\x01\x01\x00"
    packed = with_body(ONE, lambda _: compress(Codec.ZSTD, record * count))
    batch = edited(packed, 22, bytes([Codec.ZSTD]), is_sealed=False)
    batch = edited(batch, 23, (count - 1).to_bytes(4, "big"), is_sealed=False)
    return edited(batch, 57, count.to_bytes(4, "big"))


def of_many_headers(count: int) -> bytes:
    """A batch of one record with that many headers of nothing."""
    headers = encode_zigzag(count) + b"\x00\x00" * count
    inside = b"\x00\x00\x00\x01\x00" + headers
    record = encode_zigzag(len(inside)) + inside
    return edited(with_body(ONE, lambda _: compress(Codec.ZSTD, record)), 22, bytes([Codec.ZSTD]))


@pytest.mark.parametrize("records", [of_many_records(RECORDS_MAX + 1), of_many_headers(HEADERS_MAX + 1)])
def test_a_few_bytes_that_unpack_to_what_nobody_sends_are_too_large(records: bytes) -> None:
    lab = Lab()

    answer = lab.client.produce(records=records)

    assert len(records) < 5_000
    assert (answer.error_code, answer.base_offset) == (Code.MESSAGE_TOO_LARGE, -1)
    assert lab.client.produce(b"a").error_code == Code.NONE


def test_a_thousand_headers_are_taken() -> None:
    lab = Lab()

    assert lab.client.produce(records=of_many_headers(1_000)).error_code == Code.NONE
