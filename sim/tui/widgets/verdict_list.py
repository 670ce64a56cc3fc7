"""The verdicts of a run, and how each broken promise came about."""

from __future__ import annotations

from collections.abc import Sequence

from sim.tui.lines import Line
from sim.tui.panels.verdicts import FindingKey, VerdictRow, first_finding, verdict_rows
from sim.tui.questions import Question
from sim.tui.session import Watched
from sim.tui.widgets.line_list import LineList

TALL = 14
"""From this many lines on the scenario's question is repeated above the answers."""


class VerdictList(LineList):
    """Findings open and close; the first one is open from the start."""

    def __init__(self, watched: Watched, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._watched = watched
        first = first_finding(watched.verdicts)
        self._unfolded: set[FindingKey] = set() if first is None else {first}
        self.rows: Sequence[VerdictRow] = verdict_rows(watched, unfolded=self._unfolded)
        self.cursor = next((row for row, one in enumerate(self.rows) if one.finding is not None), 0)

    @property
    def count(self) -> int:
        return len(self.rows)

    def line_at(self, row: int) -> Line:
        return self.rows[row].line

    def is_open(self, finding: FindingKey) -> bool:
        """Whether the events of a finding are shown."""
        return finding in self._unfolded

    def toggle(self, finding: FindingKey) -> None:
        """Show or hide the events of a finding."""
        self._unfolded ^= {finding}
        self._lay_out()

    def on_resize(self) -> None:
        self._lay_out()

    def action_move(self, by: int) -> None:
        row = min(max(self.cursor + by, 0), self.count - 1)
        while 0 < row < self.count - 1 and self.rows[row].is_rest:
            row += 1 if by > 0 else -1
        super().action_move(row - self.cursor)

    def _lay_out(self) -> None:
        """Make the lines anew, for the room there is; the chosen one stays."""
        before = self.rows[self.cursor] if self.rows else None
        self.rows = verdict_rows(
            self._watched,
            unfolded=self._unfolded,
            # The scroll bar's column stays free, there or not: whether it is hangs on how many lines there are.
            width=self.size.width - 1,
            has_question=self.size.height >= TALL,
        )
        if before is not None:
            same = [row for row, one in enumerate(self.rows) if one == before]
            if before.event is not None or before.finding is not None or before.guarantee:
                # Wrapped otherwise it still leads to the same place.
                same += [row for row, one in enumerate(self.rows) if one[1:] == before[1:]]
                same += [row for row, one in enumerate(self.rows) if one[1:-1] == before[1:-1]]
            self.cursor = same[0] if same else self.cursor
        self.reload()

    @property
    def question(self) -> Question | None:
        """The broken promise in the chosen line, as something to ask why of; None where the line is about none."""
        row = self.rows[self.cursor]
        if row.finding is None or row.event is None:
            return None
        guarantee, place = row.finding
        (verdict,) = (one for one in self._watched.verdicts if one.guarantee == guarantee)
        return Question(row.event, verdict.findings[place])

    def row_telling(self, index: int) -> int | None:
        """Give the line that tells an event, if one does."""
        return next((row for row, one in enumerate(self.rows) if one.is_step and one.event == index), None)
