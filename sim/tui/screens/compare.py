"""Two runs side by side: how each ended, where they part for a reason, and what happens in each."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer
from textual.worker import Worker, WorkerState

from producer.errors import ConfigError
from sim.faults import FaultTextError
from sim.tui.comparing.comparison import Comparison
from sim.tui.lines import Span, Tone, line
from sim.tui.panels.comparison import ComparedLine, chosen_lines, compared_lines, ending_lines, why_lines
from sim.tui.screens.help import HelpScreen
from sim.tui.screens.opening import opens
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from textual import events

    from sim.tui.session import Watched

OTHERS = 12
"""Lines of what is always there: title, rows, the chosen row, keys."""
WHY_MIN = 3


class CompareScreen(Screen[None]):
    """Shows two runs; the second is made in a thread of its own, unless it is there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "Watch it", key_display="⏎", tooltip="Watch the run under the cursor, or unfold"),
        Binding("1", "watch(1)", "Run 1"),
        Binding("2,w", "watch(2)", "Run 2", key_display="2"),
        Binding("d", "difference", "Difference", tooltip="The first difference that matters"),
        Binding("a", "everything", "All events", tooltip="One record's way, or all events of both runs"),
        Binding(
            "b", "asides", "Asides", tooltip="Show or fold what is an aside: requests, connections, high watermarks"
        ),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("escape,q", "back", "Back", key_display="q"),
    ]

    def __init__(
        self, first: Watched, changed: str, *, second: Watched | None = None, make: Callable[[], Watched] | None = None
    ) -> None:
        """Compare a run with the second one, or with the one that `make` gives; `changed` says what was changed."""
        super().__init__()
        self.first = first
        self.change = changed
        self._made, self._make = second, make
        self.comparison: Comparison | None = None
        self._has_everything = False
        self._has_asides = False
        self._unfolded: set[int] = set()

    def compose(self) -> ComposeResult:
        yield Panel(id="compare-title", has_heading=True)
        yield Panel(id="ending", has_heading=True)
        yield Panel(id="why", has_heading=True)
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
        self.query_one("#why", Panel).show([line(Span("running …", Tone.DIM))])
        if self._made is not None:
            # The list has no size before the first refresh.
            self.call_after_refresh(self._compare, self._made)
        elif self._make is not None:
            self.run_worker(self._make, thread=True, exit_on_error=False)

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
        self.comparison = Comparison(self.first, second)
        self._has_everything = self.comparison.focus is None
        self._show()
        listed = self.query_one(RowList)
        listed.show(self._lines(), at=0)
        listed.focus()
        self.action_difference()

    @property
    def second(self) -> Watched | None:
        """The changed run, once it is there."""
        return None if self.comparison is None else self.comparison.second

    def _lines(self) -> list[ComparedLine]:
        comparison = self.comparison
        assert comparison is not None
        rows = comparison.rows if self._has_everything else comparison.way
        return compared_lines(
            comparison, rows, has_asides=self._has_asides, unfolded=self._unfolded, folds=self._has_everything
        )

    def _show_row(self) -> None:
        chosen = self.query_one(RowList).chosen
        if self.comparison is not None and chosen is not None:
            self.query_one("#row", Panel).show(chosen_lines(self.comparison, chosen, width=self.size.width))

    def _show(self) -> None:
        comparison = self.comparison
        if comparison is None:
            return
        ending = ending_lines(*comparison.runs, width=self.size.width)
        # The rows keep some lines, whatever there is to say above them.
        why = why_lines(comparison, width=self.size.width)[: max(self.size.height - len(ending) - OTHERS, WHY_MIN)]
        for name, lines in (("#ending", ending), ("#why", why)):
            panel = self.query_one(name, Panel)
            panel.styles.height = len(lines)
            panel.show(lines)

    def _relist(self, *, event: ComparedLine | None) -> None:
        """List the rows anew, and stay by what was chosen."""
        listed = self.query_one(RowList)
        lines = self._lines()
        at = 0 if event is None else _nearest(lines, event)
        listed.show(lines, at=at)
        self._show_row()

    def on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 - Textual gives it
        self._show()
        self._show_row()

    # -- keys ----------------------------------------------------------------------------------------------------------

    def action_difference(self) -> None:
        """Go to the first difference that matters."""
        listed = self.query_one(RowList)
        listed.point_at(next((place for place, one in enumerate(listed.rows) if one.is_causal), 0))
        self._show_row()

    def action_everything(self) -> None:
        """Show one record's way, or all events; where no record is followed there are only these."""
        if self.comparison is not None and self.comparison.focus is not None:
            self._has_everything = not self._has_everything
            self._relist(event=self.query_one(RowList).chosen)

    def action_asides(self) -> None:
        """Show what is an aside, or fold it."""
        if self.comparison is not None:
            self._has_asides = not self._has_asides
            self._unfolded.clear()
            self._relist(event=self.query_one(RowList).chosen)

    @on(LineList.Moved)
    def _row_passed(self) -> None:
        self._show_row()

    @on(LineList.Chosen)
    def _row_chosen(self) -> None:
        self.action_choose()

    def action_choose(self) -> None:
        """Unfold what is folded under the cursor; else watch the run that has that line, the changed one if both have."""
        chosen = self.query_one(RowList).chosen
        if chosen is None:
            return
        if chosen.fold is not None:
            self._unfolded.add(chosen.fold)
            self._relist(event=chosen)
        else:
            self.action_watch(2 if chosen.second is not None else 1)

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


def _nearest(lines: list[ComparedLine], wanted: ComparedLine) -> int:
    """Give the line that shows an event, or the last one before it."""
    at = 0
    for place, one in enumerate(lines):
        is_before = (one.first is not None and wanted.first is not None and one.first <= wanted.first) or (
            one.second is not None and wanted.second is not None and one.second <= wanted.second
        )
        at = place if is_before else at
        if (one.first, one.second) == (wanted.first, wanted.second):
            return place
    return at


def _event_near(listed: RowList, which: int) -> int | None:
    """Give the event of that run in the line under the cursor, or in the nearest line above."""
    for row in reversed(listed.rows[: listed.cursor + 1]):
        event = row.first if which == 1 else row.second
        if event is not None:
            return event
    return None
