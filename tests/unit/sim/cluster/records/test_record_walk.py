"""A look at the sizes alone finds what reading every record finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import MalformedError
from producer.wire.record_batch import BATCH_OVERHEAD, computed_crc, decode_records, encode_batch
from sim.cluster.broker.record_walk import EndlessVarintError, walk

blobs = st.none() | st.binary(max_size=200)
headers = st.lists(st.tuples(st.text(max_size=90), st.none() | st.binary(max_size=90)), max_size=3).map(tuple)
GivenRecord = tuple[bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...], int]
records = st.lists(st.tuples(blobs, blobs, headers, st.integers(-5, 1 << 40)), min_size=1, max_size=5)


@given(records)
def test_it_knows_times_and_keys_of_any_records(given_records: list[GivenRecord]) -> None:
    batch = encode_batch(given_records)

    found = walk(batch[BATCH_OVERHEAD:], len(given_records))

    deltas = [record[3] - given_records[0][3] for record in given_records]
    assert (found.earliest_delta_ms, found.latest_delta_ms) == (min(deltas), max(deltas))
    assert found.has_null_key == any(record[0] is None for record in given_records)
    assert found.is_consecutive


@given(records, st.data())
def test_no_bytes_are_taken_that_cannot_be_read(given_records: list[GivenRecord], data: st.DataObject) -> None:
    body = bytearray(encode_batch(given_records)[BATCH_OVERHEAD:])
    body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    count = data.draw(st.integers(max(len(given_records) - 1, 1), len(given_records) + 1))

    try:
        walk(bytes(body), count)
    except MalformedError:
        return

    # Names of headers that are no UTF-8 are nobody's business but a reader's.
    complaint = _complaint(_rebatched(bytes(body), count))
    assert complaint is None or "codec can't decode" in complaint


def _complaint(batch: bytes) -> str | None:
    try:
        decode_records(batch)
    except MalformedError as error:
        return str(error)
    return None


def _rebatched(body: bytes, count: int) -> bytes:
    batch = bytearray(encode_batch([(None, b"", (), 0)])[:BATCH_OVERHEAD] + body)
    batch[8:12] = (len(batch) - 12).to_bytes(4, "big")
    batch[57:61] = count.to_bytes(4, "big")
    batch[17:21] = computed_crc(batch).to_bytes(4, "big")
    return bytes(batch)


@pytest.mark.parametrize("body", [b"", b"\x01", b"\x0e\x00\x00\x00\x01\x01", b"\x0e\x00\x00\x00\x01\x01\x00\x00"])
def test_records_that_end_too_early_or_too_late_are_malformed(body: bytes) -> None:
    with pytest.raises(MalformedError):
        walk(body, 1)


def test_a_size_that_does_not_end_is_another_fault_than_bytes_that_do() -> None:
    with pytest.raises(EndlessVarintError):
        walk(b"\xff" * 5, 1)
    with pytest.raises(MalformedError) as cut_off:
        walk(b"\xff" * 4, 1)
    assert not isinstance(cut_off.value, EndlessVarintError)


def test_any_negative_size_of_a_key_or_a_value_is_null_as_in_java() -> None:
    body = b"\x0c\x00\x00\x00\x03\x05\x00"

    assert walk(body, 1).has_null_key
    (record,) = decode_records(_rebatched(body, 1))
    assert (record.key, record.value) == (None, None)
