"""What a command prints: width by COLUMNS, colour only on a terminal and never alone, progress on stderr."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable

from sim.judges.verdict import State

WIDTH_MIN = 60
WIDTH_MAX = 120

MARKS = {State.HOLDS: "✓", State.VIOLATED: "✗", State.INCONCLUSIVE: "?"}
# Okabe and Ito's colours, told apart by everybody: bluish green, vermilion, orange.
_COLOURS = {State.HOLDS: "38;5;36", State.VIOLATED: "38;5;166", State.INCONCLUSIVE: "38;5;178"}


def width() -> int:
    """How many columns to fill: COLUMNS, else the terminal's, within reason."""
    return min(max(shutil.get_terminal_size().columns, WIDTH_MIN), WIDTH_MAX)


def has_colour() -> bool:
    """Whether to colour stdout: a terminal, and NO_COLOR unset or empty (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def coloured(text: str, state: State) -> str:
    """Give text the colour of a state, if there is any."""
    return f"\033[{_COLOURS[state]}m{text}\033[0m" if has_colour() else text


def bold(text: str) -> str:
    """Give text some weight, if the screen can."""
    return f"\033[1m{text}\033[0m" if has_colour() else text


def say(line: str = "") -> None:
    """Print one line; a character that the terminal cannot show becomes a question mark."""
    try:
        print(line)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding or "ascii"
        print(line.encode(encoding, "replace").decode(encoding))


def labelled(label: str, text: str, *, label_width: int = 11) -> list[str]:
    """Wrap text to the width, with a label before its first line."""
    indent = " " * (label_width + 2)
    wrapped = textwrap.wrap(text, width(), initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    if wrapped:
        wrapped[0] = f"  {label:<{label_width}}{wrapped[0][label_width + 2 :]}"
    return wrapped or [f"  {label}"]


def columns(rows: Iterable[tuple[str, str, str]], *, paint: Callable[[str, int, int], str]) -> list[str]:
    """Set rows of (label, left, right) in three columns that fill the width; long cells go on in the next line.

    `paint(text, row, column)` may colour a padded cell.
    """
    label_width = 15
    cell = (width() - label_width - 4) // 2
    lines = []
    for number, (label, left, right) in enumerate(rows):
        lefts, rights = textwrap.wrap(left, cell) or [""], textwrap.wrap(right, cell) or [""]
        height = max(len(lefts), len(rights))
        lefts += [""] * (height - len(lefts))
        rights += [""] * (height - len(rights))
        for place, (one, other) in enumerate(zip(lefts, rights, strict=True)):
            head = label if place == 0 else ""
            line = f"{head:<{label_width}}{paint(f'{one:<{cell}}', number, 0)}  {paint(other, number, 1)}"
            lines.append(line.rstrip())
    return lines


class Progress:
    """One line on stderr that is overwritten; silent unless stderr is a terminal."""

    def __init__(self) -> None:
        self._is_shown = sys.stderr.isatty()
        self._is_dirty = False

    def show(self, text: str) -> None:
        """Show this instead of what was there."""
        if self._is_shown:
            print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
            self._is_dirty = True

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._is_dirty:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
            self._is_dirty = False


class Hidden:
    """Stands where `Progress` stands, for somebody who wants to see none."""

    def show(self, text: str) -> None:
        """Show nothing."""

    def clear(self) -> None:
        """Leave what is there."""
