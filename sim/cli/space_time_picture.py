"""The space-time view as SVG: lifelines, and each message as an arrow from its departure down to its arrival."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.course.svg import BLUE, CHARACTER_WIDTH, GREEN, GREY, INK, PALE, VERMILION, Board
from sim.tui.view_model.space_time import Lane, LaneState, Manner, Picture, Row, Shape

if TYPE_CHECKING:
    from sim.tui.session import Watched

LANE_FIRST, LANE_GAP = 160, 190
TOP, ROW_HEIGHT, SLOPE = 56, 26, 9
SIZE = 12
RUST = "#a63f00"
"""Vermilion dark enough for small text."""
COLOURS = {Manner.PLAIN: BLUE, Manner.GOOD: GREEN, Manner.BAD: VERMILION, Manner.LEADS: INK, Manner.FAULT: VERMILION}


def picture_source(watched: Watched, picture: Picture) -> str:
    """Draw it: the same text for the same picture. What leaves or arrives beyond its edges ends there."""
    first, last = picture.rows[0], picture.rows[-1]
    clock = watched.film.clock
    board = Board(
        title=f"{watched.title}, {clock(first.event)} to {clock(last.event)}",
        description=f"{len(picture.rows)} messages and events between {', '.join(lane.name for lane in picture.lanes)}",
    )
    x_of = {lane.name: LANE_FIRST + place * LANE_GAP for place, lane in enumerate(picture.lanes)}
    bottom = TOP + len(picture.rows) * ROW_HEIGHT + 10
    _lifelines(board, watched, picture, x_of, bottom)
    arrivals = {row.event: place for place, row in enumerate(picture.rows) if row.shape is Shape.ARRIVAL}
    departures = {row.other for row in picture.rows if row.shape is Shape.DEPARTURE}
    shown = ""
    for place, row in enumerate(picture.rows):
        y = _y(place)
        told = clock(row.event)
        if told != shown:
            board.text(12, y + 4, told, size=SIZE, colour=GREY)
            shown = told
        if row.shape is Shape.DEPARTURE:
            to_y = _y(arrivals[row.other]) if row.other in arrivals else bottom
            _arrow(board, row, y, to_y, x_of)
        elif row.shape is Shape.ARRIVAL:
            if row.event not in departures:
                _arrow(board, row, TOP, y, x_of)
        else:
            _draw(board, row, y, x_of, width=LANE_FIRST + len(picture.lanes) * LANE_GAP)
    return board.source(width=LANE_FIRST + len(picture.lanes) * LANE_GAP, height=bottom + 12)


def _y(place: int) -> int:
    return TOP + place * ROW_HEIGHT + 14


def _lifelines(board: Board, watched: Watched, picture: Picture, x_of: dict[str, int], bottom: int) -> None:
    """Draw them: thick while leading, dashed while paused, absent while down."""
    states = [watched.space_time.states_of(picture.lanes, max(picture.rows[0].event - 1, 0))]
    states += [watched.space_time.states_of(picture.lanes, row.event) for row in picture.rows]
    for lane in picture.lanes:
        _head(board, lane, x_of[lane.name])
        begin, now = 40, states[0][lane.name]
        for place, state in enumerate(states[1:]):
            if state[lane.name] is not now:
                _stretch(board, x_of[lane.name], begin, _y(place), now)
                begin, now = _y(place), state[lane.name]
        _stretch(board, x_of[lane.name], begin, bottom, now)


def _head(board: Board, lane: Lane, x: int) -> None:
    width = max(100, round(len(lane.name) * 14 * CHARACTER_WIDTH) + 12)
    board.box(x - width // 2, 12, width, 28, fill=PALE, edge=GREY, radius=6)
    board.text(x, 31, lane.name, size=14, anchor="middle", is_bold=True)


def _stretch(board: Board, x: int, begin: int, end: int, state: LaneState) -> None:
    match state:
        case LaneState.LEADS:
            board.line(x, begin, x, end, colour=INK, width=4)
        case LaneState.PAUSED:
            board.line(x, begin, x, end, colour=GREY, width=2, dashes="3 6")
        case LaneState.UP:
            board.line(x, begin, x, end, colour=GREY, width=2)
        case LaneState.DOWN:
            pass


def _arrow(board: Board, row: Row, y: int, to_y: int, x_of: dict[str, int]) -> None:
    x, to = x_of[row.lane], x_of[row.to]
    way = 1 if to > x else -1
    board.arrow(x + way * 4, y, to - way * 6, to_y, colour=COLOURS[row.manner])
    # In the row of its begin, which is its own.
    _label(board, row, x + way * LANE_GAP // 2, y - 4)


def _label(board: Board, row: Row, x: int, y: int) -> None:
    colour = RUST if row.manner in {Manner.BAD, Manner.FAULT} else INK
    board.text(x, y, row.words, size=SIZE, anchor="middle", colour=colour, has_ground=True)


def _draw(board: Board, row: Row, y: int, x_of: dict[str, int], *, width: int) -> None:
    colour = COLOURS[row.manner]
    dark = RUST if row.manner in {Manner.BAD, Manner.FAULT} else INK
    if row.shape is Shape.FAULT:
        board.line(LANE_FIRST - 60, y, width - 20, y, colour=VERMILION, dashes="2 6")
        board.text(LANE_FIRST - 60, y + 4, f"✗ {row.words}", size=SIZE, colour=RUST, is_bold=True, has_ground=True)
        return
    x = x_of[row.lane]
    if row.shape is Shape.MARK:
        if row.manner is Manner.FAULT:
            board.cross(x, y)
        else:
            board.dot(x, y, colour=colour)
        board.text(
            x + 12, y + 4, row.words, size=SIZE, colour=dark, is_bold=row.manner is not Manner.PLAIN, has_ground=True
        )
        return
    to = x_of[row.to]
    way = 1 if to > x else -1
    if row.shape is Shape.LOSS:
        end = to - way * 40
        board.line(x + way * 4, y, end, y + SLOPE, colour=colour, width=2, dashes="4 4")
        board.cross(end, y + SLOPE)
        _label(board, row, x + way * LANE_GAP // 2, y - 4)
    else:
        _arrow(board, row, y, y + SLOPE, x_of)
