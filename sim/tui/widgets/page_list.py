"""The lines of a view."""

from __future__ import annotations

from collections.abc import Sequence

from sim.tui.lines import Line
from sim.tui.panels.page import PageRow
from sim.tui.widgets.line_list import LineList


class PageList(LineList):
    """Given anew for each moment, and for each width."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.rows: Sequence[PageRow] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    def line_at(self, row: int) -> Line:
        return self.rows[row].line

    def show(self, rows: Sequence[PageRow]) -> None:
        """Show these instead."""
        self.rows = rows
        self.reload()
