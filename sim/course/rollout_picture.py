"""What becomes of each record of a rollout: by which version of a schema it was written, and what the reader's version made of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.course.svg import BLUE, GREY, INK, ORANGE, PALE, Board
from sim.trace.events import RecordAcknowledged, RecordDecoded, RecordSerialized, RecordUnreadable

if TYPE_CHECKING:
    from sim.trace.trace import Trace

LEFT, TOP, RIGHT = 130, 20, 24
CELL_WIDTH, CELL_HEIGHT = 50, 28
ROW_HEIGHT = 44
PANEL_HEAD, PANEL_GAP = 44, 16

FILLS = ("#cfe6f5", "#fbe3b5")
EDGES = (BLUE, ORANGE)
"""Pale sky and orange, one a version; each cell says its version in words, too."""


class Rollout(NamedTuple):
    """A panel of the picture."""

    trace: Trace
    caption: str


class _Column(NamedTuple):
    """One record that was acknowledged."""

    offset: int
    written: int
    """The version of the schema that it was written by."""
    read: int
    """The version of the reader that made a value of it; 0 where none did."""
    stopped: int
    """The version of the reader that stood still there; 0 where none did."""


def rollout_picture(rollouts: Sequence[Rollout], *, title: str, description: str) -> str:
    """Draw one panel a run of one application that writes to one partition, and one reader: above what was written, beneath what was read."""
    panels = [(one.caption, _columns(one.trace)) for one in rollouts]
    board = Board(title=title, description=description)
    y = TOP
    for number, (caption, columns) in enumerate(panels, start=1):
        board.text(12, y + 14, f"{number}. {caption}", size=15, is_bold=True)
        y = _panel(board, y + PANEL_HEAD, columns) + PANEL_GAP
    widest = max(len(columns) for _, columns in panels)
    return board.source(width=LEFT + widest * CELL_WIDTH + RIGHT, height=y)


def _panel(board: Board, y: int, columns: Sequence[_Column]) -> int:
    board.text(12, y - 6, "offset", size=12, colour=GREY)
    board.text(12, y + 19, "written by", size=13)
    board.text(12, y + ROW_HEIGHT + 19, "read by", size=13)
    for number, column in enumerate(columns):
        x = LEFT + number * CELL_WIDTH
        board.text(x + CELL_WIDTH // 2, y - 6, str(column.offset), size=12, anchor="middle", colour=GREY)
        _cell(board, x, y, column.written)
        below = y + ROW_HEIGHT
        if column.read:
            _cell(board, x, below, column.read)
        elif column.stopped:
            board.cross(x + CELL_WIDTH // 2, below + 12)
            words = f"v{column.stopped} stops"
            board.text(x + CELL_WIDTH // 2, below + 34, words, size=12, anchor="middle", colour="#a63f00", is_bold=True)
        else:
            board.box(x + 2, below, CELL_WIDTH - 4, CELL_HEIGHT, fill=PALE, edge=GREY, dashes="3 3")
            board.text(x + CELL_WIDTH // 2, below + 18, "waits", size=11, anchor="middle", colour=INK)
    return y + 2 * ROW_HEIGHT


def _cell(board: Board, x: int, y: int, version: int) -> None:
    tint = (version - 1) % len(FILLS)
    board.box(x + 2, y, CELL_WIDTH - 4, CELL_HEIGHT, fill=FILLS[tint], edge=EDGES[tint])
    board.text(x + CELL_WIDTH // 2, y + 18, f"v{version}", size=13, anchor="middle")


def _columns(trace: Trace) -> list[_Column]:
    written: dict[tuple[str, int], int] = {}
    offsets: dict[int, int] = {}
    read: dict[int, int] = {}
    stopped: dict[int, int] = {}
    for event in trace:
        match event:
            case RecordSerialized():
                written[event.client, event.record] = event.version
            case RecordAcknowledged() if (event.client, event.record) in written:
                offsets[event.offset] = written[event.client, event.record]
            case RecordDecoded():
                read.setdefault(event.offset, event.version)
            case RecordUnreadable():
                stopped.setdefault(event.offset, event.version)
            case _:
                pass
    return [_Column(at, offsets[at], read.get(at, 0), stopped.get(at, 0)) for at in sorted(offsets)]


__all__: Sequence[Any] = ["Rollout", "rollout_picture"]
