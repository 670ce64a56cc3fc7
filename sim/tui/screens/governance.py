"""The governance page of one run, at the moment where its playhead stands."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer

from sim.tui.panels.heading import moment_lines, title_line
from sim.tui.widgets.governance_list import GovernanceList
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from textual import events

    from sim.tui.playhead import Playhead


class GovernanceScreen(Screen[None]):
    """It moves the playhead of the screen that it was opened from, which is found there afterwards."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,l", "step(1)", "Step", key_display="←→", tooltip="Next event"),
        Binding("left,h", "step(-1)", "Previous event", show=False),
        Binding("f", "fault(1)", "Fault", tooltip="Next fault"),
        Binding("F", "fault(-1)", "Previous fault", show=False),
        Binding("home,g", "edge(-1)", "First event", show=False),
        Binding("end,G", "edge(1)", "Last", key_display="End", tooltip="Last event"),
        Binding("p,q,escape", "dismiss", "Back", key_display="q"),
    ]

    def __init__(self, playhead: Playhead) -> None:
        super().__init__()
        self.playhead = playhead

    def compose(self) -> ComposeResult:
        yield Panel(id="title", has_heading=True)
        yield ScrubBar(self.playhead.watched.marks, id="scrub")
        yield Panel(id="moment")
        yield GovernanceList(self.playhead, id="governance")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.query_one(GovernanceList).focus()
        self.call_after_refresh(self.show_moment)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_moment)

    def show_moment(self) -> None:
        """Show where the playhead stands."""
        playhead, width = self.playhead, self.size.width
        self.query_one("#title", Panel).show([title_line(playhead.watched, width=width)])
        self.query_one(ScrubBar).show(playhead.index)
        self.query_one("#moment", Panel).show(moment_lines(playhead, width=width))
        self.query_one(GovernanceList).show()

    # -- moving --------------------------------------------------------------------------------------------------------

    def _moved(self, is_moved: bool) -> None:
        if is_moved:
            self.show_moment()

    def action_step(self, by: int) -> None:
        self._moved(self.playhead.step(by))

    def action_fault(self, direction: int) -> None:
        self._moved(self.playhead.step_fault(direction))

    def action_edge(self, direction: int) -> None:
        self._moved(self.playhead.seek(0 if direction < 0 else self.playhead.last))

    @on(ScrubBar.Sought)
    def _sought(self, message: ScrubBar.Sought) -> None:
        self._moved(self.playhead.seek(message.index))

    @on(LineList.Chosen, "#governance")
    def _chosen(self, message: LineList.Chosen) -> None:
        event = self.query_one(GovernanceList).rows[message.row].event
        self._moved(event is not None and self.playhead.seek(event))
