"""What is to be sent, as `acklab produce` reads it: records from a stream, one after the other, however long the stream is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, Protocol

from sim.cli.endings import CommandError

CHUNK_BYTES = 65_536
RECORD_BYTES_MAX = 1 << 28
"""A stretch without a delimiter that is longer than this is no record: whoever reads on would hold all of it."""


class Readable(Protocol):
    """A binary file or a pipe."""

    def read1(self, size: int, /) -> bytes:
        """Give what is there, at most so many bytes; nothing at the end."""
        ...


class Line(NamedTuple):
    """One record as the input gives it."""

    key: bytes | None
    value: bytes | None
    """None for a tombstone."""


class Reading(NamedTuple):
    """How a stretch of input becomes a record."""

    delimiter: bytes
    """Between records; behind a newline's, a carriage return before it belongs to it."""
    separator: bytes | None
    """Between key and value; None where all of it is a value."""
    key: bytes | None
    """Of every record, unless records bring their own."""
    null_marker: bytes | None
    """What stands for null, as a key and as a value; None if nothing does."""


class Input:
    """Records of a stream. It is read while they are sent, and holds no more than one record and one chunk."""

    def __init__(self, source: Readable, name: str, reading: Reading) -> None:
        """`name` is how messages call the stream."""
        self._source = source
        self._name = name
        self._reading = reading
        self.bytes_read = 0
        """How much of the stream has been taken."""

    def __iter__(self) -> Iterator[Line]:
        """Give record by record. Raises LineError at the first without the separator, CommandError if it cannot be read."""
        reading = self._reading
        is_by_lines = reading.delimiter == b"\n"
        for number, piece in enumerate(self._pieces(), start=1):
            yield self._record(piece.removesuffix(b"\r") if is_by_lines else piece, number)

    def _record(self, piece: bytes, number: int) -> Line:
        reading = self._reading
        key, value = reading.key, piece
        if reading.separator is not None:
            before, found, behind = piece.partition(reading.separator)
            if not found:
                from sim.stories.workload import LineError

                raise LineError(self._name, number, piece, reading.separator)
            key, value = before, behind
        marker = reading.null_marker
        return Line(None if key is not None and key == marker else key, None if value == marker else value)

    def _pieces(self) -> Iterator[bytes]:
        delimiter = self._reading.delimiter
        held = bytearray()
        while True:
            try:
                chunk = self._source.read1(CHUNK_BYTES)
            except OSError as error:
                raise CommandError(f"cannot read {self._name}: {error.strerror}") from error
            if not chunk:
                break
            self.bytes_read += len(chunk)
            # A delimiter may lie across the seam.
            looked_at = max(0, len(held) - len(delimiter) + 1)
            held += chunk
            if held.find(delimiter, looked_at) < 0:
                if len(held) > RECORD_BYTES_MAX:
                    raise CommandError(
                        f"{self._name}: no delimiter {delimiter!r} within {RECORD_BYTES_MAX >> 20} MiB; -D says which it is"
                    )
                continue
            *pieces, rest = bytes(held).split(delimiter)
            held = bytearray(rest)
            yield from pieces
        if held:
            yield bytes(held)
