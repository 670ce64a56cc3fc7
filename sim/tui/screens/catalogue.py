"""The scenarios, each with the question it answers; Enter runs one and watches it."""

from __future__ import annotations

from typing import ClassVar

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from sim.stories.scenario import Scenario, ScenarioError, load, names
from sim.tui.lines import Span, Tone, line
from sim.tui.look import STYLES
from sim.tui.panels.verdicts import summary
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.session import Watched, of_scenario
from sim.tui.widgets.panel import Panel

QUESTION = Span("  What does a Kafka producer promise, and when does the promise break?")


class ScenarioList(OptionList):
    """One option a scenario."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select", "Run and watch it", key_display="⏎")]


class CatalogueScreen(Screen[None]):
    """What one sees first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "leave", "Quit", key_display="q"),
    ]

    def compose(self) -> ComposeResult:
        yield Panel(id="catalogue-title", has_heading=True)
        yield ScenarioList(id="scenarios")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._title(QUESTION)
        choices = self.query_one("#scenarios", OptionList)
        for name in names():
            choices.add_option(_option(name))
        choices.highlighted = 0
        choices.focus()

    def _title(self, said: Span) -> None:
        self.query_one("#catalogue-title", Panel).show([line(Span("acklab", Tone.HEADING), said)])

    @on(OptionList.OptionSelected, "#scenarios")
    def _selected(self, message: OptionList.OptionSelected) -> None:
        name = message.option_id
        assert name is not None
        self._title(Span(f"  running {name} …", Tone.DIM))
        self.run_worker(lambda: of_scenario(name), thread=True, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            self._title(QUESTION)
            watched = worker.result
            assert watched.scenario is not None
            told = _told(watched.scenario, watched)
            self.query_one(ScenarioList).replace_option_prompt(watched.source, told)
            opens(self).open_run(watched)
        elif event.state is WorkerState.ERROR:
            self._title(QUESTION)
            assert worker.error is not None
            if not isinstance(worker.error, ScenarioError):
                raise worker.error
            self.notify(str(worker.error), severity="error", title="it cannot be run", markup=False)

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        self.app.exit()


def _option(name: str) -> Option:
    try:
        return Option(_told(load(name)), id=name)
    except ScenarioError as error:
        return Option(_under(Text(name), f"? {error}"), id=name)


def _told(scenario: Scenario, watched: Watched | None = None) -> RenderableType:
    """The question; its answer only to those who have seen it."""
    name = Text(scenario.name, style="bold")
    if watched is not None:
        for span in (Span("  "), *summary(watched.verdicts, watched.sent, is_sure=watched.is_sure)):
            name.append(span.text, STYLES[span.tone])
    return _under(name, scenario.question)


def _under(name: Text, text: str) -> RenderableType:
    return Group(name, Padding(Text(text), (0, 0, 1, 2)))
