"""The way back from an event to the faults behind it; whoever walks down it goes back cause by cause."""

from __future__ import annotations

from collections.abc import Sequence

from sim.tui.lines import Line
from sim.tui.panels.why import WhyRow, why_rows
from sim.tui.questions import Question
from sim.tui.session import Watched
from sim.tui.view_model.causality import WhyStep
from sim.tui.widgets.line_list import LineList


class WhyList(LineList):
    """Empty until somebody asks."""

    def __init__(self, watched: Watched, *, id: str) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._watched = watched
        self._steps: Sequence[WhyStep] = ()
        self.question: Question | None = None
        self.rows: Sequence[WhyRow] = ()

    @property
    def count(self) -> int:
        return len(self.rows)

    def line_at(self, row: int) -> Line:
        return self.rows[row].line

    def ask(self, question: Question) -> None:
        """Explain an event."""
        self.question = question
        self._steps = question.steps(self._watched)
        self._lay_out()
        self.point_at(self.row_telling(question.event) or 0)

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        """Make the lines anew, for the room there is; the chosen step stays."""
        if self.question is None:
            return
        event = self.rows[self.cursor].event if self.cursor < len(self.rows) else None
        # The scroll bar's column stays free, there or not.
        self.rows = why_rows(self._watched, self.question, self._steps, width=max(self.size.width - 1, 1))
        row = None if event is None else self.row_telling(event)
        self.cursor = self.cursor if row is None else row
        self.reload()

    def row_telling(self, index: int) -> int | None:
        """Give the line that tells an event, if one does."""
        return next((row for row, one in enumerate(self.rows) if one.event == index and not one.is_rest), None)

    def step_behind(self, index: int) -> int | None:
        """Give the event of the step that follows the one that tells an event; None behind the last, and where none tells it."""
        told = [step.event for step in self._steps]
        return told[told.index(index) + 1] if index in told[:-1] else None

    def action_move(self, by: int) -> None:
        row = min(max(self.cursor + by, 0), self.count - 1)
        while 0 < row < self.count - 1 and self.rows[row].is_rest:
            row += 1 if by > 0 else -1
        super().action_move(row - self.cursor)
