"""One thing to change in a run: a fault more, a fault moved or dropped, a property of the producer, a setting of the cluster, the seed.

Changes chain: a changed run is changed again, and each change can be taken back.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, assert_never

from producer.config.config import PROPERTIES as CONFIG_FIELDS
from producer.errors import ConfigError
from sim.cluster.named_settings import BROKER
from sim.cluster.named_settings import value_of as setting_of
from sim.faults.schedule import After, Anchor, At, Entry
from sim.stories.properties import OF, configs_of, effective_properties, is_setting, with_properties, with_settings_of
from sim.trace.events import FaultInjected, FaultRefused
from sim.tui.telling import told

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.faults import Fault
    from sim.faults.schedule import Schedule
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


@dataclass(frozen=True, slots=True)
class SetSeed:
    """Another of all possible runs: other keys, other delays on the network."""

    seed: int

    def __str__(self) -> str:
        return f"seed {self.seed}"


@dataclass(frozen=True, slots=True)
class TakeBack:
    """One of the changes that were made, unmade; the others stay."""

    place: int
    """Which of them, from 0."""
    change: Change

    def __str__(self) -> str:
        return f"taken back: {self.change}"


Change = AddFault | MoveFault | DropFault | SetProperty | SetSeed | TakeBack


class _Told(NamedTuple):
    """What makes a run."""

    seed: int
    properties: Mapping[str, str]
    schedule: Schedule


def run_with(watched: Watched, change: Change) -> Watched:
    """Run again with one thing changed, or with one change less.

    Raises ConfigError for a property that cannot be, or a change that another one needs; FaultTextError for a fault that can never strike.
    """
    unchanged = watched.unchanged or watched
    if isinstance(change, TakeBack):
        changes = (*watched.changes[: change.place], *watched.changes[change.place + 1 :])
        told = _Told(unchanged.seed, unchanged.properties, unchanged.schedule)
        for one in changes:
            told = _with(unchanged, told, one)
    else:
        changes = (*watched.changes, change)
        told = _with(watched, _Told(watched.seed, watched.properties, watched.schedule), change)
    changed = watched.again(properties=told.properties, schedule=told.schedule, changed=str(change), seed=told.seed)
    return replace(changed, changes=changes, unchanged=unchanged)


def _with(watched: Watched, told: _Told, change: Change) -> _Told:
    schedule = told.schedule
    match change:
        case AddFault(entry):
            return told._replace(schedule=(*schedule, entry))
        case MoveFault(place, when, fault):
            place = _place_of(schedule, place, fault, change)
            moved = replace(schedule[place], when=when, fault=fault)
            return told._replace(schedule=(*schedule[:place], moved, *schedule[place + 1 :]))
        case DropFault(place, fault):
            place = _place_of(schedule, place, fault, change)
            return told._replace(schedule=(*schedule[:place], *schedule[place + 1 :]))
        case SetProperty(name, value):
            assert watched.scenario is not None
            staged = with_properties(watched.scenario, told.properties)
            return told._replace(properties=effective_properties(staged, {name: value}))
        case SetSeed(seed):
            return told._replace(seed=seed)
        case TakeBack():
            msg = f"{change}: what was taken back is no change any more"
            raise AssertionError(msg)
        case _:
            assert_never(change)


def _place_of(schedule: Schedule, place: int, fault: Fault, change: Change) -> int:
    """Find a fault where it was, or where it is since another change is gone. Raises ConfigError if it is not there."""
    if place < len(schedule) and schedule[place].fault == fault:
        return place
    found = [number for number, entry in enumerate(schedule) if entry.fault == fault]
    if not found:
        raise ConfigError(
            f"'{change}' needs the fault '{fault}', which would not be there: take that change back first"
        )
    return found[0]


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
    if is_setting(watched.scenario, name):
        return setting_of(with_settings_of(watched.scenario, watched.properties).cluster_as_set, name)
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
    """Give values worth a try, Kafka's default first; none for a property or setting that promises do not hang on."""
    own = name.rpartition(OF)[2]
    if own in PROPERTIES:
        return PROPERTIES[own]
    ends = (values for ending, values in SETTINGS.items() if own.endswith(ending))
    return next(ends, ())


def property_names(watched: Watched, application: str) -> list[str]:
    """Give the properties of an application worth a look, and those that are set; `` for the only one."""
    prefix = f"{application}{OF}" if application else ""
    names = [f"{prefix}{name}" for name in PROPERTIES]
    return [*names, *(name for name in watched.properties if name.startswith(prefix) and name not in names)]


# -- settings of topics and brokers ----------------------------------------------------------------------------------------


TOPIC_SETTINGS: dict[str, tuple[str, ...]] = {
    ".min.insync.replicas": ("1", "2", "3"),
    ".replication.factor": ("3", "2", "1"),
    ".partitions": ("1", "2", "6"),
    ".unclean.leader.election.enable": ("false", "true"),
    ".max.message.bytes": ("1048588", "2000"),
    ".cleanup.policy": ("delete", "compact"),
    ".retention.ms": ("604800000", "2000"),
    ".message.timestamp.type": ("CreateTime", "LogAppendTime"),
}
"""The settings of a topic that promises hang on, each with values worth a try."""
BROKER_SETTINGS: dict[str, tuple[str, ...]] = {
    f"{BROKER}.replica.lag.time.max.ms": ("30000", "5000", "1500"),
    f"{BROKER}.session.timeout.ms": ("9000", "3000"),
    f"{BROKER}.unclean.leader.election.enable": ("false", "true"),
    f"{BROKER}.auto.leader.rebalance.enable": ("true", "false"),
    f"{BROKER}.replica.fetch.wait.max.ms": ("500", "50"),
    f"{BROKER}.transaction.version": ("2", "1"),
    f"{BROKER}.transaction.max.timeout.ms": ("900000", "10000"),
    f"{BROKER}.producer.id.expiration.ms": ("86400000", "5000"),
}
"""Likewise of the brokers."""
SETTINGS = {**BROKER_SETTINGS, **TOPIC_SETTINGS}
SEEDS = 4
"""How many further seeds are offered."""


def setting_names(watched: Watched, topic: str) -> list[str]:
    """Give the settings of a topic worth a look, and those that are set; `` for the brokers'."""
    prefix = f"{topic or BROKER}."
    names = [f"{topic}{name}" for name in TOPIC_SETTINGS] if topic else list(BROKER_SETTINGS)
    return [*names, *(name for name in watched.properties if name.startswith(prefix) and name not in names)]


def topics_of(watched: Watched) -> list[str]:
    """Give the topics that the story begins with."""
    assert watched.scenario is not None
    return [topic.name for topic in watched.scenario.cluster.topics]


def seeds_for(watched: Watched) -> list[int]:
    """Give the seeds that follow, and the one that the unchanged run has."""
    first = (watched.unchanged or watched).seed
    following = range(watched.seed + 1, watched.seed + 1 + SEEDS)
    return [*following, *([first] if first != watched.seed else [])]
