"""When faults strike: at a time of the story, or at a point in the protocol; and the words in which scenarios say so.

    at(2_000_000).crash("b1")
    after(appended("orders-0", nth=3)).crash(leader("orders-0"))
    after(phase_sent(2)).wait(300_000).resume(followers("orders-0"))

A point in the protocol is the nth event of the trace that matches; deleting one entry of a schedule therefore does not
shift the others, and the same schedule means the same under another configuration.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sim.faults import (
    AddPartitions,
    AnswerWithError,
    Crash,
    CutLink,
    DelayResponse,
    DropResponse,
    Fault,
    FaultTextError,
    Followers,
    HoldLink,
    Leader,
    MoveLeader,
    NotInjectedError,
    OpenLink,
    Pause,
    ResetLink,
    Restart,
    Resume,
    ShrinkIsr,
    SlowDisk,
    parse_fault,
)
from sim.faults.brokers import DiskAfterCrash
from sim.faults.targets import HostTarget, OneTarget, Target, brokers, parse_host, parse_one, parse_target
from sim.faults.text import DURATION, duration_text, parse_duration, topic_partition
from sim.trace.events import FaultInjected, FaultRefused
from sim.trace.trace import EVENT_TYPES

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.trace.trace import Event, Trace
    from sim.world.kernel import World

Wanted = int | str | Leader | Followers
"""What an event's field must be: a value (text stands for bytes, too), or whoever has the role at that moment."""


@dataclass(frozen=True, slots=True)
class At:
    """A time of the story."""

    us: int
    """Microseconds after the story's begin."""

    def __post_init__(self) -> None:
        if self.us < 0:
            raise FaultTextError(f"at {self.us} us: a story begins at 0")

    def __str__(self) -> str:
        return f"at {duration_text(self.us)}"


@dataclass(frozen=True, slots=True)
class After:
    """A point in the protocol: the nth event of that type, counted from the story's begin, whose fields match."""

    event: str
    """Name of an event type, such as `BatchAppended`."""
    nth: int = 1
    where: tuple[tuple[str, Wanted], ...] = ()
    """(field, wanted) pairs, in the order of writing."""
    delay_us: int = 0
    """How long after the event; 0 strikes before anything else that happens at that time."""

    def __post_init__(self) -> None:
        event_type = EVENT_TYPES.get(self.event)
        if event_type is None:
            near = _nearest(self.event, EVENT_TYPES)
            raise FaultTextError(f"{self.event!r} is not an event of the trace{near}")
        for name, _ in self.where:
            if name not in event_type._fields:
                fields = ", ".join(event_type._fields)
                raise FaultTextError(f"{self.event} has no field {name!r}: it has {fields}")
        if self.nth < 1:
            raise FaultTextError(f"{self.event}#{self.nth}: events are counted from 1")
        if self.delay_us < 0:
            raise FaultTextError(f"after {self.event} by {self.delay_us} us: must not be negative")

    def __str__(self) -> str:
        parts = [f"after {self.event}#{self.nth}", *(f"{name}={_wanted_text(wanted)}" for name, wanted in self.where)]
        if self.delay_us:
            parts.append(f"+{duration_text(self.delay_us)}")
        return " ".join(parts)


Anchor = At | After


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a schedule: `at 2s: crash b1`."""

    when: Anchor
    fault: Fault

    def __str__(self) -> str:
        return f"{self.when}: {self.fault}"


Schedule = tuple[Entry, ...]


# -- text --------------------------------------------------------------------------------------------------------------

_AT = re.compile(rf"at (?P<time>{DURATION}|0)")
_AFTER = re.compile(r"after (?P<event>\w+)(?:#(?P<nth>\d+))?(?P<rest>.*)")
_PLAIN = re.compile(r"[A-Za-z_][\w.-]*|(?:leader|followers)\([\w.-]+\)")
_INTEGER = re.compile(r"-?\d+")
_PART = re.compile(rf' (?:(?P<name>\w+)=(?P<value>"(?:[^"\\]|\\.)*"|[^\s"]+)|\+(?P<delay>{DURATION}))')
_EXPECTED = "expected it as in 'at 2s: crash b1' or 'after BatchAppended#3 broker=1 +5ms: pause b1'"


def _nearest(name: str, known: Mapping[str, Any]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _wanted_text(wanted: Wanted) -> str:
    if isinstance(wanted, str):
        is_plain = _PLAIN.fullmatch(wanted) and "(" not in wanted and not re.fullmatch(r"b\d+", wanted)
        return wanted if is_plain else json.dumps(wanted)
    return str(wanted)


def _parse_wanted(text: str) -> Wanted:
    if text.startswith('"'):
        unquoted: str = json.loads(text)
        return unquoted
    if _INTEGER.fullmatch(text):
        return int(text)
    if re.fullmatch(r"b\d+", text) or "(" in text:
        target = parse_target(text)
        assert not isinstance(target, tuple)
        return target
    return text


def parse_anchor(text: str) -> Anchor:
    """Read the line that `str(anchor)` writes. Raises FaultTextError saying what was expected."""
    match = _AT.fullmatch(text)
    if match is not None:
        return At(0 if match["time"] == "0" else parse_duration(match["time"]))
    match = _AFTER.fullmatch(text)
    if match is None:
        raise FaultTextError(f"{text!r} is not a point in time: {_EXPECTED}")
    rest, where, delay_us = match["rest"], [], 0
    while rest:
        part = _PART.match(rest)
        if part is None:
            raise FaultTextError(f"{rest.strip()!r} in {text!r} is not understood: {_EXPECTED}")
        if part["delay"] is not None:
            delay_us += parse_duration(part["delay"])
        else:
            where.append((part["name"], _parse_wanted(part["value"])))
        rest = rest[part.end() :]
    return After(match["event"], int(match["nth"] or 1), tuple(where), delay_us)


def parse_entry(text: str) -> Entry:
    """Read the line that `str(entry)` writes. Raises FaultTextError saying what was expected."""
    line = text.strip()
    # A quoted value of the anchor may hold ": " itself; no fault's text does.
    when, colon, fault = line.rpartition(": ")
    if not colon:
        raise FaultTextError(f"{line!r} is not a fault with its time: {_EXPECTED}")
    return Entry(parse_anchor(when.strip()), parse_fault(fault))


# -- the words of a scenario -------------------------------------------------------------------------------------------


def _target(target: Target | str) -> Target:
    return parse_target(target) if isinstance(target, str) else target


def _one(target: OneTarget | str | None) -> OneTarget | None:
    return parse_one(target) if isinstance(target, str) else target


def _host(target: HostTarget) -> HostTarget:
    return parse_host(target) if isinstance(target, str) else target


@dataclass(frozen=True, slots=True)
class When:
    """A moment to which faults are tied: each verb gives one entry of a schedule."""

    anchor: Anchor

    def wait(self, delay_us: int) -> When:
        """That much later."""
        match self.anchor:
            case At(us):
                return When(At(us + delay_us))
            case After(event, nth, where, before_us):
                return When(After(event, nth, where, before_us + delay_us))

    def fault(self, fault: Fault) -> Entry:
        """Tie any fault to this moment."""
        return Entry(self.anchor, fault)

    def crash(self, broker: Target | str, *, disk: DiskAfterCrash = "kept") -> Entry:
        return self.fault(Crash(_target(broker), disk))

    def restart(self, broker: Target | str) -> Entry:
        return self.fault(Restart(_target(broker)))

    def pause(self, broker: Target | str) -> Entry:
        return self.fault(Pause(_target(broker)))

    def resume(self, broker: Target | str) -> Entry:
        return self.fault(Resume(_target(broker)))

    def slow_disk(self, broker: Target | str, *, factor: int) -> Entry:
        return self.fault(SlowDisk(_target(broker), factor))

    def move_leader(self, partition: str, *, to: int | None = None) -> Entry:
        return self.fault(MoveLeader(partition, to))

    def shrink_isr(self, partition: str, *, by: Target | str, lasts_us: int) -> Entry:
        return self.fault(ShrinkIsr(partition, _target(by), lasts_us))

    def add_partitions(self, topic: str, *, up_to: int) -> Entry:
        return self.fault(AddPartitions(topic, up_to))

    def hold_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(HoldLink(_host(source), None if target is None else _host(target), one_way))

    def cut_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(CutLink(_host(source), None if target is None else _host(target), one_way))

    def open_link(self, source: HostTarget, target: HostTarget | None = None, *, one_way: bool = False) -> Entry:
        return self.fault(OpenLink(_host(source), None if target is None else _host(target), one_way))

    def reset_link(self, source: HostTarget, target: HostTarget | None = None) -> Entry:
        return self.fault(ResetLink(_host(source), None if target is None else _host(target)))

    def drop_response(
        self,
        api: str = "Produce",
        *,
        by: OneTarget | str | None = None,
        about: str | None = None,
        then: Literal["reset", "stall"] = "reset",
        times: int = 1,
    ) -> Entry:
        return self.fault(DropResponse(_one(by), api, about, then, times))

    def delay_response(
        self,
        api: str = "Produce",
        *,
        by_us: int,
        by: OneTarget | str | None = None,
        about: str | None = None,
        times: int = 1,
    ) -> Entry:
        return self.fault(DelayResponse(_one(by), by_us, api, about, times))

    def answer(
        self,
        code: str,
        *,
        api: str = "Produce",
        by: OneTarget | str | None = None,
        about: str | None = None,
        times: int = 1,
        after_append: bool = False,
    ) -> Entry:
        return self.fault(AnswerWithError(_one(by), code, api, about, times, after_append))


def at(us: int) -> When:
    """At that many microseconds after the story's begin."""
    return When(At(us))


def after(point: After) -> When:
    """At a point in the protocol: `after(appended("orders-0", nth=3))`."""
    return When(point)


def event(name: str, *, nth: int = 1, where: Mapping[str, Wanted] | None = None) -> After:
    """The nth event of any type whose fields are these."""
    return After(name, nth, tuple((where or {}).items()))


def _of_partition(name: str, partition: str, nth: int) -> After:
    topic, number = topic_partition(partition)
    return After(name, nth, (("topic", topic), ("partition", number)))


def appended(partition: str, *, nth: int = 1) -> After:
    """The leader appended its nth batch to the partition, and has not answered yet."""
    return _of_partition("BatchAppended", partition, nth)


def elected(partition: str, *, nth: int = 1) -> After:
    """The controller chose a leader of the partition for the nth time (or found none)."""
    return _of_partition("LeaderElected", partition, nth)


def batch_sent(partition: str, *, nth: int = 1) -> After:
    """The producer put its nth batch for the partition on the wire."""
    return _of_partition("BatchSent", partition, nth)


def sent(nth: int) -> After:
    """The application called send for the nth time."""
    return After("RecordSent", nth)


def acknowledged(nth: int) -> After:
    """The application was told for the nth time that a record is written."""
    return After("RecordAcknowledged", nth)


def phase_began(phase: int) -> After:
    """The application entered the phase."""
    return After("PhaseBegan", 1, (("phase", phase),))


def phase_sent(phase: int) -> After:
    """The application handed over the last record of the phase."""
    return After("PhaseSent", 1, (("phase", phase),))


def phase_ended(phase: int) -> After:
    """The application knows how each record of the phase ended."""
    return After("PhaseEnded", 1, (("phase", phase),))


# -- a schedule at work ------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Counter:
    """How many matching events an anchor still has to see."""

    left: int
    stop: Callable[[], None] = field(default=lambda: None)


class ArmedSchedule:
    """A schedule that watches one run and strikes. Every attempt is in the trace; `is_spent` once all were made."""

    def __init__(self, world: World, trace: Trace, cluster: Cluster, schedule: Schedule) -> None:
        """Arm every entry; the story begins now."""
        self._world = world
        self._trace = trace
        self._cluster = cluster
        self.schedule = schedule
        self.unfired = dict(enumerate(schedule))
        """Entries whose moment has not come yet, by their place."""
        self.refused: dict[int, str] = {}
        """Entries whose moment came but which had no effect, and why."""
        self.last_fired_us = world.now_us
        """When the last attempt was made."""
        self.last_due_us = world.now_us
        """The latest time that is known to be due; a point in the protocol counts once it was reached."""
        self._is_over = False
        for place, entry in enumerate(schedule):
            match entry.when:
                case At(us):
                    self._strike_in(us, place)
                case After():
                    self._watch(place, entry.when)

    @property
    def is_spent(self) -> bool:
        return not self.unfired

    def disarm(self) -> None:
        """Strike no more: the story is over, and what has not come by now never will."""
        self._is_over = True

    def _watch(self, place: int, anchor: After) -> None:
        counter = _Counter(anchor.nth)

        def see(seen: Event) -> None:
            if not _matches(seen, anchor.where, self._cluster):
                return
            counter.left -= 1
            if counter.left == 0:
                counter.stop()
                if anchor.delay_us:
                    self._strike_in(anchor.delay_us, place)
                else:
                    self._world.call_first(self._strike, place)

        counter.stop = self._trace.watch(EVENT_TYPES[anchor.event], see)

    def _strike_in(self, delay_us: int, place: int) -> None:
        self.last_due_us = max(self.last_due_us, self._world.now_us + delay_us)
        self._world.call_in(delay_us, self._strike, place)

    def _strike(self, place: int) -> None:
        if self._is_over:
            return
        entry = self.unfired.pop(place)
        self.last_fired_us = self._world.now_us
        now_us, fault = self._world.now_us, str(entry.fault)
        try:
            resolved = entry.fault.resolved(self._cluster)
            fault = str(resolved)
            self._trace.emit(FaultInjected(now_us, place, fault))
            resolved.inject(self._cluster)
        except (NotInjectedError, ValueError) as error:
            self.refused[place] = str(error)
            self._trace.emit(FaultRefused(now_us, place, fault, str(error)))


def _matches(seen: Event, where: tuple[tuple[str, Wanted], ...], cluster: Cluster) -> bool:
    for name, wanted in where:
        found = getattr(seen, name)
        if isinstance(wanted, (Leader, Followers)):
            try:
                if found not in brokers(wanted, cluster):
                    return False
            except (NotInjectedError, ValueError):
                return False
        elif isinstance(found, bytes):
            if found != str(wanted).encode():
                return False
        elif found != wanted:
            return False
    return True
