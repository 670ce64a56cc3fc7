"""What can be changed at a moment of a run, as pages of choices: each ends with a change, opens a page, or asks for words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sim.stories.properties import OF
from sim.tui.changes import (
    Change,
    DropFault,
    MoveFault,
    SetSeed,
    TakeBack,
    landing,
    landing_here,
    origin_of,
    property_names,
    seeds_for,
    setting_names,
    struck_at,
    topics_of,
    value_of,
    values_of,
)
from sim.tui.enabled import Enabled
from sim.tui.offers import fault_kinds, offers
from sim.tui.written_changes import written_fault, written_property, written_seed

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead


@dataclass(frozen=True, slots=True)
class Open:
    """Another page, made when it is chosen."""

    page: Callable[[], Page]


@dataclass(frozen=True, slots=True)
class Make:
    """A change made of a text as it stands; FaultTextError or ConfigError says why it cannot be."""

    text: str
    change: Callable[[str], Change]


@dataclass(frozen=True, slots=True)
class Write:
    """A change made of what somebody writes, who begins with this text."""

    text: str
    change: Callable[[str], Change]


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a page, and what choosing it does."""

    text: str
    then: Change | Open | Make | Write | None
    """A change ends the dialog; None does nothing."""
    hint: str = ""
    nudge: Callable[[int], Page | None] | None = None
    """What ← and → do on it: its page becomes another one, or stays where that is None."""


@dataclass(frozen=True, slots=True)
class Page:
    """One list of what can be chosen."""

    title: str
    choices: tuple[Choice, ...]


@dataclass(slots=True)
class Place:
    """Where somebody was among the pages, to go on there."""

    rows: dict[tuple[int, ...], int] = field(default_factory=dict)
    """The chosen line of each page; a page is named by the lines that were chosen on the way to it."""
    steps: dict[int, int] = field(default_factory=dict)
    """Place in the schedule -> by how many events that fault is to be moved."""
    written: dict[tuple[int, ...], str] = field(default_factory=dict)
    """What was written on each page."""


class ChangePages:
    """All pages at one moment of a run."""

    def __init__(self, playhead: Playhead, place: Place) -> None:
        """Offer what is there where the playhead stands; `place` says, and is told, how far a fault is to be moved."""
        self._place = place
        self._playhead = playhead
        self._watched = playhead.watched
        self._enabled: Enabled | None = None
        """What could strike at this moment, once somebody asks."""
        self._written_fault = partial(written_fault, self._watched, playhead.index)
        self._written_property = partial(written_property, self._watched)

    def first(self) -> Page:
        """Give the page that the dialog opens with."""
        choices = [
            Choice(
                f"Take back change {place + 1}: {change}",
                TakeBack(place, change),
                "run without that change; the others stay",
            )
            for place, change in enumerate(self._watched.changes)
        ]
        choices += [
            Choice(
                f"Move or leave out fault {place + 1}: {entry}",
                Open(partial(self._fault, place)),
                "a fault of this schedule, one event earlier or later, or not at all",
            )
            for place, entry in enumerate(self._watched.schedule)
        ]
        choices += [
            Choice("One more fault at this moment …", Open(self._kinds), self._moment_text()),
            Choice("A property of the producer …", Open(self._whose), f"now: {self._watched.properties_text}"),
            Choice(
                "A setting of a topic or of the brokers …",
                Open(self._places),
                "min.insync.replicas, replica.lag.time.max.ms and others, by Kafka's names",
            ),
            Choice(
                "Another seed …",
                Open(self._seeds),
                f"now: seed {self._watched.seed}; another one of all runs of the same story",
            ),
        ]
        return Page("Change one thing and run again", tuple(choices))

    def _moment_text(self) -> str:
        index = self._playhead.index
        return f"at {self._watched.film.clock(index)}, right after event #{index}"

    # -- a fault of the schedule ---------------------------------------------------------------------------------------

    def _fault(self, place: int) -> Page:
        fault = self._watched.schedule[place].fault
        struck = struck_at(self._watched, place)
        choices = []
        if struck is not None:
            was = f"it struck at {self._watched.film.clock(struck)}, #{struck}"
            steps = self._place.steps.get(place, -1)
            found = landing(self._watched, place, steps)
            choices.append(
                Choice(
                    f"◂ Move it {_steps_text(steps)} ▸   (← → change that)",
                    None if found is None else MoveFault(place, found.when, fault),
                    f"{was}\nnow: {'no event there' if found is None else found.text}",
                    partial(self._nudged, place),
                )
            )
        here = landing_here(self._watched, place, self._playhead.index)
        if here is not None:
            text = f"Move it to this moment, #{here.behind}"
            choices.append(Choice(text, MoveFault(place, here.when, fault), here.text))
        choices.append(Choice("Leave this fault out", DropFault(place, fault), f"run the schedule without: {fault}"))
        return Page(f"Fault {place + 1}: {fault}", tuple(choices))

    def _nudged(self, place: int, by: int) -> Page | None:
        steps = self._place.steps.get(place, -1) + by
        # Nothing lies between one event earlier and one later but the moment it has now.
        steps = steps or by
        if landing(self._watched, place, steps) is None:
            return None
        self._place.steps[place] = steps
        return self._fault(place)

    # -- one more fault ------------------------------------------------------------------------------------------------

    def _kinds(self) -> Page:
        choices = tuple(
            Choice(
                f"{kind.verb:<9}{kind.brief}",
                Open(partial(self._targets, kind.verb, kind.example)),
                f"{kind.meaning}\nas in: {kind.example}",
            )
            for kind in fault_kinds()
            if self._offered(kind.verb)
        )
        # Once the story is over, what is read back at the end no fault disturbs.
        over = Choice("Nothing strikes here any more", None, "the story is over, its records are read back")
        return Page(f"A fault {self._moment_text()}", choices or (over,))

    def _offered(self, verb: str) -> list[str]:
        """Give the faults of a kind that would have an effect at this moment."""
        if self._enabled is None:
            self._enabled = Enabled(self._watched, self._playhead.index)
        return [text for text in offers(self._playhead.state, verb) if self._enabled.allows(text)]

    def _targets(self, verb: str, example: str) -> Page:
        offered = self._offered(verb)
        choices = [Choice(text, Make(text, self._written_fault), f"{self._moment_text()}: {text}") for text in offered]
        first = offered[0] if offered else example
        choices.append(Choice("Write it …", Write(first, self._written_fault), f"any target, as in: {example}"))
        return Page(f"{verb}: whom?", tuple(choices))

    # -- a property ----------------------------------------------------------------------------------------------------

    def _whose(self) -> Page:
        assert self._watched.scenario is not None
        names = [one.name for one in self._watched.scenario.cast]
        if len(names) == 1:
            return self._properties("")
        choices = [Choice(name, Open(partial(self._properties, name)), f"of {name} alone") for name in names]
        everybody = Choice(
            "Write one of them all …", Write("acks=all", self._written_property), f"of {', '.join(names)}"
        )
        return Page("A property of whose producer?", (*choices, everybody))

    def _properties(self, application: str) -> Page:
        choices = [
            Choice(
                f"{name}={value_of(self._watched, name)}   {origin_of(self._watched, name)}",
                Open(partial(self._values, name)),
                "another value",
            )
            for name in property_names(self._watched, application)
        ]
        first = f"{application}{OF}acks=all" if application else "acks=all"
        choices.append(Choice("Write one …", Write(first, self._written_property), f"any property, as in {first}"))
        return Page(f"A property of {application or 'the producer'}", tuple(choices))

    def _values(self, name: str) -> Page:
        now = value_of(self._watched, name)
        choices = [
            Choice(f"{name}={value}", Make(f"{name}={value}", self._written_property), f"instead of {now}")
            for value in values_of(name)
            if value != now
        ]
        choices.append(Choice("Write it …", Write(f"{name}={now}", self._written_property), "any value"))
        return Page(name, tuple(choices))

    # -- a setting of a topic or of the brokers, a seed ------------------------------------------------------------------

    def _places(self) -> Page:
        choices = [
            Choice(f"topic {name}", Open(partial(self._settings, name)), f"of {name} alone")
            for name in topics_of(self._watched)
        ]
        choices.append(Choice("the brokers", Open(partial(self._settings, "")), "of all brokers"))
        return Page("A setting of what?", tuple(choices))

    def _settings(self, topic: str) -> Page:
        choices = [
            Choice(
                f"{name}={value_of(self._watched, name)}{'   set' if name in self._watched.properties else ''}",
                Open(partial(self._values, name)),
                "another value",
            )
            for name in setting_names(self._watched, topic)
        ]
        first = f"{topic}.min.insync.replicas=1" if topic else "broker.replica.lag.time.max.ms=5000"
        choices.append(Choice("Write one …", Write(first, self._written_property), f"any setting, as in {first}"))
        return Page(f"A setting of {f'topic {topic}' if topic else 'the brokers'}", tuple(choices))

    def _seeds(self) -> Page:
        seed = self._watched.seed
        choices = [Choice(f"seed {one}", SetSeed(one), f"instead of {seed}") for one in seeds_for(self._watched)]
        choices.append(Choice("Write it …", Write(str(seed + 1), written_seed), "any whole number"))
        return Page("Another seed", tuple(choices))


def _steps_text(steps: int) -> str:
    count = abs(steps)
    return f"{count} event{'s' if count > 1 else ''} {'earlier' if steps < 0 else 'later'}"
