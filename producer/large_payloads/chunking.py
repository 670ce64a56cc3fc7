"""Chunking: a large value split over several records of the same key and partition, and put together again.

Each chunk says which payload it is of, which of how many, and what the whole must be. The `Assembler` takes chunks in any
order, mixed with other payloads and with plain records, any number of times; what it may hold is bounded.
"""

from __future__ import annotations

from collections import OrderedDict
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple, Protocol

from producer.drivers.clock import fresh_id
from producer.errors import UsageError
from producer.large_payloads.errors import ChunkCorruptError, ChunkMalformedError
from producer.records import Headers, ReadRecord, Record, RecordMetadata, check_record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.drivers.future import SendFuture

PREFIX = "acklab.chunk."
ID_HEADER = PREFIX + "id"
INDEX_HEADER = PREFIX + "index"
TOTAL_HEADER = PREFIX + "total"
BYTES_HEADER = PREFIX + "bytes"
SHA256_HEADER = PREFIX + "sha256"

CHUNK_BYTES = 900_000
"""With key and headers, a chunk fits Kafka's default limit of 1 MiB."""
BYTES_MAX = 256 << 20
PAYLOADS_MAX = 1_000
REMEMBERED_MAX = 10_000
"""Payloads that are over, whose late chunks are recognised."""
ID_CHARACTERS_MAX = 128
DIGITS_MAX = 18


class Chunk(NamedTuple):
    """What a chunk's headers say."""

    id: str
    number: int
    """From 0."""
    total: int
    payload_bytes: int
    sha256: str


# -- the producer's side -----------------------------------------------------------------------------------------------


def split(
    record: Record,
    *,
    chunk_bytes: int = CHUNK_BYTES,
    partition: int | None = None,
    new_id: Callable[[], str] = fresh_id,
) -> list[Record]:
    """Cut a record's value into records to be sent in this order; a value that fits gives the record itself.

    All must go to one partition: the record's own, or `partition`, which the producer's `choose_partition` gives. Without
    it they go where the key names, if the producer's partitioner goes by the key alone. The headers of the record stand
    on each. Raises UsageError.
    """
    if chunk_bytes < 1:
        raise UsageError(f"chunk_bytes is {chunk_bytes}, must be at least 1")
    if partition is not None:
        record = record._replace(partition=partition)
    check_record(record)
    value = record.value
    if value is None or len(value) <= chunk_bytes:
        return [record]
    if record.key is None and record.partition is None:
        raise UsageError("a record without a key needs a partition: its chunks would be spread")
    total = -(-len(value) // chunk_bytes)
    name, digest = new_id().encode(), sha256(value).hexdigest().encode()
    return [
        record._replace(
            value=value[index * chunk_bytes : (index + 1) * chunk_bytes],
            headers=(
                *record.headers,
                (ID_HEADER, name),
                (INDEX_HEADER, b"%d" % index),
                (TOTAL_HEADER, b"%d" % total),
                (BYTES_HEADER, b"%d" % len(value)),
                (SHA256_HEADER, digest),
            ),
        )
        for index in range(total)
    ]


class ChunkedFuture:
    """What became of all the chunks of one payload."""

    __slots__ = ("futures",)

    def __init__(self, futures: list[SendFuture]) -> None:
        self.futures = futures
        """One a chunk."""

    def done(self) -> bool:
        """Whether every chunk has its answer."""
        return all(future.done() for future in self.futures)

    def result(self, timeout: float | None = None) -> list[RecordMetadata]:
        """Wait up to `timeout` seconds for each chunk. Raises the first one's error: the payload is incomplete then."""
        return [future.result(timeout) for future in self.futures]


class Sends(Protocol):
    """What is asked of a producer; `producer.Producer` is one."""

    def choose_partition(self, record: Record) -> int: ...

    def send_record(self, record: Record) -> SendFuture: ...


def send(producer: Sends, record: Record, *, chunk_bytes: int = CHUNK_BYTES) -> ChunkedFuture:
    """Split a record and send the parts, all to the partition that the producer chooses for the whole.

    A part that is refused leaves an incomplete payload, which readers give up. Raises what the producer raises.
    """
    check_record(record)
    if record.value is not None and len(record.value) > chunk_bytes:
        record = record._replace(partition=producer.choose_partition(record))
    return ChunkedFuture([producer.send_record(part) for part in split(record, chunk_bytes=chunk_bytes)])


# -- the consumer's side -----------------------------------------------------------------------------------------------


class Whole(NamedTuple):
    """A record as the application had sent it."""

    topic: str
    partition: int
    offset: int
    """Of the chunk that completed it."""
    first_offset: int
    """Of its chunk that was read first."""
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    """Without those of chunking."""


class Abandoned(NamedTuple):
    """A payload that was given up."""

    topic: str
    partition: int
    id: str
    first_offset: int
    chunks_found: int
    chunks_total: int
    reason: str


class _Partial:
    """A payload of which some chunks are there."""

    __slots__ = ("bytes_held", "chunks", "first_offset", "told")

    def __init__(self, told: Chunk, first_offset: int) -> None:
        self.told = told
        self.first_offset = first_offset
        self.chunks: dict[int, bytes] = {}
        self.bytes_held = 0


_Name = tuple[str, int, str]
"""(topic, partition, id)."""


class Assembler:
    """Puts chunks together. Not safe to use from several threads at once."""

    def __init__(
        self,
        *,
        bytes_max: int = BYTES_MAX,
        payloads_max: int = PAYLOADS_MAX,
        remembered_max: int = REMEMBERED_MAX,
    ) -> None:
        """Hold at most `bytes_max` bytes of chunks, of `payloads_max` payloads: the oldest ones are given up first.

        The ids of the last `remembered_max` payloads that are over are kept, so that their late chunks begin nothing.
        """
        self._bytes_max = bytes_max
        self._payloads_max = payloads_max
        self._remembered_max = remembered_max
        self._partial: OrderedDict[_Name, _Partial] = OrderedDict()
        self._over: OrderedDict[_Name, None] = OrderedDict()
        self._abandoned: list[Abandoned] = []
        self.bytes_held = 0
        """Of chunks, now."""

    def feed(self, record: ReadRecord) -> Whole | None:
        """Take one record. Gives what the application had sent once it is whole; a plain record is so at once.

        Raises ChunkMalformedError (the record is ignored) or ChunkCorruptError (its payload is given up). Look at
        `take_abandoned` now and then.
        """
        told = read_chunk(record.headers)
        if told is None:
            return _whole(record, record.value, record.offset)
        name = (record.topic, record.partition, told.id)
        if name in self._over:
            return None
        partial = self._partial.get(name)
        if partial is None:
            if told.payload_bytes > self._bytes_max:
                self._forget(name, _Partial(told, record.offset), f"more than bytes_max of {self._bytes_max}")
                return None
            partial = self._partial[name] = _Partial(told, record.offset)
        elif partial.told._replace(number=told.number) != told:
            self._break(name, "its chunks promise different payloads")
        value = record.value or b""
        known = partial.chunks.get(told.number)
        if known is not None:
            if known != value:
                self._break(name, f"chunk {told.number} came twice, with different bytes")
            return None
        if partial.bytes_held + len(value) > told.payload_bytes:
            self._break(name, f"its chunks have more than the {told.payload_bytes} bytes promised")
        partial.chunks[told.number] = value
        partial.bytes_held += len(value)
        self.bytes_held += len(value)
        if len(partial.chunks) == told.total:
            return self._complete(name, partial, record)
        self._make_room(name)
        return None

    def take_abandoned(self) -> list[Abandoned]:
        """Take the payloads that were given up since the last call, in that order."""
        abandoned, self._abandoned = self._abandoned, []
        return abandoned

    def incomplete(self) -> list[Abandoned]:
        """List the payloads that are not whole yet, oldest first; they are not given up by that."""
        return [_abandoned(name, partial, "not whole yet") for name, partial in self._partial.items()]

    def give_up_before(self, topic: str, partition: int, offset: int) -> None:
        """Give up what began before `offset`: chunks that did not come by now will not come."""
        for name, partial in list(self._partial.items()):
            if name[:2] == (topic, partition) and partial.first_offset < offset:
                self._forget(name, partial, f"not whole by offset {offset}")

    def safe_offset(self, topic: str, partition: int) -> int | None:
        """Give the offset up to which a consumer may commit: before the oldest incomplete payload. None: all it read."""
        firsts = [partial.first_offset for name, partial in self._partial.items() if name[:2] == (topic, partition)]
        return min(firsts, default=None)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _complete(self, name: _Name, partial: _Partial, record: ReadRecord) -> Whole:
        value = b"".join(partial.chunks[index] for index in range(partial.told.total))
        if len(value) != partial.told.payload_bytes or sha256(value).hexdigest() != partial.told.sha256:
            self._break(name, "together its chunks are not what they promised")
        self._drop(name, partial)
        return _whole(record, value, partial.first_offset)

    def _make_room(self, newest: _Name) -> None:
        while self.bytes_held > self._bytes_max or len(self._partial) > self._payloads_max:
            # The one that just grew goes last, for it is the one that moves.
            oldest = next((name for name in self._partial if name != newest), newest)
            self._forget(oldest, self._partial[oldest], "given up to make room")

    def _break(self, name: _Name, reason: str) -> None:
        self._forget(name, self._partial[name], reason)
        topic, partition, payload = name
        raise ChunkCorruptError(f"payload {payload} of {topic}-{partition}: {reason}")

    def _forget(self, name: _Name, partial: _Partial, reason: str) -> None:
        self._abandoned.append(_abandoned(name, partial, reason))
        self._drop(name, partial)

    def _drop(self, name: _Name, partial: _Partial) -> None:
        if self._partial.pop(name, None) is not None:
            self.bytes_held -= partial.bytes_held
        self._over[name] = None
        while len(self._over) > self._remembered_max:
            self._over.popitem(last=False)


def read_chunk(headers: Iterable[tuple[str, bytes | None]]) -> Chunk | None:
    """Read what a chunk says of itself; None for a plain record. Raises ChunkMalformedError."""
    said = {name: text for name, text in headers if name.startswith(PREFIX)}
    if not said:
        return None
    name, digest = (said.get(header) or b"" for header in (ID_HEADER, SHA256_HEADER))
    if not 0 < len(name) <= ID_CHARACTERS_MAX or not name.isascii():
        raise ChunkMalformedError(
            f"{ID_HEADER} is {name[:ID_CHARACTERS_MAX]!r}, must be 1..{ID_CHARACTERS_MAX} letters"
        )
    if len(digest) != 64 or not set(digest) <= set(b"0123456789abcdef"):
        raise ChunkMalformedError(f"{SHA256_HEADER} is {digest[:64]!r}, must be 64 hexadecimal digits")
    index, total, size = (_number(said, header) for header in (INDEX_HEADER, TOTAL_HEADER, BYTES_HEADER))
    # Every chunk has a byte at least, so more chunks than bytes are a lie.
    if not index < total <= size:
        raise ChunkMalformedError(f"chunk {index} of {total} with {size} bytes in all cannot be")
    return Chunk(name.decode(), index, total, size, digest.decode())


def _number(said: dict[str, bytes | None], name: str) -> int:
    text = said.get(name) or b""
    if not text.isdigit() or len(text) > DIGITS_MAX:
        raise ChunkMalformedError(f"{name} is {text[:DIGITS_MAX]!r}, must be a number")
    return int(text)


def _abandoned(name: _Name, partial: _Partial, reason: str) -> Abandoned:
    return Abandoned(*name, partial.first_offset, len(partial.chunks), partial.told.total, reason)


def _whole(record: ReadRecord, value: bytes | None, first_offset: int) -> Whole:
    kept = tuple(header for header in record.headers if not header[0].startswith(PREFIX))
    return Whole(
        record.topic, record.partition, record.offset, first_offset, record.timestamp_ms, record.key, value, kept
    )
