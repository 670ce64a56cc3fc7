"""What stands on a screen right now, as text and as a picture."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, NamedTuple

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from textual.screen import Screen
from textual.strip import Strip

from sim.tui.exports.cleaning import clean
from sim.tui.look import GROUND, INK

CELL_WIDTH, CELL_HEIGHT = 8.4, 18
"""Of one character, in the picture's units."""
BASE_LINE = 13
MARGIN = 8

_WORDS = re.compile(r"\S+(?: \S+)*")

Frame = Sequence[Strip]
"""The lines of a screen, with their colours."""


class _Piece(NamedTuple):
    """A run of characters of one look."""

    column: int
    text: str
    style: Style


def frame_of(screen: Screen[Any]) -> Frame:
    """Take what a screen shows now."""
    return screen._compositor.render_strips()


def frame_text(frame: Frame) -> str:
    """Give it as text, a line each, nothing at their ends."""
    return "\n".join(clean(strip.text).rstrip() for strip in frame) + "\n"


def frame_svg(frame: Frame, *, title: str) -> str:
    """Give it as a picture. Whatever font there is, each character stands in its cell; nothing is loaded."""
    columns = max((strip.cell_length for strip in frame), default=1)
    width, height = columns * CELL_WIDTH + 2 * MARGIN, len(frame) * CELL_HEIGHT + 2 * MARGIN
    ground = _ground(frame)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height}" width="{width:g}" height="{height}" role="img">',
        f"<title>{escape(clean(title))}</title>",
        f'<rect width="100%" height="100%" fill="{ground}"/>',
        '<g font-family="ui-monospace, DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14">',
    ]
    for row, strip in enumerate(frame):
        for piece in _pieces(strip):
            parts += _drawn(piece, MARGIN + row * CELL_HEIGHT, ground)
    return "\n".join([*parts, "</g>", "</svg>", ""])


def _ground(frame: Frame) -> str:
    """Give the colour that most of it lies on: each look has its own."""
    cells: dict[str, int] = {}
    for strip in frame:
        for piece in _pieces(strip):
            colour = _hex(piece.style.bgcolor, GROUND)
            cells[colour] = cells.get(colour, 0) + cell_len(piece.text)
    return max(cells, key=lambda colour: cells[colour], default=GROUND)


def _pieces(strip: Strip) -> Iterator[_Piece]:
    column = 0
    for text, style, control in strip:
        if control is None and text:
            yield _Piece(column, text, style or Style())
            column += cell_len(text)


def _drawn(piece: _Piece, top: int, behind: str) -> Iterator[str]:
    style = piece.style
    ink, ground = _hex(style.color, INK), _hex(style.bgcolor, behind)
    if style.reverse:
        ink, ground = ground, ink
    left, width = MARGIN + piece.column * CELL_WIDTH, cell_len(piece.text) * CELL_WIDTH
    if ground != behind:
        yield f'<rect x="{left:g}" y="{top}" width="{width:g}" height="{CELL_HEIGHT}" fill="{ground}"/>'
    look = ' font-weight="bold"' if style.bold else ""
    look += ' text-decoration="underline"' if style.underline else ""
    # Spaces that follow one another are no text: who draws it may make one of them, and would stretch the rest.
    for words in _WORDS.finditer(piece.text):
        text, before = words[0], cell_len(piece.text[: words.start()])
        yield (
            f'<text x="{left + before * CELL_WIDTH:g}" y="{top + BASE_LINE}" textLength="{cell_len(text) * CELL_WIDTH:g}" '
            f'lengthAdjust="spacingAndGlyphs" fill="{ink}"{look}>{escape(clean(text))}</text>'
        )


def _hex(color: Color | None, otherwise: str) -> str:
    return otherwise if color is None or color.is_default else color.get_truecolor().hex
