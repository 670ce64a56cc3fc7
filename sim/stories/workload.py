"""What a simulated application does: records in phases, with keys drawn from a named stream, or lines of a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Protocol

from producer.partitioners.composite_key import CompositeKey

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sim.world.kernel import Stream


class KeyValue(NamedTuple):
    """One record as an application makes it, before it has a topic."""

    key: bytes | None
    value: bytes | None


class Keys(Protocol):
    """Gives the key of each record in turn."""

    def key(self, number: int, chance: Stream) -> bytes | None:
        """Give the key of the record with that number, from 0."""


@dataclass(frozen=True, slots=True)
class KeysInTurn:
    """So many keys, one after the other: `user-0`, `user-1` and so on."""

    count: int
    prefix: str = "user"

    def key(self, number: int, chance: Stream) -> bytes | None:  # noqa: ARG002 - others draw
        return f"{self.prefix}-{number % self.count}".encode()


@dataclass(frozen=True, slots=True)
class HotKey:
    """One key takes its percentage of the records, the others share the rest evenly."""

    percent: int
    others: int
    """How many other keys."""
    hot: str = "user-42"

    def key(self, number: int, chance: Stream) -> bytes | None:  # noqa: ARG002 - the draw decides, not the number
        if chance.randrange(100) < self.percent:
            return self.hot.encode()
        return f"user-{1000 + chance.randrange(self.others)}".encode()


@dataclass(frozen=True, slots=True)
class CompositeKeys:
    """Each key with a sub-key, so many in turn: `user-42|0`, `user-42|1` and so on."""

    keys: Keys
    sub_keys: int

    def key(self, number: int, chance: Stream) -> bytes | None:
        key = self.keys.key(number, chance)
        return None if key is None else CompositeKey(key, b"%d" % (number % self.sub_keys)).encode()


@dataclass(frozen=True, slots=True)
class NoKeys:
    """Records without a key."""

    def key(self, number: int, chance: Stream) -> bytes | None:  # noqa: ARG002 - none to draw
        return None


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of sending. It ends when every send has ended, one way or the other."""

    share: int = 1
    """Its part of the records, relative to the other phases."""
    every_us: int = 1_000
    """From one send to the next."""
    quiet_us: int = 0
    """How long the application is silent before it; counted from the end of the phase before."""

    def __post_init__(self) -> None:
        for name in ("share", "every_us", "quiet_us"):
            if getattr(self, name) < 0:
                raise ValueError(f"Phase.{name} is {getattr(self, name)}, must not be negative")


@dataclass(frozen=True, slots=True)
class Workload:
    """Everything one application sends."""

    topic: str = "orders"
    records: int = 30
    """How many, unless a file brings its own."""
    phases: tuple[Phase, ...] = (Phase(),)
    keys: Keys = KeysInTurn(5)
    value_bytes: int = 0
    """Values are `value-17`; longer ones are padded to this."""

    def __post_init__(self) -> None:
        if self.records < 1:
            raise ValueError(f"Workload.records is {self.records}, must be at least 1")
        if not sum(phase.share for phase in self.phases):
            raise ValueError("Workload.phases has no phase with a share of the records")

    def made(self, chance: Stream) -> list[KeyValue]:
        """Make the records; the same stream gives the same ones."""
        return [
            KeyValue(self.keys.key(number, chance), f"value-{number}".encode().ljust(self.value_bytes, b"."))
            for number in range(self.records)
        ]

    def split(self, records: Sequence[KeyValue]) -> Iterator[tuple[Phase, Sequence[KeyValue]]]:
        """Give each phase with its records: shares are rounded down, the last phase that has one takes the rest."""
        total = sum(phase.share for phase in self.phases)
        before = 0
        begin = 0
        for phase in self.phases:
            before += phase.share
            end = len(records) * before // total
            yield phase, records[begin:end]
            begin = end


class LineError(ValueError):
    """A line is no record: the message names the source, the line's number and its text."""

    def __init__(self, source: str, number: int, line: bytes, separator: bytes) -> None:
        """Show at most the first 80 characters of the line."""
        shown = line[:80].decode("utf-8", "backslashreplace")
        self.number = number
        super().__init__(
            f"{source}, line {number}: no {separator.decode('utf-8', 'backslashreplace')!r} between key and value: "
            f"{shown!r}"
        )


def read_records(lines: Iterable[bytes], *, source: str, separator: bytes = b":") -> Iterator[KeyValue]:
    """Read one `key:value` record a line, as Kafka's console producer takes them; bytes stay what they are.

    The first separator counts, later ones belong to the value. Raises `LineError` at the first line without one.
    """
    for number, line in enumerate(lines, start=1):
        text = line.removesuffix(b"\n").removesuffix(b"\r")
        key, found, value = text.partition(separator)
        if not found:
            raise LineError(source, number, text, separator)
        yield KeyValue(key, value)
