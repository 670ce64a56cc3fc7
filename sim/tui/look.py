"""What each tone looks like: the colours of Okabe and Ito, told apart by everybody, on a ground dark enough for 4.5:1."""

from __future__ import annotations

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from sim.tui.lines import Line, Tone, padded

GROUND = "#101418"
RAISED = "#1d242b"
"""Behind headings."""
CHOSEN = "#2f3b47"
"""Behind the line that is chosen."""
INK = "#e8e8e8"

STYLES: dict[Tone, Style] = {
    Tone.PLAIN: Style(color=INK),
    Tone.DIM: Style(color="#a3abb3"),
    Tone.HEADING: Style(color="#ffffff", bold=True),
    Tone.GOOD: Style(color="#00b383"),
    Tone.BAD: Style(color="#ff7f2a", bold=True),
    Tone.UNSURE: Style(color="#e69f00"),
    Tone.FAULT: Style(color="#e08fbd", bold=True),
    Tone.LEADER: Style(color="#f0e442"),
    Tone.FOLLOWER: Style(color="#56b4e9"),
    Tone.PRODUCER: Style(color="#56b4e9"),
    Tone.NOW: Style(color="#000000", bgcolor="#f0e442", bold=True),
    Tone.KEY: Style(color="#ffffff", bold=True, underline=True),
}
"""Green, vermilion and purple are a little lighter than theirs, for contrast."""


def strip_of(line: Line, width: int, *, ground: str = GROUND, is_bold: bool = False) -> Strip:
    """Draw a line over the whole width."""
    if sum(cell_len(span.text) for span in line) > width:
        line = padded(line, width)
    behind = Style(bgcolor=ground, bold=True if is_bold else None)
    return Strip([Segment(span.text, behind + STYLES[span.tone]) for span in line]).adjust_cell_length(width, behind)
