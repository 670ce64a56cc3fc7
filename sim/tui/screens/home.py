"""What one sees first: the course, searches, the last witnesses, and the stories; typing filters, Enter opens."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, assert_never

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from sim.stories.scenario import Scenario, ScenarioError
from sim.stories.witness import WitnessError
from sim.tui.home.desk import LessonShown
from sim.tui.home.items import Item, Kind, gather
from sim.tui.home.witness_files import WitnessFile
from sim.tui.lines import Span, Tone, line
from sim.tui.panels.home import DETAILS, detail_lines, hint_line, home_title, typed_line
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.lesson import LessonScreen
from sim.tui.screens.opening import opens
from sim.tui.screens.story import StoryScreen
from sim.tui.session import NotWatchedError, Watched, of_file, of_scenario
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.shelf_list import ShelfList
from sim.tui.widgets.typed_list import TypedList

if TYPE_CHECKING:
    from textual import events

    from sim.tui.home.desk import Desk

HINT_NAME = "home"
FIRST_SEARCHED = "default_config"
"""What a search takes at first: what it finds there is news."""


class HomeScreen(Screen[None]):
    """Everything there is to open. Escape takes the filter back, and never leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "watch", "Watch at once", key_display="→"),
        Binding("tab", "kind(1)", "Next part", key_display="⇥"),
        Binding("shift+tab", "kind(-1)", "Previous part", show=False),
        Binding("ctrl+y", "copy", "Copy command", tooltip="Copy the command that does the same", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape", "undo", "Show all again", show=False),
    ]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self.desk = desk
        self._is_hinting = False
        self._opening = ""

    def compose(self) -> ComposeResult:
        yield Panel(id="home-title", has_heading=True)
        yield Panel(id="typed")
        yield Panel(id="first-hint")
        yield ShelfList(self.desk.memory.endings, id="shelf")
        yield Panel(id="details", has_heading=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self._is_hinting = self.desk.memory.is_new(HINT_NAME)
        self.query_one("#first-hint").display = self._is_hinting
        self.query_one("#details").styles.height = DETAILS
        listed = self.query_one(ShelfList)
        listed.shelf.refill(gather(self.desk))
        listed.show()
        listed.focus()
        self.call_after_refresh(self.show_shelf)

    def on_screen_resume(self) -> None:
        """Be where somebody left, with what is new since: an ending, a witness, a lesson's state."""
        listed = self.query_one(ShelfList)
        if listed.shelf.items:
            listed.shelf.refill(gather(self.desk))
            listed.show()
        self.show_shelf()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_shelf)

    def show_shelf(self) -> None:
        """Show what is shown of the list, and what is told of the chosen one."""
        width, shelf = self.size.width, self.query_one(ShelfList).shelf
        self.query_one("#home-title", Panel).show([home_title(width=width)])
        typed = line(Span(f"running {self._opening} …", Tone.DIM)) if self._opening else typed_line(shelf, width=width)
        self.query_one("#typed", Panel).show([typed])
        self.query_one("#first-hint", Panel).show([hint_line(width=width)])
        self.query_one("#details", Panel).show(detail_lines(shelf.chosen, self.desk.memory.endings, width=width))

    # -- moving and typing ---------------------------------------------------------------------------------------------

    @on(LineList.Moved, "#shelf")
    def _moved(self) -> None:
        self.show_shelf()

    @on(TypedList.Typed)
    def _typed(self) -> None:
        self.show_shelf()

    def action_kind(self, direction: int) -> None:
        listed = self.query_one(ShelfList)
        if listed.shelf.next_kind(direction):
            listed.show()
            self.show_shelf()

    def action_undo(self) -> None:
        listed = self.query_one(ShelfList)
        if listed.wanted:
            listed.filter("")
            self.show_shelf()

    # -- opening -------------------------------------------------------------------------------------------------------

    @on(LineList.Chosen, "#shelf")
    def _chosen(self) -> None:
        item = self.query_one(ShelfList).shelf.chosen
        if item is None or self._is_refused(item):
            return
        self._hint_is_over()
        match item.kind:
            case Kind.LESSON:
                assert isinstance(item.subject, LessonShown)
                self.app.push_screen(LessonScreen(item.subject))
            case Kind.SEARCH:
                opens(self).open_search(FIRST_SEARCHED)
            case Kind.WITNESS:
                self._watch(item)
            case Kind.STORY:
                assert isinstance(item.subject, Scenario)
                self.app.push_screen(StoryScreen(item.subject, item.name, self.desk.memory))
            case _:
                assert_never(item.kind)

    def _is_refused(self, item: Item) -> bool:
        if item.trouble:
            self.notify(item.trouble, severity="error", title="it cannot be opened", markup=False)
        return bool(item.trouble)

    def action_watch(self) -> None:
        """Open a story or a witness as a run, without a question; anything else as Enter does."""
        item = self.query_one(ShelfList).shelf.chosen
        if item is None or item.kind is not Kind.STORY:
            self._chosen()
        elif not self._is_refused(item):
            self._hint_is_over()
            self._watch(item)

    def _hint_is_over(self) -> None:
        self.query_one("#first-hint").display = False

    def _watch(self, item: Item) -> None:
        self._opening = item.name
        self.show_shelf()
        subject = item.subject
        if isinstance(subject, WitnessFile):
            path: Path = subject.path
            open_it: partial[Watched] = partial(of_file, path)
        else:
            open_it = partial(of_scenario, item.name)
        self.run_worker(open_it, name=item.kind.name, thread=True, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched] = event.worker
        if event.state not in {WorkerState.SUCCESS, WorkerState.ERROR}:
            return
        self._opening = ""
        self.show_shelf()
        if worker.result is not None:
            watched = worker.result
            if worker.name == Kind.STORY.name:
                self.desk.memory.keep_ending(watched.source)
            opens(self).open_run(watched)
            return
        assert worker.error is not None
        if not isinstance(worker.error, ScenarioError | NotWatchedError | WitnessError | OSError):
            # A bug of ours: let it be seen where it is.
            raise worker.error
        self.notify(str(worker.error), severity="error", title="it cannot be run", markup=False)

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        item = self.query_one(ShelfList).shelf.chosen
        if item is not None and item.command:
            became = opens(self).copy_command(item.command)
            self.notify(
                became,
                title=item.command,
                markup=False,
            )

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())
