"""The scenarios, each with the question it answers; Enter runs one and watches it."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList
from textual.widgets.option_list import Option
from textual.worker import Worker, WorkerState

from sim.stories.scenario import Scenario, ScenarioError, load, names
from sim.tui.lines import Span, Tone, line
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.session import Watched, of_scenario
from sim.tui.widgets.panel import Panel


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
        self.query_one("#catalogue-title", Panel).show(
            [
                line(
                    Span("acklab", Tone.HEADING),
                    "  What does a Kafka producer promise, and when does the promise break?",
                )
            ]
        )
        choices = self.query_one("#scenarios", OptionList)
        for name in names():
            choices.add_option(_option(name))
        choices.highlighted = 0
        choices.focus()

    @on(OptionList.OptionSelected, "#scenarios")
    def _selected(self, message: OptionList.OptionSelected) -> None:
        name = message.option_id
        assert name is not None
        self.run_worker(lambda: of_scenario(name), thread=True, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            opens(self).open_run(worker.result)
        elif event.state is WorkerState.ERROR:
            assert worker.error is not None
            if not isinstance(worker.error, ScenarioError):
                raise worker.error
            self.notify(str(worker.error), severity="error", title="it cannot be run")

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_leave(self) -> None:
        self.app.exit()


def _option(name: str) -> Option:
    try:
        scenario = load(name)
    except ScenarioError as error:
        return Option(Content.from_text(f"{name}\n  ? {error}", markup=False), id=name)
    return Option(_told(scenario), id=name)


def _told(scenario: Scenario) -> Content:
    broken = ", ".join(sorted(scenario.expects))
    ending = f"✗ breaks: {broken}" if broken else "✓ every promise holds"
    return Content.assemble(
        (scenario.name, "bold"), "  ", (ending, "#ff7f2a" if broken else "#00b383"), "\n  ", scenario.question, "\n"
    )
