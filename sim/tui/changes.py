"""One thing to change in a run: a fault more, a fault moved or dropped, a property of the producer."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, assert_never

from producer.config.config import PROPERTIES as CONFIG_FIELDS
from sim.faults.schedule import After, Anchor, At, Entry
from sim.stories.properties import OF, configs_of, effective_properties, with_properties
from sim.trace.events import FaultInjected, FaultRefused
from sim.tui.telling import told

if TYPE_CHECKING:
    from sim.faults import Fault
    from sim.tui.session import Watched


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


# -- properties -----------------------------------------------------------------------------------------------------------


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
