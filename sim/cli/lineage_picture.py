"""A picture of an impact: what changes on the left, what it reaches to the right of it, step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.governance.lineage.graph import Node
from sim.course.svg import BLUE, CHARACTER_WIDTH, GREEN, GREY, PALE, PAPER, VERMILION, Board

if TYPE_CHECKING:
    from producer.governance.lineage.impact import Impact

SIZE, HEIGHT, GAP, COLUMN_GAP, MARGIN = 13, 30, 16, 70, 20
EDGES = {"job": BLUE, "dataset": GREEN, "field": GREY}


def picture(found: Impact) -> str:
    """Draw it as SVG, the same text for the same impact. Each box says what it is; what is not certain is dashed."""
    sure = {one.node: one.is_certain for one in found.affected}
    columns: dict[int, list[Node]] = {0: [found.what]}
    for reached in found.affected:
        columns.setdefault(reached.steps, []).append(reached.node)
    places: dict[Node, tuple[int, int, int]] = {}
    x = MARGIN
    for step in sorted(columns):
        width = max(_width(one) for one in columns[step])
        for row, one in enumerate(columns[step]):
            places[one] = (x, 3 * MARGIN + row * (HEIGHT + GAP), width)
        x += width + COLUMN_GAP
    what = f"what a change of {found.what} reaches"
    board = Board(
        title=what, description=f"{len(found.affected)} jobs, datasets and fields, step by step from left to right"
    )
    board.text(MARGIN, MARGIN + SIZE, what, size=15, is_bold=True)
    _arrows(board, found, places)
    for one, (left, top, width) in places.items():
        is_first, dashes = one == found.what, "" if sure.get(one, True) else "5 4"
        board.box(left, top, width, HEIGHT, fill=PALE if is_first else PAPER, edge=VERMILION if is_first else EDGES[one.kind],
                  dashes=dashes, radius=HEIGHT // 2 if one.kind == "job" else 0)  # fmt: skip
        board.text(left + width // 2, top + 20, _words(one), size=SIZE, anchor="middle")
    tallest = max(len(column) for column in columns.values())
    return board.source(width=x - COLUMN_GAP + MARGIN, height=3 * MARGIN + tallest * (HEIGHT + GAP) + MARGIN)


def _arrows(board: Board, found: Impact, places: dict[Node, tuple[int, int, int]]) -> None:
    """Draw from each thing to those that are reached by it."""
    called = {str(one): place for one, place in places.items()}
    for one in found.affected:
        left, top, width = called[one.by]
        to_x, to_y, _ = places[one.node]
        board.arrow(
            left + width,
            top + HEIGHT // 2,
            to_x,
            to_y + HEIGHT // 2,
            colour=GREY,
            dashes="" if one.is_certain else "5 4",
        )


def _words(one: Node) -> str:
    return f"{one.kind} {one}"


def _width(one: Node) -> int:
    return round(len(_words(one)) * SIZE * CHARACTER_WIDTH) + 20
