"""A few lines that do not scroll."""

from __future__ import annotations

from collections.abc import Sequence

from textual.strip import Strip
from textual.widget import Widget

from sim.tui.lines import Line, text_of
from sim.tui.look import GROUND, RAISED, strip_of


class Panel(Widget):
    """Shows lines as they are; the first may be a heading, on a ground of its own."""

    def __init__(self, *, id: str, has_heading: bool = False) -> None:  # noqa: A002 - Textual's word
        super().__init__(id=id)
        self._lines: Sequence[Line] = ()
        self._has_heading = has_heading

    def show(self, lines: Sequence[Line]) -> None:
        """Show these instead."""
        if lines != self._lines:
            self._lines = lines
            self.refresh()

    @property
    def text(self) -> str:
        """What it shows, without colours."""
        return "\n".join(text_of(line) for line in self._lines)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ()
        return strip_of(line, self.size.width, ground=RAISED if y == 0 and self._has_heading else GROUND)
