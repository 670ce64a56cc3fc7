"""One view of a run at the moment where its playhead stands; the others are one key away."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Footer

from sim.tui.panels.heading import moment_lines, title_line
from sim.tui.panels.view_names import views_line
from sim.tui.screens.moving import MovingScreen
from sim.tui.screens.opening import opens
from sim.tui.widgets.line_list import LineList
from sim.tui.widgets.page_list import PageList
from sim.tui.widgets.panel import Panel
from sim.tui.widgets.scrub_bar import ScrubBar

if TYPE_CHECKING:
    from textual import events

    from sim.tui.panels.page import PageRow
    from sim.tui.playhead import Playhead
    from sim.tui.views import View


class ViewScreen(MovingScreen):
    """It moves the playhead of the screen that it was opened from, which is found there afterwards.

    A view with keys of its own has a subclass, which gives its `rows`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q,escape", "dismiss", "Back", key_display="q"),
    ]

    def __init__(self, playhead: Playhead, view: View) -> None:
        super().__init__(playhead)
        self.view = view

    @property
    def page(self) -> PageList:
        return self.query_one(PageList)

    @property
    def room(self) -> tuple[int, int]:
        """Columns and lines that the view has."""
        return self.page.room, self.page.size.height

    @property
    def rows(self) -> Sequence[PageRow]:
        """The lines of this moment, for the room that there is."""
        return self.view.rows(self.playhead, *self.room)

    def compose(self) -> ComposeResult:
        yield Panel(id="title", has_heading=True)
        yield ScrubBar(self.playhead.watched.marks, id="scrub")
        yield Panel(id="moment")
        yield Panel(id="views", has_heading=True)
        yield PageList(id="page")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.page.focus()
        self.call_after_refresh(self.show_moment)

    def on_resize(self, _: events.Resize) -> None:
        self.call_after_refresh(self.show_moment)

    def show_moment(self) -> None:
        playhead, width = self.playhead, self.size.width
        self.query_one("#title", Panel).show([title_line(playhead.watched, width=width)])
        self.query_one(ScrubBar).show(playhead.index)
        self.query_one("#moment", Panel).show(moment_lines(playhead, width=width))
        self.query_one("#views", Panel).show([views_line(self.view, width=width)])
        self.page.show(self.rows)

    def action_view(self, name: str) -> None:
        """Show another view; the key of the one that is shown leads back."""
        if name == self.view.name:
            self.dismiss()
        else:
            opens(self).open_view(self.playhead, name)

    @on(LineList.Chosen, "#page")
    def _chosen(self, message: LineList.Chosen) -> None:
        event = self.page.rows[message.row].event
        self.moved(event is not None and self.playhead.seek(event))
