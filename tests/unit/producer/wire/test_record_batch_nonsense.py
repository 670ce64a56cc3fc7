"""What is no record batch is called malformed, and what is wrong with it is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.records import Headers
from producer.wire.compression import Codec
from producer.wire.record_batch import (
    BATCH_OVERHEAD,
    BatchRecord,
    EncodableRecord,
    decode_records,
    encode_batch,
    restamp,
)
from tests.unit.producer.wire.drawn_records import ONE, START_MS, some_records


def resealed(batch: bytes | bytearray) -> bytes:
    """Give the batch the CRC of what it says now, so that the nonsense behind it is reached."""
    return restamp(bytes(batch), producer_id=-1, producer_epoch=-1, base_sequence=-1)


@given(st.binary(max_size=150))
def test_garbage_is_malformed(data: bytes) -> None:
    with pytest.raises(MalformedError):
        decode_records(data)


@given(st.binary(max_size=80), st.sampled_from(Codec), st.integers(-1, 5))
def test_garbage_in_place_of_records_is_malformed_or_records(body: bytes, codec: Codec, count: int) -> None:
    head = bytearray(encode_batch(ONE)[:BATCH_OVERHEAD])
    head[8:12] = (BATCH_OVERHEAD - 12 + len(body)).to_bytes(4, "big")
    head[22] = codec
    head[57:61] = count.to_bytes(4, "big", signed=True)

    try:
        records = decode_records(resealed(head + body), 1 << 16)
    except MalformedError:
        return
    assert len(records) == count


@given(st.data(), some_records)
def test_a_flipped_bit_in_a_record_is_malformed_or_records(data: st.DataObject, records: list[EncodableRecord]) -> None:
    batch = bytearray(encode_batch(records))
    bit = data.draw(st.integers(BATCH_OVERHEAD * 8, len(batch) * 8 - 1))
    batch[bit // 8] ^= 1 << bit % 8

    try:
        decoded = decode_records(resealed(batch))
    except MalformedError:
        return
    assert len(decoded) == len(records)


@given(some_records)
def test_each_truncation_is_malformed(records: list[EncodableRecord]) -> None:
    batch = encode_batch(records)

    for size in range(len(batch)):
        with pytest.raises(MalformedError):
            decode_records(batch[:size])
    with pytest.raises(MalformedError):
        decode_records(batch + b"\x00")


def changed(at: int, value: bytes) -> bytes:
    batch = bytearray(encode_batch(ONE))
    batch[at : at + len(value)] = value
    return bytes(batch)


@pytest.mark.parametrize(
    "batch, complaint",
    [
        (changed(16, b"\x01"), "magic 1"),
        (changed(8, (48).to_bytes(4, "big")), "batch length of 48"),
        (changed(8, b"\xff\xff\xff\xff"), "batch length of -1"),
        (changed(66, b"\x00"), "CRC32C"),
        (resealed(changed(22, b"\x05")), "codec 5"),
        (resealed(changed(57, (2).to_bytes(4, "big"))), "2 records in"),
        (resealed(changed(57, b"\xff\xff\xff\xff")), "-1 records"),
        (resealed(changed(57, bytes(4))), "follow the last of 0 records"),
        (resealed(changed(61, b"\x03")), "a record of -2 bytes"),
        (resealed(changed(65, b"\x05")), "bytes of key"),
        (resealed(changed(61, b"\x0e")), "its length says"),
        (resealed(changed(69, b"\x04")), "2 headers"),
        (resealed(changed(69, b"\x01")), "-1 headers"),
    ],
)
def test_what_is_wrong_is_said(batch: bytes, complaint: str) -> None:
    with pytest.raises(MalformedError, match=complaint):
        decode_records(batch)


def test_headers_repeat_and_keep_their_order() -> None:
    given_headers: Headers = (("b", b"1"), ("a", None), ("b", b""))

    (read,) = decode_records(encode_batch([(None, None, given_headers, START_MS)]))

    assert read == BatchRecord(0, START_MS, None, None, given_headers)


@pytest.mark.parametrize("nonsense, complaint", [(b"\x01\x00", "without a name"), (b"\x02\xff\x00", "bad record")])
def test_a_header_needs_a_name_of_text(nonsense: bytes, complaint: str) -> None:
    batch = bytearray(encode_batch([(None, None, (("", b""),), START_MS)]))
    if len(nonsense) == 3:
        batch = bytearray(encode_batch([(None, None, (("a", b""),), START_MS)]))
    batch[-len(nonsense) :] = nonsense

    with pytest.raises(MalformedError, match=complaint):
        decode_records(resealed(batch))
