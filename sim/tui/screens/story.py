"""One story before it is told: the question above; say which promises hold; then see how right that was, and watch it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from sim.stories.scenario import ScenarioError
from sim.tui.home.prediction import Prediction
from sim.tui.lines import Line
from sim.tui.panels.home import told_ending
from sim.tui.panels.prediction import promise_lines, question_lines, said_line, task_line
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.session import Watched, of_scenario
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from sim.stories.scenario import Scenario
    from sim.tui.home.memory import Ending, Memory


class PromiseList(LineList, inherit_bindings=False):
    """One line a promise; empty until the story was run, as nobody knows before what it is about."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Line up", show=False),
        Binding("down,j", "move(1)", "Line down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("space", "choose", "Holds or breaks", key_display="␣"),
    ]

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.watched: Watched | None = None
        self.prediction: Prediction | None = None

    @property
    def count(self) -> int:
        return 0 if self.prediction is None else len(self.prediction.said)

    def line_at(self, row: int) -> Line:
        assert self.prediction is not None
        assert self.watched is not None
        said = self.prediction.said[row]
        return said_line(said, self.watched, is_told=self.prediction.is_made)


class StoryScreen(Screen[None]):
    """The run is made at once, behind the curtain: which promises a story is about, only a run shows."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "go_on", "Go on", key_display="⏎", tooltip="Say it for good; then watch"),
        Binding("w", "watch", "Watch", tooltip="Watch it at once"),
        Binding("t", "tell", "Tell", tooltip="Tell the ending"),
        Binding("x", "search", "Search", tooltip="Search schedules of faults that break a promise in this story"),
        Binding("y", "copy", "Copy the command that runs it", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q,escape", "back", "Back", key_display="q"),
    ]

    def __init__(self, scenario: Scenario, source: str, memory: Memory) -> None:
        """Ask of a story that is loaded by the name `source`."""
        super().__init__()
        self.scenario = scenario
        self._source = source
        self._memory = memory
        self._ending: Ending | None = None

    def compose(self) -> ComposeResult:
        yield Panel(id="story-question", has_heading=True)
        yield Panel(id="story-task")
        yield PromiseList(id="promises")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(PromiseList).focus()
        self.call_after_refresh(self.show_story)
        source = self._source
        self.run_worker(lambda: of_scenario(source), thread=True, exit_on_error=False)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_story)

    def show_story(self) -> None:
        """Show what is asked, and what has been said."""
        width, listed = self.size.width, self.query_one(PromiseList)
        question = question_lines(self.scenario, width=width)
        panel = self.query_one("#story-question", Panel)
        panel.styles.height = len(question) + 1
        panel.show(question)
        said = None if listed.prediction is None else listed.prediction.said[listed.cursor]
        task = task_line(listed.prediction, self._ending, width=width)
        self.query_one("#story-task", Panel).show([task, *promise_lines(said, width=width)])
        listed.refresh()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            listed = self.query_one(PromiseList)
            listed.watched = worker.result
            listed.prediction = Prediction(worker.result.verdicts)
            listed.reload()
            self.show_story()
        elif event.state is WorkerState.ERROR:
            assert worker.error is not None
            if not isinstance(worker.error, ScenarioError):
                # A bug of ours: let it be seen where it is.
                raise worker.error
            self.app.notify(str(worker.error), severity="error", title="it cannot be run", markup=False)
            self.dismiss()

    @on(LineList.Moved, "#promises")
    def _moved(self) -> None:
        self.show_story()

    # -- saying and telling --------------------------------------------------------------------------------------------

    @on(LineList.Chosen, "#promises")
    def _changed(self, message: LineList.Chosen) -> None:
        prediction = self.query_one(PromiseList).prediction
        assert prediction is not None
        if prediction.change(message.row):
            self.show_story()

    def action_go_on(self) -> None:
        """Say it for good, and see; once it is told, watch."""
        prediction = self.query_one(PromiseList).prediction
        if prediction is None:
            return
        if prediction.is_made:
            self.action_watch()
            return
        self._ending = prediction.make()
        self._memory.keep_ending(self._source, self._ending)
        self.show_story()

    def action_watch(self) -> None:
        watched = self.query_one(PromiseList).watched
        if watched is not None:
            self._memory.keep_ending(self._source)
            opens(self).open_run(watched)

    def action_tell(self) -> None:
        """Tell how it ends to somebody who only wants to know."""
        self._memory.keep_ending(self._source)
        told = "".join(span.text for span in told_ending(self.scenario))
        self.notify(told, title=self.scenario.name, markup=False)

    def action_search(self) -> None:
        """Look for more that breaks it, with its own faults left out."""
        opens(self).open_search(self._source)

    def action_copy(self) -> None:
        command = f"acklab run {self._source}"
        became = opens(self).copy_command(command)
        self.notify(
            became,
            title=command,
            markup=False,
        )

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_back(self) -> None:
        self.dismiss()
