"""Two runs' events, line by line."""

from __future__ import annotations

from collections.abc import Sequence

from sim.tui.lines import Line
from sim.tui.panels.comparison import ComparedLine
from sim.tui.widgets.line_list import LineList


class RowList(LineList):
    """Empty until both runs are there."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self.rows: Sequence[ComparedLine] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    def show(self, rows: Sequence[ComparedLine], *, at: int) -> None:
        """Show these lines, from line `at`."""
        self.rows = rows
        self.cursor = at
        self.reload()

    @property
    def chosen(self) -> ComparedLine | None:
        """The line under the cursor."""
        return self.rows[self.cursor] if self.cursor < len(self.rows) else None

    def line_at(self, row: int) -> Line:
        return self.rows[row].line
