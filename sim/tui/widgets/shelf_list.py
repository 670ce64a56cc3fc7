"""The first screen's list: every line is an item or a heading, and nobody stops at a heading."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType

from sim.tui.home.memory import Ending
from sim.tui.home.shelf import Shelf
from sim.tui.lines import Line
from sim.tui.panels.home import shelf_line
from sim.tui.widgets.typed_list import TypedList


class ShelfList(TypedList):
    """What is typed filters the shelf."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "choose", "Open", key_display="⏎")]

    def __init__(self, endings: Mapping[str, Ending], *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._endings = endings
        self.shelf = Shelf(())

    @property
    def wanted(self) -> str:
        return self.shelf.wanted

    @property
    def count(self) -> int:
        return len(self.shelf.rows)

    def line_at(self, row: int) -> Line:
        return shelf_line(self.shelf.rows[row], self._endings, width=self.room)

    def show(self) -> None:
        """Show the shelf as it is now."""
        self.cursor = self.shelf.cursor
        self.reload()

    def filter(self, wanted: str) -> None:
        self.shelf.filter(wanted)
        self.show()

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
