"""A small search from the screen: what is found is written as a witness, and opens as a run."""

from __future__ import annotations

from functools import partial
from threading import Event
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from sim.stories.scenario import ScenarioError
from sim.stories.witness import WitnessError
from sim.tui.home.desk import CampaignError, Looked
from sim.tui.home.searching import CHOICES, Searching
from sim.tui.lines import NOTHING, Line, Span, Tone, line
from sim.tui.panels.searching import choice_line, finding_line, findings_heading, progress_line, same_lines
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.session import NotWatchedError, Watched, of_file
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.tui.home.desk import Asked, Campaigns, Finding

SEARCH, OPENING = "search", "opening"


BEHIND_CHOICES = 3
"""Lines between the choices and the findings, at which nobody stops: room, the bar, a heading."""


class SearchList(LineList):
    """The choices; behind them how far it is, and the findings."""

    def __init__(self, searching: Searching, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.searching = searching

    @property
    def count(self) -> int:
        return len(CHOICES) + BEHIND_CHOICES + len(self.searching.found)

    def line_at(self, row: int) -> Line:
        if row < len(CHOICES):
            return choice_line(self.searching, row)
        behind = row - len(CHOICES)
        if behind < BEHIND_CHOICES:
            return (NOTHING, progress_line(self.searching, width=self.room), findings_heading(self.searching))[behind]
        return finding_line(self.searching.found[behind - BEHIND_CHOICES])

    def show(self) -> None:
        """Show the search as it is now."""
        at = self.searching.cursor
        self.cursor = at if at < len(CHOICES) else at + BEHIND_CHOICES
        self.reload()

    def action_move(self, by: int) -> None:
        if self.searching.move(by):
            self.show()
            self.post_message(self.Moved(self, self.cursor))

    def point_at(self, row: int) -> None:
        if self.searching.go(row if row < len(CHOICES) else row - BEHIND_CHOICES):
            self.show()

    def on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        if len(CHOICES) <= row < len(CHOICES) + BEHIND_CHOICES:
            event.prevent_default()


class _Told(Message):
    """The search said something, from its own thread."""

    def __init__(self, said: Looked | Finding) -> None:
        super().__init__()
        self.said = said


class _Ear:
    """Hands on what the search says; it stops when nobody waits any more."""

    def __init__(self, screen: ExploringScreen, stopped: Event) -> None:
        self._screen = screen
        self._stopped = stopped

    def looked(self, so_far: Looked) -> None:
        self._screen.post_message(_Told(so_far))

    def found(self, finding: Finding) -> None:
        self._screen.post_message(_Told(finding))

    def is_stopped(self) -> bool:
        return self._stopped.is_set()


class ExploringScreen(Screen[None]):
    """Esc stops a search; once none runs, it goes back."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "turn(1)", "Another", key_display="←→", tooltip="The next value of the chosen line"),
        Binding("left,h", "turn(-1)", "Previous value", show=False),
        Binding("b", "begin", "Begin", tooltip="Begin the search"),
        Binding("y", "copy", "Copy the command that searches the same", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape,q", "undo", "Stop, back", key_display="Esc"),
    ]

    def __init__(self, campaigns: Campaigns, stories: Sequence[str], story: str) -> None:
        """Offer these stories, `story` first."""
        super().__init__()
        self._campaigns = campaigns
        self.searching = Searching(stories, campaigns.kinds, story)
        self._stopped = Event()

    def compose(self) -> ComposeResult:
        yield Panel(id="search-title", has_heading=True)
        yield SearchList(self.searching, id="search")
        yield Panel(id="search-same")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(SearchList).focus()
        self.call_after_refresh(self.show_search)

    def on_unmount(self) -> None:
        self._stopped.set()

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_search)

    def show_search(self) -> None:
        """Show what is asked, how far it is, and what was found."""
        title = line(Span("EXPLORE  ", Tone.HEADING), Span("Which schedule of faults breaks a promise?", Tone.LEADER))
        self.query_one("#search-title", Panel).show([title])
        command = self._campaigns.command(self.searching.asked)
        self.query_one("#search-same", Panel).show(same_lines(self.searching, command))
        self.query_one(SearchList).show()

    @property
    def is_searching(self) -> bool:
        """Whether a search is under way."""
        return self.searching.is_busy

    # -- choosing ------------------------------------------------------------------------------------------------------

    @on(LineList.Moved, "#search")
    def _moved(self) -> None:
        self.show_search()

    def action_turn(self, by: int) -> None:
        if self.searching.turn(by):
            self.show_search()

    @on(LineList.Chosen, "#search")
    def _chosen(self) -> None:
        finding = self.searching.chosen
        if finding is None:
            self.action_begin()
        else:
            self.run_worker(partial(of_file, finding.path), name=OPENING, thread=True, exit_on_error=False)

    # -- searching -----------------------------------------------------------------------------------------------------

    def action_begin(self) -> None:
        if self.searching.begin():
            self._stopped = Event()
            asked: Asked = self.searching.asked
            ear = _Ear(self, self._stopped)
            self.run_worker(partial(self._campaigns.run, asked, ear), name=SEARCH, thread=True, exit_on_error=False)
            self.show_search()

    def stop(self) -> bool:
        """Stop the search, if there is one; gives whether there was."""
        if self.searching.stop():
            self._stopped.set()
            self.show_search()
        return self.searching.is_busy

    def action_undo(self) -> None:
        """Stop the search, or go back where none runs."""
        if not self.stop():
            self.dismiss()

    @on(_Told)
    def _told(self, message: _Told) -> None:
        if isinstance(message.said, Looked):
            self.searching.so_far = message.said
        else:
            self.searching.found.append(message.said)
        self.show_search()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched | None] = event.worker
        if event.state not in {WorkerState.SUCCESS, WorkerState.ERROR}:
            return
        if worker.name == SEARCH:
            # What the search said last is still on its way.
            self.call_later(self._ended)
        elif worker.result is not None:
            opens(self).open_run(worker.result)
        if worker.error is not None:
            known = CampaignError | ScenarioError | NotWatchedError | WitnessError | OSError
            if not isinstance(worker.error, known):
                # A bug of ours: let it be seen where it is.
                raise worker.error
            self.notify(str(worker.error), severity="error", title="it cannot be run", markup=False)

    def _ended(self) -> None:
        self.searching.end()
        self.show_search()

    # -- elsewhere -----------------------------------------------------------------------------------------------------

    def action_copy(self) -> None:
        finding = self.searching.chosen
        command = f"acklab replay {finding.path}" if finding else self._campaigns.command(self.searching.asked)
        became = opens(self).copy_command(command)
        self.notify(
            became,
            title=command,
            markup=False,
        )

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())
