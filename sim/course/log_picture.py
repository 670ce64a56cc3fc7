"""Each replica's log at a few moments of a trace: batches by offset, the high watermark, the log end, what was cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.course.replicas import PartitionAt, Replica, partition_at
from sim.course.svg import BLUE, GREEN, GREY, INK, ORANGE, PALE, SKY, VERMILION, Board

if TYPE_CHECKING:
    from sim.trace.trace import Trace

LEFT, TOP = 150, 20
OFFSET_WIDTH = 17
ROW_HEIGHT, BATCH_HEIGHT = 58, 26
PANEL_HEAD = 30
PANEL_GAP = 14
RIGHT = 140

EPOCH_FILLS = ("#cfe6f5", "#fbe3b5", "#cdeee3")
"""Pale sky, orange and green, one a leader epoch; each batch says its epoch in words, too."""
EPOCH_EDGES = (BLUE, ORANGE, GREEN)


class LogMoment(NamedTuple):
    """A panel of the picture."""

    event: int
    caption: str


def log_picture(trace: Trace, partition: str, moments: Sequence[LogMoment], *, title: str, description: str) -> str:
    """Draw the logs of every replica, one panel a moment; what a log had in the panel before and lost is outlined."""
    panels = [partition_at(trace, partition, moment.event) for moment in moments]
    offsets = max(replica.log_end_offset for panel in panels for replica in panel.replicas.values())
    board = Board(title=title, description=description)
    y = TOP
    for number, (moment, panel) in enumerate(zip(moments, panels, strict=True), start=1):
        before = panels[number - 2] if number > 1 else None
        y = _panel(board, y, f"{number}. {moment.caption}", panel, before) + PANEL_GAP
    return board.source(width=LEFT + offsets * OFFSET_WIDTH + RIGHT, height=y)


def _panel(board: Board, y: int, caption: str, panel: PartitionAt, before: PartitionAt | None) -> int:
    board.text(12, y + 14, f"{caption} ({panel.time})", size=15, is_bold=True)
    y += PANEL_HEAD
    for broker, replica in sorted(panel.replicas.items()):
        _row(board, y, panel, replica, None if before is None else before.replicas[broker])
        y += ROW_HEIGHT
    return y


def _row(board: Board, y: int, panel: PartitionAt, replica: Replica, before: Replica | None) -> None:
    is_in_sync = replica.broker in panel.isr
    board.text(12, y + 16, f"b{replica.broker}", size=16, is_bold=True)
    board.text(42, y + 12, panel.role(replica.broker), size=12)
    board.text(42, y + 27, "in sync" if is_in_sync else "not in sync", size=12, colour=INK if is_in_sync else GREY)
    end = replica.log_end_offset
    if before is not None and before.log_end_offset > end:
        _lost(board, y, end, before.log_end_offset)
    for batch in replica.batches:
        x, width = _x(batch.base_offset), (batch.last_offset - batch.base_offset + 1) * OFFSET_WIDTH
        tint = batch.leader_epoch % len(EPOCH_FILLS)
        board.box(x, y, width, BATCH_HEIGHT, fill=EPOCH_FILLS[tint], edge=EPOCH_EDGES[tint])
        words = f"{batch.base_offset}–{batch.last_offset}"  # noqa: RUF001 - a range of offsets
        if width > 100:
            words += f", epoch {batch.leader_epoch}"
        elif width >= 70:
            words += f", e{batch.leader_epoch}"
        board.text(x + width // 2, y + 17, words, size=11, anchor="middle")
    if not replica.batches and not (before is not None and before.log_end_offset):
        board.box(_x(0), y, 4 * OFFSET_WIDTH, BATCH_HEIGHT, fill=PALE, edge=GREY, dashes="3 3")
        board.text(_x(2), y + 17, "empty", size=12, anchor="middle")
    _marks(board, y, replica)


def _lost(board: Board, y: int, begin: int, end: int) -> None:
    x, width = _x(begin), (end - begin) * OFFSET_WIDTH
    board.box(x, y, width, BATCH_HEIGHT, edge=VERMILION, dashes="5 4")
    words = f"{begin}–{end - 1} gone"  # noqa: RUF001 - a range of offsets
    board.text(x + width // 2, y + 17, words, size=12, anchor="middle", colour="#a63f00", is_bold=True)


def _marks(board: Board, y: int, replica: Replica) -> None:
    """Draw the high watermark as a bar below the log, and the log end as a tick above its label."""
    watermark, end = _x(replica.high_watermark), _x(replica.log_end_offset)
    below = y + BATCH_HEIGHT
    board.line(watermark, y - 5, watermark, below + 8, colour=INK, width=3)
    words = f"high watermark {replica.high_watermark}"
    if replica.high_watermark == replica.log_end_offset:
        board.text(watermark, below + 20, f"{words} = log end", size=11, anchor="middle" if end > _x(5) else "start")
        return
    board.text(watermark, below + 20, words, size=11, anchor="middle" if watermark > _x(5) else "start")
    board.line(end, y - 5, end, below + 8, colour=SKY, width=3, dashes="3 2")
    # Two labels of one log must not run into each other.
    is_near = replica.log_end_offset - replica.high_watermark < 12
    board.text(end + 6 if is_near else end, y + 17 if is_near else below + 20, f"log end {replica.log_end_offset}",
               size=11, anchor="start" if is_near else "middle")  # fmt: skip


def _x(offset: int) -> int:
    return LEFT + offset * OFFSET_WIDTH


__all__: Sequence[Any] = ["LogMoment", "log_picture"]
