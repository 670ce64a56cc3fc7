"""A small drawing board: lines, boxes, text and arrows as SVG, the same bytes for the same calls.

Colours are Okabe and Ito's, told apart by everybody, and never say anything alone: each mark has a word beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"
INK, GREY, PALE, PAPER = "#1a1a1a", "#6b6b6b", "#ececec", "#ffffff"

FONT = "font-family=\"'DejaVu Sans', Verdana, sans-serif\""
CHARACTER_WIDTH = 0.62
"""Of the font size: an estimate on the wide side, for boxes behind text."""


class Board:
    """A picture under way. Coordinates are whole pixels."""

    def __init__(self, *, title: str, description: str) -> None:
        self._title = title
        self._description = description
        self._marks: list[str] = []

    def line(self, x1: int, y1: int, x2: int, y2: int, *, colour: str = INK, width: int = 1, dashes: str = "") -> None:
        """Draw a straight line; `dashes` as SVG writes them."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self._marks.append(
            f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}" stroke-width="{width}"{dashed}/>'
        )

    def arrow(self, x1: int, y1: int, x2: int, y2: int, *, colour: str = INK, dashes: str = "") -> None:
        """Draw a line with a head at its end; the line is nearly level."""
        self.line(x1, y1, x2, y2, colour=colour, width=2, dashes=dashes)
        back = -9 if x2 > x1 else 9
        self._marks.append(f'<path d="M{x2},{y2} l{back},-5 v10 z" fill="{colour}"/>')

    def route(self, points: Sequence[tuple[int, int]], *, colour: str = INK) -> None:
        """Draw a line through those points; its last stretch goes straight down and ends in a head."""
        (x, y), legs = points[-1], " ".join(f"L{x},{y}" for x, y in [*points[1:-1], (points[-1][0], points[-1][1] - 6)])
        self._marks.append(
            f'<path d="M{points[0][0]},{points[0][1]} {legs}" stroke="{colour}" stroke-width="2" fill="none" '
            f'stroke-linejoin="round"/><path d="M{x},{y} l-5,-8 h10 z" fill="{colour}"/>'
        )

    def box(
        self,
        x: int,
        y: int,
        width: int,
        height: int,
        *,
        fill: str = PAPER,
        edge: str = INK,
        dashes: str = "",
        radius: int = 0,
    ) -> None:
        """Draw a rectangle."""
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        rounded = f' rx="{radius}"' if radius else ""
        self._marks.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" fill="{fill}" stroke="{edge}"{dashed}{rounded}/>'
        )

    def cross(self, x: int, y: int, *, colour: str = VERMILION) -> None:
        """Draw an X."""
        self._marks.append(
            f'<path d="M{x - 7},{y - 7} l14,14 m0,-14 l-14,14" stroke="{colour}" stroke-width="3" fill="none"/>'
        )

    def dot(self, x: int, y: int, *, colour: str = INK) -> None:
        """Draw a small disc."""
        self._marks.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{colour}"/>')

    def text(
        self,
        x: int,
        y: int,
        words: str,
        *,
        size: int = 13,
        anchor: str = "start",
        colour: str = INK,
        is_bold: bool = False,
        has_ground: bool = False,
    ) -> None:
        """Write a line of text on its baseline; `has_ground` clears the paper behind it."""
        if has_ground:
            width = round(len(words) * size * CHARACTER_WIDTH) + 4
            left = {"start": x - 2, "middle": x - width // 2, "end": x - width + 2}[anchor]
            self._marks.append(
                f'<rect x="{left}" y="{y - size}" width="{width}" height="{size + 4}" fill="{PAPER}" opacity="0.9"/>'
            )
        weight = ' font-weight="bold"' if is_bold else ""
        self._marks.append(
            f'<text x="{x}" y="{y}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>{escape(words)}</text>'
        )

    def source(self, *, width: int, height: int) -> str:
        """Give the picture as a file's text."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            f'role="img" aria-labelledby="title desc" {FONT}>'
        )
        return "\n".join(
            [
                head,
                f'<title id="title">{escape(self._title)}</title>',
                f'<desc id="desc">{escape(self._description)}</desc>',
                f'<rect width="{width}" height="{height}" fill="{PAPER}"/>',
                *self._marks,
                "</svg>",
                "",
            ]
        )
