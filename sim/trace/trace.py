"""The one trace of a run: typed events in one order, a rolling digest, and JSON Lines for exchange.

Checkers, screens and reports read a trace and nothing else.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import IO, TYPE_CHECKING, Any, NamedTuple, get_type_hints

import producer.events
import sim.trace.events

if TYPE_CHECKING:
    from collections.abc import Callable

Event = Any
"""A named tuple of `sim.trace.events` or `producer.events` whose first field is `at_us`."""

FORMAT = "acklab-trace-1"
_DIGESTED_AT_ONCE = 10_000
_FAULTS = frozenset({sim.trace.events.FaultInjected, sim.trace.events.FaultRefused})


def _event_types() -> dict[str, type[Any]]:
    found: dict[str, type[Any]] = {}
    for module in (producer.events, sim.trace.events):
        for name, value in vars(module).items():
            if isinstance(value, type) and issubclass(value, tuple) and getattr(value, "_fields", ())[:1] == ("at_us",):
                # A trace file and a schedule name an event by this alone.
                assert name not in found, f"two events are called {name}"
                found[name] = value
    return found


EVENT_TYPES = _event_types()
"""Every event type by its name."""


def time_text(us: int) -> str:
    """Write a virtual time to the millisecond: `14.802s`."""
    seconds, rest_us = divmod(abs(us), 1_000_000)
    return f"{'-' if us < 0 else ''}{seconds}.{rest_us // 1_000:03d}s"


def moment_text(event: Event, begun_us: int) -> str:
    """Write when an event was, counted from the story's begin: to the millisecond, and a fault's exactly.

    A fault's line is copied to be struck again, and a part of a millisecond decides what it strikes amid.
    """
    us = event.at_us - begun_us
    seconds, rest_us = divmod(us, 1_000_000)
    is_exact = type(event) in _FAULTS and rest_us % 1_000
    return f"{seconds}.{rest_us:06d}s" if is_exact else time_text(us)


class TraceError(Exception):
    """A file is not a trace: the message names the line and what is wrong with it."""


class TraceHeader(NamedTuple):
    """What a trace belongs to."""

    scenario: str
    seed: int
    witness: dict[str, Any]
    """The run as a witness file holds it: enough to run it again."""


class Trace:
    """Events in the order in which they happened; an event's sequence number is its index, as long as none was shed."""

    __slots__ = ("_digested", "_hasher", "_watchers", "begun_us", "events", "shed_count")

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.shed_count = 0
        """How many events came before `events[0]` and are no longer here."""
        self.begun_us = 0
        """When its story began, on the world's clock, which every event has: what a schedule's times count from."""
        self._watchers: dict[type[Any], tuple[Callable[[Event], object], ...]] = {}
        self._hasher = blake2b(digest_size=16)
        self._digested = 0

    def __len__(self) -> int:
        return len(self.events)

    def __iter__(self) -> Iterator[Event]:
        return iter(self.events)

    def __getitem__(self, index: int) -> Event:
        return self.events[index]

    def emit(self, event: Event) -> None:
        """Add one event, and tell whoever watches its type."""
        self.events.append(event)
        watchers = self._watchers.get(type(event))
        if watchers is not None:
            for watcher in watchers:
                watcher(event)

    def clock(self, at_us: int) -> str:
        """Write a moment for people, as `2.530s` counted from the story's beginning, as a schedule counts; before it with a minus."""
        return time_text(at_us - self.begun_us)

    def moment(self, index: int) -> str:
        """Write when an event was, as `clock` does; a fault's time to the microsecond, for it to be given again."""
        return moment_text(self.events[index], self.begun_us)

    def watch(self, event_type: type[Any], watcher: Callable[[Event], object]) -> Callable[[], None]:
        """Call `watcher` with each later event of that type. Returns the function that ends it.

        A watcher must not act on the world at once, or the trace would hold effects before their cause: it schedules.
        """
        # Made anew each time: whoever begins or ends while one event is told changes nothing for that event.
        self._watchers[event_type] = (*self._watchers.get(event_type, ()), watcher)

        def end() -> None:
            watchers = [*self._watchers.get(event_type, ())]
            if watcher in watchers:
                watchers.remove(watcher)
                self._watchers[event_type] = tuple(watchers)

        return end

    def end_watching(self) -> None:
        """Call nobody any more: the run is over, and whoever keeps its trace need not keep its watchers."""
        self._watchers.clear()

    def shed(self, *, keep: int) -> list[Event]:
        """Take out the oldest events, all but the last `keep`, for a file or for nobody. The digest counts them all the same.

        A run that is judged keeps every event; one that goes on for hours cannot.
        """
        self._feed()
        place = max(0, len(self.events) - keep)
        taken = self.events[:place]
        del self.events[:place]
        self.shed_count += place
        self._digested -= place
        return taken

    def digest(self) -> str:
        """Return 32 hex digits over every event so far; equal traces have equal digests, in any process."""
        self._feed()
        return self._hasher.copy().hexdigest()

    def _feed(self) -> None:
        # Lazily: most events are never asked about one by one, and repr in bulk is cheap.
        shown = tuple.__repr__
        while self._digested < len(self.events):
            part = self.events[self._digested : self._digested + _DIGESTED_AT_ONCE]
            self._hasher.update("".join([f"{type(event).__name__}{shown(event)}\n" for event in part]).encode())
            self._digested += len(part)

    def write(self, out: IO[str], header: TraceHeader) -> None:
        """Write as JSON Lines: a header, then one event a line; bytes as {"b": latin-1 text}."""
        self.write_header(out, header)
        write_events(out, self.events)

    def write_header(self, out: IO[str], header: TraceHeader) -> None:
        """Write the first line of a file whose events follow as they happen (`write_events`)."""
        out.write(json.dumps({"format": FORMAT, "begun_us": self.begun_us, **header._asdict()}) + "\n")

    @classmethod
    def read(cls, source: IO[str]) -> tuple[TraceHeader, Trace]:
        """Read what `write` wrote. Raises `TraceError` naming the line."""
        trace = cls()
        header, trace.begun_us = _read_header(source.readline())
        lines = source.readlines()
        with no_collection():
            try:
                # All lines as one array: twice as fast as one by one, which is left for naming the line that is wrong.
                rows = json.loads(f"[{','.join(lines)}]")
                trace.events = [_event(row) for row in rows]
            except (ValueError, KeyError, TypeError, IndexError):
                trace.events = [_read_event(line, number) for number, line in enumerate(lines, start=2)]
        return header, trace


def write_events(out: IO[str], events: Iterable[Event]) -> None:
    """Write events as the lines of a trace file that has its header."""
    for event in events:
        out.write(json.dumps(row_of(event), separators=(",", ":")) + "\n")


def row_of(event: Event) -> list[Any]:
    """Give an event as plain values: the name of its type, then its fields, as a line of a trace file has them."""
    return [type(event).__name__, *map(_to_json, event)]


def event_of(row: list[Any]) -> Event:
    """Read what `row_of` gives. Raises KeyError for a type that is not known here, TypeError for fields that are not its own."""
    return _event(list(row))


@contextmanager
def no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage while many values are made that all stay: it takes longer than making them."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _nested_fields(event_type: type[Any]) -> tuple[int, ...]:
    """Places of the fields whose JSON is not the value itself: bytes, tuples, and whatever a token is."""
    types = get_type_hints(event_type)
    return tuple(place for place, name in enumerate(event_type._fields) if types[name] not in {int, str, bool})


_NESTED = {name: _nested_fields(event_type) for name, event_type in EVENT_TYPES.items()}


def _event(row: list[Any]) -> Event:
    name = row[0]
    fields = row[1:]
    for place in _NESTED[name]:
        if place < len(fields):
            fields[place] = _from_json(fields[place])
    return EVENT_TYPES[name](*fields)


def _read_event(line: str, number: int) -> Event:
    try:
        return _event(json.loads(line))
    except (ValueError, KeyError, TypeError, IndexError) as error:
        raise TraceError(f"line {number} is not an event: {line.strip()[:80]!r} ({error})") from error


def _read_header(line: str) -> tuple[TraceHeader, int]:
    try:
        fields = json.loads(line)
        given = fields.pop("format")
        if given != FORMAT:
            msg = f"format is {given!r}, must be {FORMAT!r}"
            raise TraceError(msg)
        # A file of an earlier version does not say.
        begun_us = fields.pop("begun_us", 0)
        if not isinstance(begun_us, int):
            msg = f"begun_us is {begun_us!r}, must be a whole number"
            raise TraceError(msg)
        return TraceHeader(**fields), begun_us
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"line 1 is not the header of a trace: {line.strip()[:80]!r}"
        raise TraceError(msg) from error


def _to_json(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"b": value.decode("latin-1")}
    if isinstance(value, tuple):
        return [_to_json(one) for one in value]
    return value


def _from_json(value: Any) -> Any:
    if isinstance(value, dict):
        return value["b"].encode("latin-1")
    if isinstance(value, list):
        return tuple(map(_from_json, value))
    return value
