"""The whole run as one bar; a click goes there."""

from __future__ import annotations

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from sim.tui.lines import Span
from sim.tui.look import strip_of
from sim.tui.panels.scrub import event_at, scrub_line, scrub_marks
from sim.tui.view_model import Marks


class ScrubBar(Widget):
    """Draws the marks once a width, and the place of now at each move."""

    class Sought(Message):
        """Somebody pointed at a place of the run."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, marks: Marks, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._marks = marks
        self._index = 0
        self._columns: tuple[Span, ...] = ()

    def show(self, index: int) -> None:
        """Stand at this event."""
        if index != self._index:
            self._index = index
            self.refresh()

    def look_at(self, marks: Marks) -> None:
        """Draw these marks, or those that came to them since."""
        self._marks = marks
        self._columns = ()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y or width < 1:
            return Strip.blank(width)
        if len(self._columns) != width:
            self._columns = scrub_marks(self._marks, width=width)
        return strip_of(scrub_line(self._columns, index=self._index, total=self._marks.total), width)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._seek(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self.app.mouse_captured is self:
            self._seek(event.x)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _seek(self, column: int) -> None:
        column = min(max(column, 0), self.size.width - 1)
        self.post_message(self.Sought(event_at(column, width=self.size.width, total=self._marks.total)))
