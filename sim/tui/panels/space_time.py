"""Lanes and messages drawn with characters: time downwards, who told whom what, and what never arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.tui.lines import Line, Span, Tone, fitted, shortened
from sim.tui.panels.canvas import Canvas
from sim.tui.panels.page import PageRow
from sim.tui.view_model.space_time import LaneState, Manner, Picture, Row, Shape

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead

WIDTH, HEIGHT = 100, 60
"""Where any size will do."""
CLOCK = 12
"""Columns of the time, with the sign before it; more where a fault's exact time is long."""
PITCH_MIN, PITCH_MAX = 11, 34
"""How far apart two lanes stand."""
TRACKS_MAX = 3
"""How many messages on their way to one lane are drawn beside each other; of more, only their ends are."""
LOSS_ROOM = 16
"""From this many columns on a lost message ends so early that its words are whole all the same."""

TONES = {
    Manner.PLAIN: Tone.PLAIN,
    Manner.GOOD: Tone.GOOD,
    Manner.BAD: Tone.BAD,
    Manner.LEADS: Tone.LEADER,
    Manner.FAULT: Tone.FAULT,
}
LIFELINES = {
    LaneState.UP: ("│", Tone.DIM),
    LaneState.LEADS: ("┃", Tone.LEADER),
    LaneState.PAUSED: ("┊", Tone.FAULT),
    LaneState.DOWN: (" ", Tone.DIM),
}
LEGEND = "│ up  ┃ leads  ┊ stands still  ● ▶ a message  ╎ on its way  ✗ lost  x a fault"
SHORT_LEGEND = "│ up ┃ leads ┊ still ● ▶ message ╎ under way ✗ lost x fault"


class Track(NamedTuple):
    """The way of a message between the rows of its departure and its arrival."""

    begin: int
    end: int
    column: int
    tone: Tone


def space_time_rows(playhead: Playhead, width: int, height: int) -> list[PageRow]:
    """Draw what stands around the moment. A width or height of 0 is any."""
    width, height = width or WIDTH, height or HEIGHT
    space_time = playhead.watched.space_time
    most = max((width - CLOCK) // PITCH_MIN, 1)
    lanes = space_time.lanes.shown(playhead.lanes, most=most, near=playhead.lane)
    picture = space_time.around(playhead.index, count=max(height - 2, 1), choice=playhead.lanes, lanes=lanes)
    there = len(space_time.lanes.shown(playhead.lanes))
    return drawn(playhead, picture, width=width, left_out=there - len(lanes))


def drawn(playhead: Playhead, picture: Picture, *, width: int, left_out: int = 0) -> list[PageRow]:
    """Draw a picture: what its signs mean, the names of its lanes, its rows."""
    watched = playhead.watched
    clock = max([CLOCK, *(len(watched.film.clock(row.event)) + 3 for row in picture.rows)])
    width = max(width, clock + 1)
    names = [lane.name for lane in picture.lanes]
    pitch = min(max((width - clock) // max(len(names), 1), PITCH_MIN), PITCH_MAX)
    x_of = {name: 1 + place * pitch for place, name in enumerate(names)}
    chain = {step.event for step in playhead.chain}
    tracks = _tracks(picture.rows, x_of, pitch)
    rows = [
        PageRow(_legend(playhead, left_out, width), is_heading=True),
        PageRow(_heading(playhead, picture, x_of, width, clock)),
    ]
    for place, row in enumerate(picture.rows):
        canvas = Canvas(width - clock)
        for name, state in watched.space_time.states_of(picture.lanes, row.event).items():
            canvas.put(x_of[name], *LIFELINES[state])
        for track in tracks.values():
            if track.begin < place < track.end:
                canvas.put(track.column, "╎", track.tone)
        _draw(canvas, row, x_of, tracks.get(_message(row)))
        at = f"{watched.film.clock(row.event):>{clock - 3}} "
        is_followed = bool(chain.intersection(row.events)) if chain else None
        line = _line(canvas.line, at, is_now=place == picture.now, is_followed=is_followed)
        rows.append(PageRow(line, row.event))
    return rows


def _legend(playhead: Playhead, left_out: int, width: int) -> Line:
    if playhead.chain:
        asked, *behind = playhead.chain
        what = f"▸ {len(behind)} events are behind #{asked.event}" if behind else f"▸ nothing is behind #{asked.event}"
        keys = ": w goes back one by one, Esc ends it" if behind else ": Esc ends it"
        return (Span(what + keys, Tone.LEADER),)
    hidden, collapsed = len(playhead.lanes.hidden), ", ".join(sorted(playhead.lanes.collapsed))
    more = f"{hidden} hidden, A shows all   " if hidden else ""
    more += f"{collapsed} as one, A parts them   " if collapsed else ""
    more += f"{left_out} more lanes, by , and .   " if left_out else ""
    left = Span(more, Tone.UNSURE)
    return fitted(((left, Span(LEGEND, Tone.DIM)), (left, Span(SHORT_LEGEND, Tone.DIM)), (left,)), width)


def _heading(playhead: Playhead, picture: Picture, x_of: Mapping[str, int], width: int, clock: int) -> Line:
    canvas = Canvas(width - clock)
    room = min((later - x for x, later in zip([*x_of.values()], [*x_of.values()][1:], strict=False)), default=width) - 1
    for lane in picture.lanes:
        name = f"{lane.name}*" if lane.name in playhead.lanes.pinned else lane.name
        tone = Tone.NOW if lane.name == playhead.lane else Tone.HEADING
        canvas.put(x_of[lane.name], shortened(name, room), tone)
    return (Span(" " * clock), *canvas.line)


def _line(drawn: Line, at: str, *, is_now: bool, is_followed: bool | None) -> Line:
    """Set a row behind its time; where an explanation is followed, what is no part of it steps back."""
    if is_followed is False:
        drawn = tuple(span._replace(tone=Tone.DIM) for span in drawn)
    sign = "▶" if is_now else "▸" if is_followed else " "
    return (Span(f"{sign} {at}", Tone.LEADER if is_now or is_followed else Tone.DIM), *drawn)


# -- ways between rows -------------------------------------------------------------------------------------------------


def _message(row: Row) -> int:
    """Name the message of a row by its arrival; by its departure while it is on its way still."""
    return row.other if row.shape is Shape.DEPARTURE and row.other >= 0 else row.event


def _tracks(rows: Sequence[Row], x_of: Mapping[str, int], pitch: int) -> dict[int, Track]:
    """Give each message that is under way for more than a row a column of its own, beside the lane that it goes to."""
    ends: dict[int, tuple[int, int, Row]] = {}
    for place, row in enumerate(rows):
        if row.shape is Shape.DEPARTURE:
            begin, _, _ = ends.get(_message(row), (place, 0, row))
            ends[_message(row)] = (begin, len(rows), row)
        elif row.shape is Shape.ARRIVAL:
            begin, _, first = ends.get(row.event, (-1, 0, row))
            ends[row.event] = (begin, place, first)
    tracks: dict[int, Track] = {}
    for message, (begin, end, row) in ends.items():
        way = 1 if x_of[row.to] > x_of[row.lane] else -1
        for beside in range(min(TRACKS_MAX, pitch - 7)):
            column = x_of[row.to] - way * (2 + beside)
            if not any(one.column == column and one.begin <= end and begin <= one.end for one in tracks.values()):
                tracks[message] = Track(begin, end, column, TONES[row.manner])
                break
    return tracks


# -- one row -----------------------------------------------------------------------------------------------------------


def _draw(canvas: Canvas, row: Row, x_of: Mapping[str, int], track: Track | None) -> None:
    tone = TONES[row.manner]
    if row.shape is Shape.FAULT:
        canvas.rule(0, canvas.width - 1, "┄", tone)
        canvas.put(0, f"x {row.words} ", tone)
        return
    x = x_of[row.lane]
    if row.shape is Shape.MARK:
        _mark(canvas, x, row, tone)
        return
    to = x_of[row.to]
    way = 1 if to > x else -1
    match row.shape:
        case Shape.DEPARTURE:
            end = to - way * 2 if track is None else track.column
            canvas.rule(x + way, end, "─", tone, crossing="┼")
            canvas.put(end, ("▷" if way > 0 else "◁") if track is None else ("╮" if way > 0 else "╭"), tone)
            canvas.put(x, "●", tone)
            _label(canvas, x, end, row.words, tone)
        case Shape.ARRIVAL:
            begin = to - way * 2 if track is None else track.column
            canvas.rule(begin, to - way, "─", tone)
            canvas.put(begin, "─" if track is None else ("╰" if way > 0 else "╯"), tone)
            canvas.put(to - way, "▶" if way > 0 else "◀", tone)
            canvas.put(to, "●", tone)
        case Shape.LOSS:
            # Short of the columns in which others are on their way.
            end = to - way * (TRACKS_MAX + 2 if abs(to - x) > LOSS_ROOM else 2)
            canvas.rule(x + way, end - way, "╌", tone, crossing="┼")
            canvas.put(end, "✗", tone)
            canvas.put(x, "●", tone)
            _label(canvas, x, end, row.words, tone)
        case _:
            canvas.rule(x + way, to - way * 2, "─", tone, crossing="┼")
            canvas.put(to - way, "▶" if way > 0 else "◀", tone)
            canvas.put(x, "●", tone)
            canvas.put(to, "●", tone)
            _label(canvas, x, to - way, row.words, tone)


def _mark(canvas: Canvas, x: int, row: Row, tone: Tone) -> None:
    """Write what somebody does to the right of the lane; to the left of it where that has no room."""
    canvas.put(x, "x" if row.manner is Manner.FAULT else "●", tone)
    room = canvas.width - x - 2
    if len(row.words) <= room or room >= x - 2:
        canvas.put(x + 1, f" {row.words[:room]} ", tone)
    else:
        words = f" {row.words[-(x - 1) :]} "
        canvas.put(x - len(words), words, tone)


def _label(canvas: Canvas, x: int, end: int, words: str, tone: Tone) -> None:
    """Write on an arrow, behind its begin; as much as there is room for."""
    room = abs(end - x) - 3
    if room < 2:
        return
    text = shortened(words, room)
    canvas.put(x + 2 if end > x else x - 1 - len(text), text, tone)


def space_time_facts(playhead: Playhead) -> dict[str, Any]:
    """Give the picture around the moment as values."""
    space_time = playhead.watched.space_time
    picture = space_time.around(playhead.index, count=HEIGHT, choice=playhead.lanes)
    return {"lanes": picture.lanes, "rows": picture.rows, "choice": playhead.lanes, "chain": playhead.chain}
