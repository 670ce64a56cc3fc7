"""One line of a picture that is drawn with characters: each is put at its column, later ones over earlier ones."""

from __future__ import annotations

from itertools import groupby

from sim.tui.lines import Line, Span, Tone


class Canvas:
    """So many columns, blank at first; what lies beyond its ends is not drawn."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._cells: list[tuple[str, Tone]] = [(" ", Tone.PLAIN)] * width

    def put(self, column: int, text: str, tone: Tone = Tone.PLAIN) -> None:
        """Write text from a column on."""
        for place, character in enumerate(text, start=column):
            if 0 <= place < self.width:
                self._cells[place] = (character, tone)

    def rule(self, first: int, last: int, character: str, tone: Tone, *, crossing: str = "") -> None:
        """Draw from one column to another, either way round; what is there already is crossed, if a crossing is given."""
        for column in range(min(first, last), max(first, last) + 1):
            is_blank = 0 <= column < self.width and self._cells[column][0] == " "
            self.put(column, character if is_blank or not crossing else crossing, tone)

    @property
    def line(self) -> Line:
        """Give it as spans."""
        return tuple(
            Span("".join(character for character, _ in cells), tone)
            for tone, cells in groupby(self._cells, key=lambda cell: cell[1])
        )
