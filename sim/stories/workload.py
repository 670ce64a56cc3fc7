"""What a simulated application does: records in phases, with keys drawn from a named stream, or lines of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from producer.partitioners.composite_key import CompositeKey
from producer.records import Headers, Record, check_record, check_topic
from sim.faults.schedule import After
from sim.faults.text import read_durations

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sim.stories.conditions import Condition
    from sim.world.kernel import Stream


T = TypeVar("T")

_HEADER = re.compile(r"header .+")
PERCENT_MAX = 100


class KeyValue(NamedTuple):
    """One record as a file brings it, before it has a topic."""

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
    """How many."""
    prefix: str = "user"
    """What stands before the number."""

    def __post_init__(self) -> None:
        if self.count < 1:
            raise ValueError(f"KeysInTurn.count is {self.count}, must be at least 1")

    def key(self, number: int, chance: Stream) -> bytes | None:  # noqa: ARG002 - others draw
        return f"{self.prefix}-{number % self.count}".encode()


@dataclass(frozen=True, slots=True)
class HotKey:
    """One key takes its percentage of the records, the others share the rest evenly."""

    percent: int
    """How many of 100 records have the hot key."""
    others: int
    """How many other keys."""
    hot: str = "user-42"
    """The key that takes so much."""

    def __post_init__(self) -> None:
        if not 0 <= self.percent <= PERCENT_MAX:
            raise ValueError(f"HotKey.percent is {self.percent}, must be 0 to {PERCENT_MAX}")
        if self.others < 1:
            raise ValueError(f"HotKey.others is {self.others}, must be at least 1")

    def key(self, number: int, chance: Stream) -> bytes | None:  # noqa: ARG002 - the draw decides, not the number
        if chance.randrange(PERCENT_MAX) < self.percent:
            return self.hot.encode()
        return f"user-{1000 + chance.randrange(self.others)}".encode()


@dataclass(frozen=True, slots=True)
class CompositeKeys:
    """Each key with a sub-key, so many in turn: `user-42|0`, `user-42|1` and so on."""

    keys: Keys
    """Which keys."""
    sub_keys: int
    """How many of each."""

    def __post_init__(self) -> None:
        if self.sub_keys < 1:
            raise ValueError(f"CompositeKeys.sub_keys is {self.sub_keys}, must be at least 1")

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
    """How long the application is silent before it; counted from the end of the phase before, or of what it waits for."""
    waits_for: Condition | None = None
    """What must have come before: a point in the protocol since the story's begin, or a state such as `in_sync("orders-0")`."""

    def __post_init__(self) -> None:
        read_durations(self)
        if isinstance(self.waits_for, After) and self.waits_for.delay_us:
            raise ValueError(f"Phase.waits_for is '{self.waits_for}', a delay behind it is quiet_us")
        for name in ("share", "every_us", "quiet_us"):
            if type(getattr(self, name)) is not int or getattr(self, name) < 0:
                raise ValueError(f"Phase.{name} is {getattr(self, name)!r}, must be a whole number, and not negative")


@dataclass(frozen=True, slots=True)
class Workload:
    """Everything one application sends. Raises ValueError, or UsageError for a record that cannot be one."""

    topic: str | tuple[str, ...] = "orders"
    """One topic, or several in turn: then each key goes to each of them."""
    records: int | tuple[Record, ...] = 30
    """How many, unless a file brings its own; or each of them, written out."""
    phases: tuple[Phase, ...] = (Phase(),)
    """The stretches in which they are sent, one after the other; each takes its share of the records."""
    keys: Keys = KeysInTurn(5)
    """Under which keys: `KeysInTurn`, `HotKey`, `CompositeKeys`, `NoKeys`, or anything with their `key`."""
    value_bytes: int = 0
    """Values are `value-17`; longer ones are padded to this."""
    tombstone_every: int = 0
    """Every so many records one has no value, which deletes its key from a compacted topic; 0 for none."""
    partition: int | tuple[int | None, ...] | None = None
    """The application's own choice, or several in turn; None leaves it to the partitioner."""
    headers: Headers = ()
    """What stands in front of each record."""
    timestamp_ms: int | None = None
    """CreateTime of the first record, in epoch milliseconds; None takes the time of each send."""
    timestamp_step_ms: int = 0
    """From one record's CreateTime to the next."""
    stands_for: str = ""
    """What makes two records of a topic the same thing to the business, whoever sent them, and however often: equal `value`,
    equal `key`, or an equal `header NAME`. Empty: nobody says, and nobody judges it."""
    transaction_records: int = 0
    """So many records in turn belong together: a transaction of a producer with a `transactional.id`, else no more than a wish.
    0: nothing belongs together; with a `transactional.id` all that is sent in a phase."""
    may_miss: bool = False
    """Whether it may send to topics and partitions that are never there; else that is a mistake in a scenario's file."""

    def __post_init__(self) -> None:
        if isinstance(self.records, tuple):
            self._check_written()
        elif self.records < 1:
            raise ValueError(f"Workload.records is {self.records}, must be at least 1")
        if self.stands_for not in {"", "value", "key"} and not _HEADER.fullmatch(self.stands_for):
            raise ValueError(f"Workload.stands_for is {self.stands_for!r}, must be value, key or header NAME")
        if not self.topic or not self._partitions:
            raise ValueError("Workload.topic and Workload.partition must name at least one")
        for name in ("tombstone_every", "transaction_records"):
            if getattr(self, name) < 0:
                raise ValueError(f"Workload.{name} is {getattr(self, name)}, must not be negative")
        if not sum(phase.share for phase in self.phases):
            raise ValueError("Workload.phases has no phase with a share of the records")
        for record in self.dressed([KeyValue(None, None)]):
            check_record(record)

    def _check_written(self) -> None:
        assert isinstance(self.records, tuple)
        if not self.records:
            raise ValueError("Workload.records is empty, must have at least 1")
        for record in self.records:
            check_topic(record.topic)
            check_record(record)
        for field in fields(self):
            if (
                field.name not in {"records", "phases", "may_miss", "stands_for", "transaction_records"}
                and getattr(self, field.name) != field.default
            ):
                raise ValueError(f"Workload.{field.name} is given, but Workload.records are written out")

    @property
    def destinations(self) -> tuple[tuple[str, int | None], ...]:
        """Every topic that it sends to, with each partition that it chooses there itself; None: the partitioner does."""
        if isinstance(self.records, tuple):
            return tuple(dict.fromkeys((record.topic, record.partition) for record in self.records))
        return tuple((topic, partition) for topic in self.topics for partition in self._partitions)

    @property
    def topics(self) -> tuple[str, ...]:
        """Every topic that it sends to, in turn."""
        if isinstance(self.records, tuple):
            return tuple(dict.fromkeys(record.topic for record in self.records))
        return (self.topic,) if isinstance(self.topic, str) else self.topic

    @property
    def _partitions(self) -> tuple[int | None, ...]:
        return self.partition if isinstance(self.partition, tuple) else (self.partition,)

    def made(self, chance: Stream) -> list[Record]:
        """Make the records; the same stream gives the same ones."""
        if isinstance(self.records, tuple):
            return list(self.records)
        turns = len(self.topics)
        return self.dressed(
            [KeyValue(self.keys.key(number // turns, chance), self._value(number)) for number in range(self.records)]
        )

    def _value(self, number: int) -> bytes | None:
        if self.tombstone_every and (number + 1) % self.tombstone_every == 0:
            return None
        return f"value-{number}".encode().ljust(self.value_bytes, b".")

    def business_of(self, record: Record) -> bytes | None:
        """What a record stands for; None if nobody says, or it has nothing there."""
        match self.stands_for.split(" ", 1):
            case ["value"]:
                return record.value
            case ["key"]:
                return record.key
            case ["header", name]:
                return next((value for one, value in record.headers if one == name), None)
            case _:
                return None

    def dressed(self, given: Sequence[KeyValue]) -> list[Record]:
        """Give keys and values their topics, partitions, headers and times, in the order in which they are sent."""
        if isinstance(self.records, tuple):
            written = self.records
            return [
                written[number % len(written)]._replace(key=key, value=value)
                for number, (key, value) in enumerate(given)
            ]
        topics, partitions = self.topics, self._partitions
        return [
            Record(
                topics[number % len(topics)],
                value,
                key,
                partitions[number % len(partitions)],
                self.headers,
                None if self.timestamp_ms is None else self.timestamp_ms + number * self.timestamp_step_ms,
            )
            for number, (key, value) in enumerate(given)
        ]

    def bringing(self, given: Sequence[KeyValue]) -> Workload:
        """Give the same with those keys and values in place of its own."""
        return Workload(
            records=tuple(self.dressed(given)),
            phases=self.phases,
            may_miss=self.may_miss,
            transaction_records=self.transaction_records,
        )

    def split(self, records: Sequence[T]) -> Iterator[tuple[Phase, Sequence[T]]]:
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
