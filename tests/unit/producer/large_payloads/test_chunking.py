"""Chunking: whatever happens to chunks on their way, a payload comes out whole and once, or is reported as given up."""

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.drivers.future import SendFuture
from producer.errors import UsageError
from producer.large_payloads import chunking
from producer.large_payloads.chunking import (
    BYTES_HEADER,
    ID_HEADER,
    INDEX_HEADER,
    PREFIX,
    SHA256_HEADER,
    TOTAL_HEADER,
    Assembler,
    Whole,
    read_chunk,
    split,
)
from producer.large_payloads.errors import ChunkCorruptError, ChunkError, ChunkMalformedError
from producer.records import Record, RecordMetadata
from sim.clients.consumer import ConsumedRecord

VALUE = bytes(range(256)) * 4


class Log:
    """A partition: gives each record the next offset, and reads it back."""

    def __init__(self, partition: int = 0) -> None:
        self.partition = partition
        self.offsets = itertools.count()

    def read(self, record: Record) -> ConsumedRecord:
        return ConsumedRecord(
            record.topic, self.partition, next(self.offsets), 5, record.key, record.value, record.headers
        )


def parts_of(value: bytes, name: str = "one", *, chunk_bytes: int = 100) -> list[Record]:
    record = Record("orders", value, b"k", headers=(("own", b"1"),))
    return split(record, chunk_bytes=chunk_bytes, new_id=lambda: name)


# -- splitting ---------------------------------------------------------------------------------------------------------


def test_chunks_carry_key_headers_and_what_the_whole_must_be() -> None:
    parts = parts_of(VALUE, chunk_bytes=300)

    assert [len(part.value or b"") for part in parts] == [300, 300, 300, 124]
    assert {part.key for part in parts} == {b"k"}
    told = [read_chunk(part.headers) for part in parts]
    assert [(one.number, one.total, one.payload_bytes) for one in told if one] == [
        (index, 4, 1_024) for index in range(4)
    ]
    assert all(part.headers[0] == ("own", b"1") for part in parts)


@pytest.mark.parametrize("value", [None, b"", bytes(100)], ids=["null", "empty", "just fits"])
def test_a_value_that_fits_is_not_touched(value: bytes | None) -> None:
    record = Record("orders", value, b"k")

    assert split(record, chunk_bytes=100) == [record]


def test_two_sends_of_the_same_value_are_two_payloads() -> None:
    record = Record("orders", VALUE, b"k")

    first, second = (read_chunk(split(record, chunk_bytes=100)[0].headers) for _ in range(2))

    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert first.sha256 == second.sha256


def test_a_record_without_a_key_needs_a_partition() -> None:
    with pytest.raises(UsageError, match="its chunks would be spread"):
        split(Record("orders", VALUE), chunk_bytes=100)

    assert {part.partition for part in split(Record("orders", VALUE), chunk_bytes=100, partition=2)} == {2}


def test_no_chunk_can_be_smaller_than_a_byte() -> None:
    with pytest.raises(UsageError, match="chunk_bytes is 0"):
        split(Record("orders", VALUE, b"k"), chunk_bytes=0)


def test_what_is_no_record_is_refused_before_it_is_cut() -> None:
    for wrong in (Record("orders", 5), Record("orders", "text" * 100), Record("orders", VALUE, "k")):  # type: ignore[arg-type]
        with pytest.raises(UsageError):
            split(wrong, chunk_bytes=100, partition=1)


def test_sending_gives_one_future_of_all() -> None:
    class Desk:
        def __init__(self) -> None:
            self.sent: list[SendFuture] = []

        def choose_partition(self, record: Record) -> int:
            return 3

        def send_record(self, record: Record) -> SendFuture:
            assert record.partition == 3
            self.sent.append(SendFuture())
            return self.sent[-1]

    desk = Desk()
    future = chunking.send(desk, Record("orders", VALUE, b"k"), chunk_bytes=512)
    assert not future.done()
    for offset, one in enumerate(desk.sent):
        one.settle(RecordMetadata("orders", 0, offset, 5, 1, 512))

    assert future.done()
    assert [one.offset for one in future.result(0)] == [0, 1]


# -- putting together --------------------------------------------------------------------------------------------------


def test_a_payload_comes_out_as_it_was_sent() -> None:
    log, assembler = Log(), Assembler()

    found = [assembler.feed(log.read(part)) for part in parts_of(VALUE)]

    assert found[:-1] == [None] * 10
    assert found[-1] == Whole("orders", 0, 10, 0, 5, b"k", VALUE, (("own", b"1"),))
    assert assembler.bytes_held == 0


def test_a_plain_record_passes_through() -> None:
    record = Log().read(Record("orders", b"v", b"k", headers=(("own", b"1"),)))

    assert Assembler().feed(record) == Whole("orders", 0, 0, 0, 5, b"k", b"v", (("own", b"1"),))


@given(
    values=st.lists(st.binary(min_size=0, max_size=60), min_size=1, max_size=6),
    chunk_bytes=st.integers(1, 30),
    data=st.data(),
)
def test_any_mixture_in_any_order_with_any_repetition_gives_each_payload_once(
    values: list[bytes], chunk_bytes: int, data: st.DataObject
) -> None:
    parts = [
        part for index, value in enumerate(values) for part in parts_of(value, f"p{index}", chunk_bytes=chunk_bytes)
    ]
    is_plain = [len(value) <= chunk_bytes for value in values]
    chunks = [part for part in parts if read_chunk(part.headers)]
    repeated = data.draw(st.lists(st.sampled_from(chunks), max_size=8)) if chunks else []
    sequence = data.draw(st.permutations(parts + repeated))
    log, assembler = Log(), Assembler()

    found = [whole for part in sequence if (whole := assembler.feed(log.read(part)))]

    assert sorted(whole.value or b"" for whole in found) == sorted(values)
    assert sum(whole.offset == whole.first_offset for whole in found) == sum(is_plain)
    assert assembler.bytes_held == 0
    assert assembler.incomplete() == assembler.take_abandoned() == []
    assert assembler.safe_offset("orders", 0) is None


@given(
    sizes=st.lists(st.integers(2, 60), min_size=1, max_size=8),
    bytes_max=st.integers(1, 120),
    payloads_max=st.integers(1, 4),
    data=st.data(),
)
def test_with_chunks_missing_and_little_memory_each_payload_is_whole_given_up_or_incomplete(
    sizes: list[int], bytes_max: int, payloads_max: int, data: st.DataObject
) -> None:
    values = [bytes([index]) * size for index, size in enumerate(sizes)]
    parts = [part for index, value in enumerate(values) for part in parts_of(value, f"p{index}", chunk_bytes=1)]
    sequence = data.draw(st.lists(st.sampled_from(parts), max_size=2 * len(parts)))
    log, assembler = Log(), Assembler(bytes_max=bytes_max, payloads_max=payloads_max)

    whole, seen = [], set()
    for part in sequence:
        told = read_chunk(part.headers)
        assert told is not None
        seen.add(told.id)
        found = assembler.feed(log.read(part))
        if found is not None:
            whole.append(found.value)
        assert assembler.bytes_held <= bytes_max
        assert len(assembler.incomplete()) <= payloads_max
        assert assembler.bytes_held == sum(partial.bytes_held for partial in assembler._partial.values())

    ended = [f"p{value[0]}" for value in whole if value]
    ended += [one.id for one in assembler.take_abandoned()]
    ended += [one.id for one in assembler.incomplete()]
    assert sorted(ended) == sorted(seen)
    assert all(value in values for value in whole)


def test_payloads_of_two_partitions_with_one_id_do_not_mix() -> None:
    one, other, assembler = Log(0), Log(1), Assembler()
    parts = parts_of(VALUE, chunk_bytes=600)

    found = [assembler.feed(log.read(part)) for part, log in itertools.product(parts, (one, other))]

    assert [whole.partition for whole in found if whole] == [0, 1]


def test_late_copies_of_a_payload_that_is_over_begin_nothing() -> None:
    log, assembler = Log(), Assembler()
    parts = parts_of(VALUE)
    for part in parts:
        assembler.feed(log.read(part))

    assert [assembler.feed(log.read(part)) for part in parts] == [None] * len(parts)
    assert assembler.incomplete() == []


def test_a_consumer_commits_no_further_than_the_oldest_incomplete_payload() -> None:
    log, assembler = Log(), Assembler()
    first, second = parts_of(VALUE, "a", chunk_bytes=600), parts_of(VALUE, "b", chunk_bytes=600)

    assembler.feed(log.read(Record("orders", b"plain")))
    assembler.feed(log.read(first[0]))
    assembler.feed(log.read(second[0]))
    assert assembler.safe_offset("orders", 0) == 1
    assembler.feed(log.read(first[1]))
    assert assembler.safe_offset("orders", 0) == 2
    assert assembler.safe_offset("orders", 7) is None
    assembler.feed(log.read(second[1]))
    assert assembler.safe_offset("orders", 0) is None


def test_what_began_long_ago_can_be_given_up() -> None:
    log, assembler = Log(), Assembler()
    assembler.feed(log.read(parts_of(VALUE, "a")[0]))
    assembler.feed(log.read(parts_of(VALUE, "b")[0]))

    assembler.give_up_before("orders", 0, 1)

    (given_up,) = assembler.take_abandoned()
    assert (given_up.id, given_up.chunks_found, given_up.chunks_total) == ("a", 1, 11)
    assert [one.id for one in assembler.incomplete()] == ["b"]


def test_a_payload_larger_than_all_memory_is_given_up_at_its_first_chunk() -> None:
    assembler = Assembler(bytes_max=1_000)

    assert assembler.feed(Log().read(parts_of(VALUE)[0])) is None

    assert [one.reason for one in assembler.take_abandoned()] == ["more than bytes_max of 1000"]
    assert assembler.bytes_held == 0


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda part: part._replace(value=b"x" * len(part.value)), "not what they promised"),
        (lambda part: part._replace(value=b"x" * 2_000), "more than the 1024 bytes promised"),
        (lambda part: part._replace(value=b""), "not what they promised"),
    ],
    ids=["changed", "longer", "empty"],
)
def test_chunks_that_were_changed_are_corrupt_and_their_payload_is_given_up(spoil: Any, message: str) -> None:
    log, assembler = Log(), Assembler()
    first, second = parts_of(VALUE, chunk_bytes=600)
    assembler.feed(log.read(first))

    with pytest.raises(ChunkCorruptError, match=message):
        assembler.feed(log.read(spoil(second)))

    assert len(assembler.take_abandoned()) == 1
    assert assembler.feed(log.read(second)) is None


def test_one_chunk_twice_with_different_bytes_is_corrupt() -> None:
    log, assembler = Log(), Assembler()
    part = parts_of(VALUE)[0]
    assembler.feed(log.read(part))

    with pytest.raises(ChunkCorruptError, match="chunk 0 came twice"):
        assembler.feed(log.read(part._replace(value=b"other")))


def test_chunks_that_promise_different_wholes_are_corrupt() -> None:
    log, assembler = Log(), Assembler()
    assembler.feed(log.read(parts_of(VALUE)[0]))

    with pytest.raises(ChunkCorruptError, match="promise different payloads"):
        assembler.feed(log.read(parts_of(VALUE + b"x")[1]))


GOOD = dict(parts_of(VALUE)[0].headers[1:])


@pytest.mark.parametrize(
    "changed",
    [
        {ID_HEADER: None}, {ID_HEADER: b""}, {ID_HEADER: b"x" * 129}, {ID_HEADER: b"\xff"},
        {INDEX_HEADER: b"-1"}, {INDEX_HEADER: b"11"}, {INDEX_HEADER: None}, {INDEX_HEADER: b"1" * 19},
        {TOTAL_HEADER: b"0"}, {TOTAL_HEADER: b"2000"}, {BYTES_HEADER: b"many"}, {SHA256_HEADER: b"short"},
        {SHA256_HEADER: b"Z" * 64},
    ],
    ids=str,
)  # fmt: skip
def test_headers_that_are_no_chunk_are_refused_and_hold_no_memory(changed: dict[str, bytes | None]) -> None:
    assembler = Assembler()

    with pytest.raises(ChunkMalformedError):
        assembler.feed(Log().read(Record("orders", b"v", headers=tuple((GOOD | changed).items()))))

    assert assembler.incomplete() == []


@given(st.lists(st.tuples(st.sampled_from([ID_HEADER, INDEX_HEADER, TOTAL_HEADER, BYTES_HEADER, SHA256_HEADER,
                                           PREFIX + "other"]), st.none() | st.binary(max_size=70)), min_size=1))  # fmt: skip
def test_headers_of_a_stranger_end_in_an_error_of_ours(headers: list[tuple[str, bytes | None]]) -> None:
    with pytest.raises(ChunkError):
        Assembler().feed(Log().read(Record("orders", b"v", headers=tuple(headers))))
