"""The first screen's list: every line is an item or a heading, and nobody stops at a heading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message

from sim.tui.home.memory import Ending
from sim.tui.home.shelf import Shelf
from sim.tui.lines import Line
from sim.tui.panels.home import shelf_line
from sim.tui.widgets.line_list import LineList

_FIRST = 10**6
"""More items than there are."""


class ShelfList(LineList, inherit_bindings=False):
    """What is typed on it filters it; so no letter is a key."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Line up", show=False),
        Binding("down", "move(1)", "Line down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home", f"move(-{_FIRST})", "First line", show=False),
        Binding("end", f"move({_FIRST})", "Last line", show=False),
        Binding("enter", "choose", "Open", key_display="⏎"),
    ]

    class Typed(Message):
        """The words of the filter are others now."""

        def __init__(self, wanted: str) -> None:
            super().__init__()
            self.wanted = wanted

    def __init__(self, endings: Mapping[str, Ending], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._endings = endings
        self.shelf = Shelf(())

    @property
    def count(self) -> int:
        return len(self.shelf.rows)

    def line_at(self, row: int) -> Line:
        return shelf_line(self.shelf.rows[row], self._endings, width=self.room)

    def show(self) -> None:
        """Show the shelf as it is now."""
        self.cursor = self.shelf.cursor
        self.reload()

    def action_move(self, by: int) -> None:
        if self.shelf.move(by):
            self._arrive()

    def point_at(self, row: int) -> None:
        self.shelf.go(row)
        super().point_at(self.shelf.cursor)

    def on_click(self, event: events.Click) -> None:
        row = event.y + self.scroll_offset.y
        event.prevent_default()
        if row >= self.count or self.shelf.rows[row].item is None:
            return
        # The first click chooses, the second opens: what is told of the chosen one is read in between.
        if row == self.shelf.cursor:
            self.action_choose()
        elif self.shelf.go(row):
            self._arrive()

    def _arrive(self) -> None:
        super().point_at(self.shelf.cursor)
        self.post_message(self.Moved(self, self.shelf.cursor))

    def on_key(self, event: events.Key) -> None:
        wanted = self.shelf.wanted
        if event.key == "backspace":
            wanted = wanted[:-1]
        elif event.key == "ctrl+u":
            wanted = ""
        elif event.is_printable and event.character and event.character != "?":
            wanted += event.character
        else:
            return
        event.stop()
        event.prevent_default()
        self.post_message(self.Typed(wanted.lstrip()))

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(
            self.Typed(
                (self.shelf.wanted + event.text.strip()).splitlines()[0] if event.text.strip() else self.shelf.wanted
            )
        )
