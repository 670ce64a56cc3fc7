"""Two runs side by side: how each ended, where they part, and what happens in each from there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.tui.changes import run_with
from sim.tui.lines import Span, Tone, line
from sim.tui.panels.comparison import chosen_lines, difference_line, ending_lines
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.view_model import aligned, first_difference
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from textual import events

    from sim.tui.changes import Change
    from sim.tui.session import Watched

CONTEXT = 3
"""How many events both have are shown before the first difference."""


class CompareScreen(Screen[None]):
    """Runs the change in a thread of its own, then shows both."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("2,w,enter", "watch(2)", "Watch run 2", key_display="⏎ 2"),
        Binding("1", "watch(1)", "Watch run 1"),
        Binding("d", "difference", "First difference"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape,q", "back", "Back", key_display="q"),
    ]

    def __init__(self, first: Watched, change: Change) -> None:
        super().__init__()
        self.first = first
        self.change = change
        self.second: Watched | None = None
        self.difference = 0

    def compose(self) -> ComposeResult:
        yield Panel(id="compare-title", has_heading=True)
        yield Panel(id="ending", has_heading=True)
        yield Panel(id="difference")
        yield RowList(id="rows")
        yield Panel(id="row", has_heading=True)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one("#compare-title", Panel).show(
            [
                line(Span(f"{self.first.title}: two runs side by side", Tone.HEADING)),
                line(Span(f"changed: {self.change}", Tone.UNSURE)),
            ]
        )
        self.query_one("#difference", Panel).show([line(Span("running …", Tone.DIM))])
        self.run_worker(partial(run_with, self.first, self.change), thread=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        worker: Worker[Watched] = event.worker
        if event.state is WorkerState.SUCCESS and worker.result is not None:
            self._compare(worker.result)
        elif event.state is WorkerState.ERROR:
            self._complain(worker.error)

    def _complain(self, error: BaseException | None) -> None:
        if not isinstance(error, ConfigError | FaultTextError):
            # A bug of ours: let it be seen where it is.
            assert error is not None
            raise error
        self.app.notify(str(error), severity="error", title="it cannot be run", markup=False)
        self.dismiss()

    def _compare(self, second: Watched) -> None:
        self.second = second
        self.difference = first_difference(self.first.events, second.events)
        rows = aligned(self.first.events, second.events, start=max(self.difference - CONTEXT, 0))
        at = next((row for row, one in enumerate(rows) if not one.is_same), 0)
        self._show()
        listed = self.query_one(RowList)
        listed.compare(self.first, second, rows, at=at)
        listed.focus()
        self._show_row()

    def _show_row(self) -> None:
        listed = self.query_one(RowList)
        if self.second is not None and listed.rows:
            row = listed.rows[listed.cursor]
            self.query_one("#row", Panel).show(chosen_lines(self.first, self.second, row))

    def _show(self) -> None:
        if self.second is None:
            return
        ending = ending_lines(self.first, self.second, width=self.size.width)
        panel = self.query_one("#ending", Panel)
        panel.styles.height = len(ending)
        panel.show(ending)
        self.query_one("#difference", Panel).show([difference_line(self.first, self.second, self.difference)])

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Textual gives it
        self._show()

    # -- keys ----------------------------------------------------------------------------------------------------------

    def action_difference(self) -> None:
        listed = self.query_one(RowList)
        listed.point_at(next((row for row, one in enumerate(listed.rows) if not one.is_same), 0))
        self._show_row()

    @on(LineList.Moved)
    def _row_passed(self) -> None:
        self._show_row()

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self.action_watch(2)

    def action_watch(self, which: int) -> None:
        """Watch one of the two, from the event under the cursor."""
        watched = self.first if which == 1 else self.second
        if watched is None:
            return
        listed = self.query_one(RowList)
        opens(self).open_run(watched, index=_event_near(listed, which))

    def action_help(self) -> None:
        self.app.push_screen(HelpScreen())

    def action_back(self) -> None:
        self.dismiss()


def _event_near(listed: RowList, which: int) -> int | None:
    """Give the event of that run in the row under the cursor, or in the nearest row above."""
    for row in reversed(listed.rows[: listed.cursor + 1]):
        event = row.first if which == 1 else row.second
        if event is not None:
            return event
    return None
