"""A journal of everything that came from outside: with it the run of a real client is run again, without sockets.

JSON Lines: a header with the stage, `[at_us, kind, fields…]` for each input, bytes in base64, and at the end the digests of what
happened and of what was answered.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from dataclasses import asdict
from hashlib import blake2b
from typing import IO, TYPE_CHECKING, Any, NamedTuple

from sim.serve.inputs import Answered, CallEnded, Connected, Drained, Ended, Filled, Healed, Input, Received, Struck
from sim.serve.stage import Stage

if TYPE_CHECKING:
    from sim.serve.gate import Outside

FORMAT = "acklab-journal-1"
END = "End"
_KINDS: dict[str, type[Any]] = {
    one.__name__: one for one in (Connected, Received, Ended, Filled, Drained, Struck, Healed, Answered, CallEnded)
}


class JournalError(Exception):
    """A file is not a journal: the message names the line and what is wrong with it."""


class End(NamedTuple):
    """What a run came to."""

    at_us: int
    trace: str
    """The digest of every event."""
    answers: str
    """The digest of every byte that went to a client, and of how each connection ended."""


class Entry(NamedTuple):
    """One input, and when it was taken."""

    at_us: int
    given: Input


class Journal:
    """Writes one as a run goes on; what is not flushed is gone with its process."""

    def __init__(self, out: IO[str]) -> None:
        self._out = out

    def begin(self, stage: Stage, version: str) -> None:
        """Write what is served, and by which version."""
        self._line({"format": FORMAT, "acklab": version, "stage": asdict(stage)})

    def write(self, at_us: int, given: Input) -> None:
        """Note an input that is about to be taken."""
        fields = [b64encode(one).decode() if isinstance(one, bytes) else one for one in given]
        self._line([at_us, type(given).__name__, *fields])

    def flush(self) -> None:
        """Hand everything to the operating system."""
        self._out.flush()

    def end(self, end: End) -> None:
        """Write what the run came to."""
        self._line([end.at_us, END, end.trace, end.answers])
        self.flush()

    def _line(self, value: Any) -> None:
        self._out.write(json.dumps(value, separators=(",", ":")) + "\n")


class Answers:
    """An outside that takes the digest of all that goes there, and hands it on."""

    def __init__(self, outside: Outside | None = None) -> None:
        """None: nobody is there, as in a replay."""
        self._outside = outside
        self._hasher = blake2b(digest_size=16)
        self.bytes = 0
        """How many went to clients."""

    def digest(self) -> str:
        """Give 32 hex digits over all so far."""
        return self._hasher.copy().hexdigest()

    def write(self, connection: int, data: bytes) -> None:
        self._note("write", connection, len(data))
        self._hasher.update(data)
        self.bytes += len(data)
        if self._outside is not None:
            self._outside.write(connection, data)

    def hold(self, connection: int) -> None:
        if self._outside is not None:
            self._outside.hold(connection)

    def go_on(self, connection: int) -> None:
        if self._outside is not None:
            self._outside.go_on(connection)

    def end(self, connection: int, *, is_reset: bool) -> None:
        self._note("reset" if is_reset else "close", connection, 0)
        if self._outside is not None:
            self._outside.end(connection, is_reset=is_reset)

    def _note(self, what: str, connection: int, size: int) -> None:
        self._hasher.update(f"{what} {connection} {size}\n".encode())


class WrittenJournal:
    """A journal that is read: its stage at once, its entries one by one; behind the last of them `end` is known."""

    def __init__(self, source: IO[str]) -> None:
        """Raises JournalError if the first line is not a journal's."""
        from pydantic import TypeAdapter, ValidationError

        self._source = source
        self.end: End | None = None
        """What the run came to; None for one that was ended without a word."""
        try:
            header = json.loads(source.readline())
            if header["format"] != FORMAT:
                raise JournalError(f"format is {header['format']!r}, must be {FORMAT!r}")
            self.version = str(header["acklab"])
            self.stage = TypeAdapter(Stage).validate_python(header["stage"])
        except (ValueError, KeyError, TypeError, ValidationError) as error:
            raise JournalError(f"line 1 is not the header of a journal: {error}") from error

    def __iter__(self) -> Iterator[Entry]:
        """Raises JournalError, naming the line."""
        before_us = 0
        for number, line in enumerate(self._source, start=2):
            try:
                at_us, kind, *fields = json.loads(line)
                if kind == END:
                    self.end = End(at_us, *fields)
                    return
                if type(at_us) is not int or at_us < before_us:
                    raise ValueError("its time is before the line above")
                yield Entry(at_us, _input(kind, fields))
            except (ValueError, KeyError, TypeError) as error:
                if not line.endswith("\n"):
                    return  # the process ended amid this line
                raise JournalError(f"line {number} is not an input: {line.strip()[:80]!r} ({error})") from error
            before_us = at_us


def is_journal(first_line: str) -> bool:
    """Whether a file that begins with this line says that it is a journal."""
    try:
        header = json.loads(first_line)
    except ValueError:
        return False
    return isinstance(header, dict) and header.get("format") == FORMAT


def _input(kind: str, fields: list[Any]) -> Input:
    if kind == Received.__name__:
        connection, data = fields
        return Received(connection, b64decode(data, validate=True))
    found: Input = _KINDS[kind](*fields)
    return found
