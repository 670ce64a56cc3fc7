"""The lines of the governance page."""

from __future__ import annotations

from sim.tui.lines import Line
from sim.tui.panels.governance import PageRow, governance_rows
from sim.tui.playhead import Playhead
from sim.tui.widgets.line_list import LineList


class GovernanceList(LineList):
    """Made anew for each moment, and for each width."""

    def __init__(self, playhead: Playhead, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._playhead = playhead
        self.rows: list[PageRow] = []

    @property
    def count(self) -> int:
        return len(self.rows)

    def line_at(self, row: int) -> Line:
        return self.rows[row].line

    def show(self) -> None:
        """Show where the playhead stands."""
        self.rows = governance_rows(self._playhead.state, width=self.room)
        self.reload()
