"""Change one thing: choose it from lists, or write it; Enter runs it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.faults.schedule import has_time, parse_entry
from sim.stories.properties import (
    OF,
    canonical_key,
    configs_of,
    effective_properties,
    is_setting,
    with_properties,
    with_settings_of,
)
from sim.tui.changes import (
    AddFault,
    Change,
    DropFault,
    Landing,
    MoveFault,
    SetProperty,
    SetSeed,
    TakeBack,
    anchor_behind,
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

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead


@dataclass(frozen=True, slots=True)
class Choice:
    """One line of a list, and what choosing it does."""

    text: str
    choose: Callable[[], None]
    hint: str = ""
    nudge: Callable[[int], None] | None = None
    """What ← and → do on it."""


@dataclass(slots=True)
class Place:
    """Where somebody was among the pages, to go on there."""

    rows: dict[tuple[int, ...], int] = field(default_factory=dict)
    """The chosen line of each page; a page is named by the lines that were chosen on the way to it."""
    steps: dict[int, int] = field(default_factory=dict)
    """Place in the schedule -> by how many events that fault is to be moved."""
    written: dict[tuple[int, ...], str] = field(default_factory=dict)
    """What was written on each page."""


@dataclass(frozen=True, slots=True)
class Page:
    """One list; Esc goes back to the one before."""

    title: str
    choices: tuple[Choice, ...]


class ChangeScreen(ModalScreen["Change | None"]):
    """Ends with the change, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "Back"),
        Binding("left", "nudge(-1)", "Earlier", show=False),
        Binding("right", "nudge(1)", "Later", show=False),
    ]

    def __init__(self, playhead: Playhead, place: Place) -> None:
        """Change something at the playhead's moment, from the place where somebody was; it takes notice of every step."""
        super().__init__()
        self._place = place
        self._playhead = playhead
        self._watched = playhead.watched
        self._pages: list[Page] = []
        self._written: Callable[[str], Change] | None = None
        self._enabled: Enabled | None = None
        """What could strike at this moment, once somebody asks."""

    def compose(self) -> ComposeResult:
        with Vertical(id="change", classes="dialog"):
            yield OptionList(id="choices", compact=True)
            yield Input(id="written", compact=True)
            yield Static(id="hint", markup=False)

    def on_mount(self) -> None:
        self.query_one("#written").display = False
        self._open(self._first_page())

    # -- pages ---------------------------------------------------------------------------------------------------------

    def _open(self, page: Page) -> None:
        self._pages.append(page)
        self._show(page)

    @property
    def _way(self) -> tuple[int, ...]:
        """The lines that were chosen on the way to this page."""
        way: tuple[int, ...] = ()
        for _ in self._pages[1:]:
            way = (*way, self._place.rows[way])
        return way

    def _show(self, page: Page) -> None:
        box = self.query_one("#change", Vertical)
        box.border_title = page.title
        box.border_subtitle = "⏎ choose   Esc back"
        choices = self.query_one("#choices", OptionList)
        choices.clear_options()
        choices.add_options([Option(Content(choice.text)) for choice in page.choices])
        choices.highlighted = min(self._place.rows.get(self._way, 0), len(page.choices) - 1)
        choices.focus()
        self._show_hint()

    def _first_page(self) -> Page:
        choices = [
            Choice(
                f"Take back change {place + 1}: {change}",
                lambda place=place, change=change: self._end(TakeBack(place, change)),  # type: ignore[misc]
                "run without that change; the others stay",
            )
            for place, change in enumerate(self._watched.changes)
        ]
        choices += [
            Choice(
                f"Move or leave out fault {place + 1}: {entry}",
                lambda place=place: self._open(self._fault_page(place)),  # type: ignore[misc]
                "a fault of this schedule, one event earlier or later, or not at all",
            )
            for place, entry in enumerate(self._watched.schedule)
        ]
        choices.append(
            Choice("One more fault at this moment …", lambda: self._open(self._kinds_page()), self._moment_text())
        )
        choices.append(
            Choice(
                "A property of the producer …",
                lambda: self._open(self._whose_page()),
                f"now: {self._watched.properties_text}",
            )
        )
        choices.append(
            Choice(
                "A setting of a topic or of the brokers …",
                lambda: self._open(self._places_page()),
                "min.insync.replicas, replica.lag.time.max.ms and others, by Kafka's names",
            )
        )
        choices.append(
            Choice(
                "Another seed …",
                lambda: self._open(self._seeds_page()),
                f"now: seed {self._watched.seed}; another one of all runs of the same story",
            )
        )
        return Page("Change one thing and run again", tuple(choices))

    def _moment_text(self) -> str:
        index = self._playhead.index
        return f"at {self._watched.film.clock(index)}, right after event #{index}"

    # -- a fault of the schedule ---------------------------------------------------------------------------------------

    def _fault_page(self, place: int) -> Page:
        entry = self._watched.schedule[place]
        struck = struck_at(self._watched, place)
        choices = []
        if struck is not None:
            was = f"it struck at {self._watched.film.clock(struck)}, #{struck}"
            steps = self._place.steps.get(place, -1)
            found = landing(self._watched, place, steps)
            word = _steps_text(steps)
            choices.append(
                Choice(
                    f"◂ Move it {word} ▸   (← → change that)",
                    lambda: self._move(place, found),
                    f"{was}\nnow: {'no event there' if found is None else found.text}",
                    lambda by: self._nudge(place, by),
                )
            )
        here = landing_here(self._watched, place, self._playhead.index)
        if here is not None:
            text = f"Move it to this moment, #{here.behind}"
            choices.append(Choice(text, lambda: self._move(place, here), here.text))
        choices.append(
            Choice(
                "Leave this fault out",
                lambda: self._end(DropFault(place, entry.fault)),
                f"run the schedule without: {entry.fault}",
            )
        )
        return Page(f"Fault {place + 1}: {entry.fault}", tuple(choices))

    def _end(self, change: Change) -> None:
        self.dismiss(change)

    def _move(self, place: int, found: Landing | None) -> None:
        if found is not None:
            self.dismiss(MoveFault(place, found.when, self._watched.schedule[place].fault))

    def _nudge(self, place: int, by: int) -> None:
        steps = self._place.steps.get(place, -1) + by
        # Nothing lies between one event earlier and one later but the moment it has now.
        steps = steps or by
        if landing(self._watched, place, steps) is not None:
            self._place.steps[place] = steps
            self._keep_row()
            self._pages[-1] = self._fault_page(place)
            self._show(self._pages[-1])

    # -- one more fault ------------------------------------------------------------------------------------------------

    def _kinds_page(self) -> Page:
        choices = tuple(
            Choice(
                f"{kind.verb:<9}{kind.brief}",
                lambda kind=kind: self._open(self._targets_page(kind.verb, kind.example)),  # type: ignore[misc]
                f"{kind.meaning}\nas in: {kind.example}",
            )
            for kind in fault_kinds()
            if self._offered(kind.verb)
        )
        if not choices:
            # The story is over: what is read back at the end no fault disturbs.
            over = Choice("Nothing strikes here any more", lambda: None, "the story is over, its records are read back")
            return Page(f"A fault {self._moment_text()}", (over,))
        return Page(f"A fault {self._moment_text()}", choices)

    def _offered(self, verb: str) -> list[str]:
        """Give the faults of a kind that would have an effect at this moment."""
        if self._enabled is None:
            self._enabled = Enabled(self._watched, self._playhead.index)
        return [text for text in offers(self._playhead.state, verb) if self._enabled.allows(text)]

    def _targets_page(self, verb: str, example: str) -> Page:
        choices = [
            Choice(
                text,
                lambda text=text: self._finish(self._add_fault, text),  # type: ignore[misc]
                f"{self._moment_text()}: {text}",
            )
            for text in self._offered(verb)
        ]
        first = choices[0].text if choices else example
        choices.append(
            Choice("Write it …", lambda: self._write(first, self._add_fault), f"any target, as in: {example}")
        )
        return Page(f"{verb}: whom?", tuple(choices))

    def _add_fault(self, text: str) -> Change:
        # A whole line, as it is copied from a report, has a moment of its own.
        line = text if has_time(text) else f"{anchor_behind(self._watched, self._playhead.index)}: {text}"
        entry = parse_entry(line)
        assert self._watched.scenario is not None
        scenario = with_settings_of(self._watched.scenario, self._watched.properties)
        scenario.check_names((*self._watched.schedule, entry, *scenario.readers))
        return AddFault(entry)

    # -- a property ----------------------------------------------------------------------------------------------------

    def _whose_page(self) -> Page:
        assert self._watched.scenario is not None
        names = [one.name for one in self._watched.scenario.cast]
        if len(names) == 1:
            return self._properties_page("")
        choices = [
            Choice(name, lambda name=name: self._open(self._properties_page(name)), f"of {name} alone")  # type: ignore[misc]
            for name in names
        ]
        everybody = Choice(
            "Write one of them all …", lambda: self._write("acks=all", self._set_property), f"of {', '.join(names)}"
        )
        return Page("A property of whose producer?", (*choices, everybody))

    def _properties_page(self, application: str) -> Page:
        names = property_names(self._watched, application)
        prefix = f"{application}{OF}" if application else ""
        choices = [
            Choice(
                f"{name}={value_of(self._watched, name)}   {origin_of(self._watched, name)}",
                lambda name=name: self._open(self._values_page(name)),  # type: ignore[misc]
                "another value",
            )
            for name in names
        ]
        choices.append(
            Choice(
                "Write one …",
                lambda: self._write(f"{prefix}acks=all", self._set_property),
                f"any property, as in {prefix}acks=all",
            )
        )
        return Page(f"A property of {application or 'the producer'}", tuple(choices))

    def _values_page(self, name: str) -> Page:
        now = value_of(self._watched, name)
        choices = [
            Choice(
                f"{name}={value}",
                lambda value=value: self._finish(self._set_property, f"{name}={value}"),  # type: ignore[misc]
                f"instead of {now}",
            )
            for value in values_of(name)
            if value != now
        ]
        choices.append(Choice("Write it …", lambda: self._write(f"{name}={now}", self._set_property), "any value"))
        return Page(name, tuple(choices))

    def _set_property(self, text: str) -> Change:
        name, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"{text!r}: expected name=value, such as acks=1")
        assert self._watched.scenario is not None
        scenario = with_properties(self._watched.scenario, self._watched.properties)
        configs_of(scenario, effective_properties(scenario, {name.strip(): value.strip()}), "b1:9092")
        key = name.strip() if is_setting(scenario, name.strip()) else canonical_key(name.strip())
        return SetProperty(key, value.strip())

    # -- a setting of a topic or of the brokers, a seed ------------------------------------------------------------------

    def _places_page(self) -> Page:
        choices = [
            Choice(f"topic {name}", lambda name=name: self._open(self._settings_page(name)), f"of {name} alone")  # type: ignore[misc]
            for name in topics_of(self._watched)
        ]
        choices.append(Choice("the brokers", lambda: self._open(self._settings_page("")), "of all brokers"))
        return Page("A setting of what?", tuple(choices))

    def _settings_page(self, topic: str) -> Page:
        choices = [
            Choice(
                f"{name}={value_of(self._watched, name)}{'   set' if name in self._watched.properties else ''}",
                lambda name=name: self._open(self._values_page(name)),  # type: ignore[misc]
                "another value",
            )
            for name in setting_names(self._watched, topic)
        ]
        first = f"{topic}.min.insync.replicas=1" if topic else "broker.replica.lag.time.max.ms=5000"
        choices.append(
            Choice("Write one …", lambda: self._write(first, self._set_property), f"any setting, as in {first}")
        )
        return Page(f"A setting of {f'topic {topic}' if topic else 'the brokers'}", tuple(choices))

    def _seeds_page(self) -> Page:
        choices = [
            Choice(f"seed {seed}", lambda seed=seed: self._end(SetSeed(seed)), f"instead of {self._watched.seed}")  # type: ignore[misc]
            for seed in seeds_for(self._watched)
        ]
        choices.append(
            Choice("Write it …", lambda: self._write(str(self._watched.seed + 1), _seed), "any whole number")
        )
        return Page("Another seed", tuple(choices))

    # -- choosing and writing ------------------------------------------------------------------------------------------

    def _finish(self, make: Callable[[str], Change], text: str) -> None:
        try:
            change = make(text)
        except (FaultTextError, ConfigError) as error:
            self.query_one("#hint", Static).update(f"✗ {error}")
        else:
            self.dismiss(change)

    def _write(self, text: str, make: Callable[[str], Change]) -> None:
        self._written = make
        written = self.query_one("#written", Input)
        written.display = True
        written.value = self._place.written.get(self._way, text)
        written.focus()
        self.query_one("#hint", Static).update("⏎ runs it, Esc goes back")

    @on(Input.Submitted, "#written")
    def _submitted(self, message: Input.Submitted) -> None:
        assert self._written is not None
        self._place.written[self._way] = message.value
        self._finish(self._written, message.value)

    @on(OptionList.OptionSelected)
    def _selected(self, message: OptionList.OptionSelected) -> None:
        self._place.rows[self._way] = message.option_index
        self._pages[-1].choices[message.option_index].choose()

    @on(OptionList.OptionHighlighted)
    def _show_hint(self) -> None:
        choice = self._highlighted()
        if choice is not None and not self.query_one("#written").display:
            self.query_one("#hint", Static).update(choice.hint)

    def _highlighted(self) -> Choice | None:
        place = self.query_one("#choices", OptionList).highlighted
        choices = self._pages[-1].choices if self._pages else ()
        return None if place is None or place >= len(choices) else choices[place]

    def _keep_row(self) -> None:
        self._place.rows[self._way] = self.query_one("#choices", OptionList).highlighted or 0

    def action_nudge(self, by: int) -> None:
        choice = self._highlighted()
        if choice is not None and choice.nudge is not None:
            choice.nudge(by)

    def action_back(self) -> None:
        written = self.query_one("#written", Input)
        if written.display:
            written.display = False
            self.query_one("#choices").focus()
            self._show_hint()
            return
        self._keep_row()
        self._pages.pop()
        if self._pages:
            self._show(self._pages[-1])
        else:
            self.dismiss(None)


def _seed(text: str) -> Change:
    if not text.strip().isdecimal():
        raise ConfigError(f"{text!r}: a seed is a whole number, 0 or more")
    return SetSeed(int(text))


def _steps_text(steps: int) -> str:
    count = abs(steps)
    return f"{count} event{'s' if count > 1 else ''} {'earlier' if steps < 0 else 'later'}"
