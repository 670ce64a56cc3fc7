"""One thing to change in a run: a fault more, a fault moved or dropped, a property of the producer; and what there is to choose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, assert_never

from producer.config.config import PROPERTIES as CONFIG_FIELDS
from sim.clients.drivers import PRODUCER
from sim.cluster.applications import life_of
from sim.faults import FAULT_TYPES, parse_fault
from sim.faults.schedule import After, Anchor, At, Entry
from sim.stories.properties import OF, configs_of, effective_properties, with_properties
from sim.trace.events import FaultInjected, FaultRefused
from sim.tui.telling import told

if TYPE_CHECKING:
    from sim.faults import Fault
    from sim.tui.session import Watched
    from sim.tui.view_model import State


@dataclass(frozen=True, slots=True)
class AddFault:
    """One more fault."""

    entry: Entry

    def __str__(self) -> str:
        return f"one more fault: {self.entry}"


@dataclass(frozen=True, slots=True)
class MoveFault:
    """A fault of the schedule at another moment."""

    place: int
    when: Anchor
    fault: Fault

    def __str__(self) -> str:
        return f"fault {self.place + 1} moved: {self.when}: {self.fault}"


@dataclass(frozen=True, slots=True)
class DropFault:
    """The schedule without one of its faults."""

    place: int
    fault: Fault

    def __str__(self) -> str:
        return f"without fault {self.place + 1}: {self.fault}"


@dataclass(frozen=True, slots=True)
class SetProperty:
    """Another value of one of the producer's properties."""

    name: str
    value: str

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


Change = AddFault | MoveFault | DropFault | SetProperty


def run_with(watched: Watched, change: Change) -> Watched:
    """Run again with one thing changed.

    Raises ConfigError for a property that cannot be, FaultTextError for a fault that can never strike.
    """
    properties, schedule = watched.properties, watched.schedule
    match change:
        case AddFault(entry):
            schedule = (*schedule, entry)
        case MoveFault(place, when, fault):
            schedule = (*schedule[:place], replace(schedule[place], when=when, fault=fault), *schedule[place + 1 :])
        case DropFault(place):
            schedule = (*schedule[:place], *schedule[place + 1 :])
        case SetProperty(name, value):
            assert watched.scenario is not None
            properties = effective_properties(with_properties(watched.scenario, properties), {name: value})
        case _:
            assert_never(change)
    return watched.again(properties=properties, schedule=schedule, changed=str(change))


# -- moments -----------------------------------------------------------------------------------------------------------


def anchor_behind(watched: Watched, index: int) -> Anchor:
    """Name the moment right after an event: the nth of its type since the story began, so that it strikes there again."""
    film = watched.film
    begun = film.first_of_story if film.events[film.first_of_story].at_us == film.begun_us else 0
    if index < begun or film.events[index].at_us < film.begun_us:
        return At(0)
    wanted = type(film.events[index])
    nth = 0
    for event in film.events[begun : index + 1]:
        nth += type(event) is wanted and event.at_us >= film.begun_us
    return After(wanted.__name__, nth)


def struck_at(watched: Watched, place: int) -> int | None:
    """Give the event at which an entry of the schedule struck; None if it never did."""
    for index in watched.marks.faults:
        event = watched.events[index]
        if isinstance(event, (FaultInjected, FaultRefused)) and event.entry == place:
            return index
    return None


class Landing(NamedTuple):
    """Where a moved fault would strike."""

    when: Anchor
    behind: int
    """The event that it follows."""
    text: str


def landing(watched: Watched, place: int, steps: int) -> Landing | None:
    """Move a fault by so many events, back if negative; None beyond the story's begin or the run's end.

    What the fault itself brought about at that moment is stepped over.
    """
    struck = struck_at(watched, place)
    if struck is None:
        return None
    film = watched.film
    if steps <= 0:
        behind = struck - 1 + steps
        if behind < 0 or film.story_us(behind) < 0:
            return None
        return Landing(anchor_behind(watched, behind), behind, _behind_text(watched, behind))
    later = struck
    while later < len(film) and film.events[later].at_us <= film.events[struck].at_us:
        later += 1
    behind = later - 1 + steps
    if behind >= len(film):
        return None
    return landing_later(watched, behind)


def landing_here(watched: Watched, place: int, index: int) -> Landing | None:
    """Move a fault to right after an event; None before the story's begin."""
    struck = struck_at(watched, place)
    if watched.film.story_us(index) < 0:
        return None
    if struck is None or index < struck:
        return Landing(anchor_behind(watched, index), index, _behind_text(watched, index))
    return landing_later(watched, index)


def landing_later(watched: Watched, index: int) -> Landing:
    # Without the fault at its old moment this event may never come; the time does in any case.
    when = At(watched.film.story_us(index) + 1)
    return Landing(when, index, _behind_text(watched, index))


def _behind_text(watched: Watched, index: int) -> str:
    what = told(watched.events[index], batch=watched.ways.batch_of(index), whose=watched.ways.whose(index))
    return f"{watched.film.clock(index)}, right after #{index} {what}"


# -- what there is to choose -------------------------------------------------------------------------------------------


class FaultKind(NamedTuple):
    """One kind of fault of the catalogue."""

    verb: str
    meaning: str
    """What it does, in one sentence."""
    example: str

    @property
    def brief(self) -> str:
        """What it does, up to the first pause for breath; nothing behind that takes it back."""
        return re.split(r"[,;:(]| until ", self.meaning)[0].strip().rstrip(".")


def fault_kinds() -> tuple[FaultKind, ...]:
    """Give every kind of the catalogue; one that is said of brokers and of applications is one."""
    found: dict[str, FaultKind] = {}
    for kind in FAULT_TYPES:
        verb, meaning = kind.EXAMPLE.split()[0], (kind.__doc__ or "").partition("\n")[0]
        known = found.get(verb)
        example = kind.EXAMPLE if known is None else f"{known.example} | {kind.EXAMPLE}"
        found[verb] = FaultKind(verb, meaning if known is None else known.meaning, example)
    return tuple(found.values())


def offers(state: State, verb: str) -> list[str]:
    """Give the faults of a kind, as text, whose targets are there at this moment; the likeliest first."""
    return [text for text in dict.fromkeys(_offers(state, verb)) if _is_fault(text)]


def _is_fault(text: str) -> bool:
    try:
        parse_fault(text)
    except ValueError:
        return False
    return True


def _offers(state: State, verb: str) -> Iterator[str]:
    brokers = [f"b{broker}" for broker in sorted(state.brokers)] or ["b1"]
    partitions = [f"{where.topic}-{where.partition}" for where in sorted(state.partitions)] or ["orders-0"]
    topics = sorted({where.topic for where in state.partitions}) or ["orders"]
    clients = sorted(name for name, one in state.applications.items() if not one.is_raw) or [PRODUCER]
    applications = list(dict.fromkeys(life_of(client)[0] for client in clients))
    leaders = [f"leader({partition})" for partition in partitions]
    match verb:
        case "crash" | "pause" | "stop":
            for target in (*leaders, *(f"followers({one})" for one in partitions), *brokers):
                yield f"{verb} {target}"
            if verb in {"pause", "stop"}:
                for client in clients:
                    yield f"{verb} {client}"
            if verb != "stop":
                yield f"{verb} controller"
            if verb == "crash":
                for target in (*leaders, *brokers):
                    yield f"crash {target}, unflushed lost"
                    yield f"crash {target}, wiped"
        case "restart" | "resume":
            for broker in brokers:
                yield f"{verb} {broker}"
            yield f"{verb} controller"
            for one in applications:
                yield f"{verb} {one}"
        case "roll":
            yield "roll all"
            for one in partitions:
                yield f"roll followers({one})"
        case "start" | "kill" | "replace":
            for one in applications:
                yield f"{verb} {one}"
        case "slow":
            for target in (*leaders, *brokers):
                yield f"slow {target} x100"
        case "clock":
            for target in (*leaders, *clients, *brokers):
                yield f"clock {target} 7200s behind"
                yield f"clock {target} 7200s ahead"
        case "move":
            yield from _leader_moves(state)
            yield f"move {partitions[0]}"
        case "elect":
            for one in partitions:
                yield f"elect {one} unclean"
                yield f"elect {one} preferred"
        case "alter":
            for topic in topics:
                yield f"alter topic {topic} set min.insync.replicas=1"
                yield f"alter topic {topic} set unclean.leader.election.enable=true"
                yield f"alter topic {topic} set max.message.bytes=2000"
            yield "alter brokers set unclean.leader.election.enable=true"
        case "shrink":
            for one in partitions:
                yield f"shrink {one} by followers({one}) for 2s"
        case "grow":
            for topic in topics:
                count = sum(where.topic == topic for where in state.partitions)
                yield f"grow {topic} to {count + 1} partitions"
        case "delete" | "create":
            there = {where.topic for where in state.partitions}
            for topic in sorted(state.min_insync_replicas):
                if (topic in there) == (verb == "delete"):
                    yield f"{verb} {topic}"
            yield f"create {topics[0]}.more with 3 partitions" if verb == "create" else f"delete {topics[0]}"
        case "hold" | "cut" | "reject" | "open" | "reset":
            for one in (*clients, *brokers):
                yield f"{verb} {one} <-> *"
            for client in clients:
                for target in leaders:
                    yield f"{verb} {client} <-> {target}"
                    yield f"{verb} {target} -> {client}"
        case "read":
            for topic in topics:
                yield f"read {topic}"
        case "write":
            for one in partitions:
                yield f"write {one}"
                for client in clients:
                    yield f"write {one}, of {client}"
        case "truncate":
            for one in partitions:
                for broker in brokers:
                    yield f"truncate {one} on {broker} by 1 batch"
        case "unsync":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"unsync {one} on {','.join(brokers)}"
                yield f"unsync {one} on {target}"
        case "flip":
            for one, target in zip(partitions, leaders, strict=True):
                for broker in (target, *brokers):
                    yield f"flip {one} on {broker} at offset 0"
        case "fail" | "repair":
            for target in (*leaders, *brokers):
                yield f"{verb} log directory 1 of {target}"
                yield f"{verb} log directory 2 of {target}"
                if verb == "repair":
                    yield f"{verb} log directory 2 of {target}, wiped"
        case "detain":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"detain Produce {one} x1 to {target} for 40s"
        case "lose":
            for one, target in zip(partitions, leaders, strict=True):
                yield f"lose Produce {one} x1 to {target} then stall"
                yield f"lose Produce {one} x1 to {target} then reset"
        case "drop" | "delay" | "answer":
            for one, target in zip(partitions, leaders, strict=True):
                yield from _answers(verb, one, target)
        case _:
            yield from ()


def _leader_moves(state: State) -> Iterator[str]:
    for where, known in sorted(state.partitions.items()):
        for broker in sorted(known.isr):
            if broker != known.leader:
                yield f"move {where.topic}-{where.partition} to b{broker}"


def _answers(verb: str, partition: str, leader: str) -> Iterator[str]:
    match verb:
        case "drop":
            yield f"drop Produce {partition} x1 by {leader} then reset"
            yield f"drop Produce {partition} x1 by {leader} then stall"
        case "delay":
            yield f"delay Produce {partition} x1 by {leader} for 300ms"
            yield f"delay Produce {partition} x1 by {leader} for 40s"
        case _:
            for code in ("NOT_ENOUGH_REPLICAS", "NOT_LEADER_OR_FOLLOWER", "MESSAGE_TOO_LARGE"):
                yield f"answer Produce {partition} {code} x1 by {leader}"
            yield f"answer Produce {partition} NOT_LEADER_OR_FOLLOWER x1 by {leader} after append"


PROPERTIES: dict[str, tuple[str, ...]] = {
    "acks": ("all", "1", "0"),
    "enable.idempotence": ("true", "false"),
    "retries": ("2147483647", "1", "0"),
    "max.in.flight.requests.per.connection": ("5", "1"),
    "linger.ms": ("5", "0", "100"),
    "delivery.timeout.ms": ("120000", "35000"),
    "request.timeout.ms": ("30000", "1000"),
    "batch.size": ("16384", "0", "1000000"),
    "compression.type": ("none", "lz4", "zstd", "gzip", "snappy"),
    "acklab.fresh.producer.pipelining": ("true", "false"),
    "acklab.remember.leaders": ("true", "false"),
    "acklab.renumber.in.doubt": ("true", "false"),
}
"""The properties that promises hang on, each with values worth a try, Kafka's default first."""


def value_of(watched: Watched, name: str) -> str:
    """Give what a property is in this run: as set, as it follows from others, or Kafka's default.

    Where there are several applications, `billing:acks` is that of one.
    """
    assert watched.scenario is not None
    whose, _, field = name.rpartition(OF)
    config = configs_of(watched.scenario, watched.properties, "b1:9092")[whose or watched.scenario.cast[0].name]
    value = getattr(config, CONFIG_FIELDS[field])
    return str(value).lower() if isinstance(value, bool) else str(value)


def origin_of(watched: Watched, name: str) -> str:
    """Say why a property has its value."""
    if name in watched.properties:
        return "set"
    return "the default" if value_of(watched, name) == values_of(name)[0] else "not set, follows from the others"


def values_of(name: str) -> tuple[str, ...]:
    """Give values worth a try, Kafka's default first; none for a property that promises do not hang on."""
    return PROPERTIES.get(name.rpartition(OF)[2], ())


def property_names(watched: Watched, application: str) -> list[str]:
    """Give the properties of an application worth a look, and those that are set; `` for the only one."""
    prefix = f"{application}{OF}" if application else ""
    names = [f"{prefix}{name}" for name in PROPERTIES]
    return [*names, *(name for name in watched.properties if name.startswith(prefix) and name not in names)]
