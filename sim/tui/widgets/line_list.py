"""A list of any length whose lines are made when they are seen, with one line chosen."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from sim.tui.lines import Line
from sim.tui.look import CHOSEN, RAISED, strip_of


class LineList(ScrollView, can_focus=True, inherit_bindings=False):
    """Subclasses say how many lines there are and what each one is."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Line up", show=False),
        Binding("down,j", "move(1)", "Line down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Moved(Message):
        """Somebody went to another line."""

        def __init__(self, source: LineList, row: int) -> None:
            super().__init__()
            self.source = source
            self.row = row

        @property
        def control(self) -> LineList:
            return self.source

    class Chosen(Moved):
        """Somebody pressed Enter on a line, or clicked it."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.cursor = 0

    @property
    @abstractmethod
    def count(self) -> int:
        """How many lines there are."""

    @abstractmethod
    def line_at(self, row: int) -> Line:
        """Give one of them."""

    def reload(self) -> None:
        """Take notice that the lines are others now."""
        self.virtual_size = Size(0, self.count)
        self.cursor = min(self.cursor, max(self.count - 1, 0))
        self._follow()
        self.refresh()

    def point_at(self, row: int) -> None:
        """Choose a line without a word to anybody, and bring it into sight."""
        if row != self.cursor and 0 <= row < self.count:
            self.cursor = row
            self._follow()
            self.refresh()

    @property
    def room(self) -> int:
        """How many columns a line has."""
        return self.scrollable_content_region.width

    def on_mount(self) -> None:
        self.reload()

    def on_resize(self) -> None:
        self._follow()

    def _follow(self) -> None:
        height = self.size.height
        if height < 1:
            return
        margin = min(2, (height - 1) // 2)
        top = self.scroll_offset.y
        if self.cursor < top + margin:
            top = self.cursor - margin
        elif self.cursor > top + height - 1 - margin:
            top = self.cursor - height + 1 + margin
        top = min(max(top, 0), max(self.count - height, 0))
        if top != self.scroll_offset.y:
            self.scroll_to(y=top, animate=False, immediate=True, force=True)

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.room
        if row >= self.count:
            return strip_of((), width)
        if row != self.cursor:
            return strip_of(self.line_at(row), width)
        return strip_of(self.line_at(row), width, ground=CHOSEN if self.has_focus else RAISED, is_bold=self.has_focus)

    def action_move(self, by: int) -> None:
        row = min(max(self.cursor + by, 0), self.count - 1)
        if row != self.cursor and row >= 0:
            self.point_at(row)
            self.post_message(self.Moved(self, row))

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(self.size.height - 1, 1))

    def action_choose(self) -> None:
        if self.count:
            self.post_message(self.Chosen(self, self.cursor))

    def on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        if row < self.count:
            self.focus()
            self.point_at(row)
            self.post_message(self.Chosen(self, row))
