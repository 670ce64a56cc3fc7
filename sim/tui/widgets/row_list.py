"""Two runs' events, row by row."""

from __future__ import annotations

from collections.abc import Sequence

from sim.tui.lines import Line
from sim.tui.panels.comparison import row_line
from sim.tui.session import Watched
from sim.tui.view_model import Row
from sim.tui.widgets.line_list import LineList


class RowList(LineList):
    """Empty until both runs are there."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._runs: tuple[Watched, Watched] | None = None
        self.rows: Sequence[Row] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    def compare(self, first: Watched, second: Watched, rows: Sequence[Row], *, at: int) -> None:
        """Show these two, from row `at`."""
        self._runs = (first, second)
        self.rows = rows
        self.cursor = at
        self.reload()

    def line_at(self, row: int) -> Line:
        assert self._runs is not None
        return row_line(*self._runs, self.rows[row], width=self.room)
