"""The bytes of one request or response: each field with its offset, its bytes, its name and what it says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from producer.errors import MalformedError, error_code
from producer.wire.api import ApiKey
from sim.judges.report import text_of
from sim.tui.lines import Line, Span, Tone, fitted
from sim.tui.panels.page import PageRow, laid_out

if TYPE_CHECKING:
    from producer.wire.annotated import WireField
    from sim.tui.playhead import Playhead
    from sim.tui.traffic import Frame

ANY_WIDTH = 160
OFFSET = 8
BYTES_MIN, BYTES_MAX = 4, 16
"""How many bytes a line has."""
NAME_MIN, VALUE_MIN = 26, 20
NEAR, NEAR_LOW = 3, 1
"""So many frames before and behind have a line; and where few lines are in sight."""
LOW = 24
FIELDS_MAX = 2_000
"""A frame of more fields is told as far as here."""


def byte_rows(playhead: Playhead, width: int, height: int) -> list[PageRow]:
    """Lay out the frame that the moment of the playhead is about, and name its neighbours."""
    traffic = playhead.watched.traffic
    place = traffic.near(playhead.watched.events[playhead.index], playhead.index)
    rows = laid_out((Span(traffic.how, Tone.DIM),), width, indent=2)
    if place is None:
        return rows
    near = NEAR_LOW if 0 < height < LOW else NEAR
    for number in range(max(place - near, 0), min(place + near + 1, len(traffic.frames))):
        one = traffic.frames[number]
        rows.append(PageRow(fitted(_titles(one, is_shown=number == place), width), max(one.event - 1, 0)))
    rows.append(PageRow(()))
    frame = traffic.frames[place]
    try:
        fields = frame.fields.fields
    except MalformedError as error:
        return [*rows, *laid_out((Span(f"cannot be read: {error}", Tone.BAD),), width, indent=2)]
    rows += _table(fields, frame.framed, width or ANY_WIDTH)
    return rows


def byte_facts(playhead: Playhead) -> dict[str, object]:
    """Give the frame in hexadecimal, and its fields; null where there is none."""
    traffic = playhead.watched.traffic
    place = traffic.near(playhead.watched.events[playhead.index], playhead.index)
    if place is None:
        return {"how": traffic.how, "frame": None}
    frame = traffic.frames[place]
    try:
        fields: tuple[WireField, ...] = frame.fields.fields
    except MalformedError:
        fields = ()
    told = {name: value for name, value in frame._asdict().items() if name != "framed"}
    return {
        "how": traffic.how,
        "frame": {**told, "api": frame.api, "hex": frame.framed.hex()},
        "fields": [
            {**one._asdict(), "value": one.value.hex() if isinstance(one.value, bytes) else one.value} for one in fields
        ],
    }


def _titles(frame: Frame, *, is_shown: bool) -> Iterator[Line]:
    """Name a frame, in fewer and fewer words."""
    kind = "request" if frame.is_request else "response"
    arrow = Span("» " if frame.is_request else "« ", Tone.PRODUCER if frame.is_request else Tone.FOLLOWER)
    tone = Tone.HEADING if is_shown else Tone.DIM
    begin = (Span("▸ " if is_shown else "  ", Tone.LEADER), Span(f"#{max(frame.event - 1, 0)} ", Tone.DIM), arrow)
    size = f"{len(frame.framed)} bytes"
    whose = f"{frame.client} connection {frame.connection}, correlation id {frame.correlation_id}"
    yield (*begin, Span(f"{frame.api} version {frame.version} {kind}, {whose}, {size}", tone))
    yield (*begin, Span(f"{frame.api} {frame.version} {kind}, correlation id {frame.correlation_id}, {size}", tone))
    yield (*begin, Span(f"{frame.api} {kind} {frame.correlation_id}", tone))


def _table(fields: tuple[WireField, ...], framed: bytes, width: int) -> Iterator[PageRow]:
    value = max(VALUE_MIN, width // 4)
    count = max(min((width - OFFSET - NAME_MIN - value) // 3, BYTES_MAX), BYTES_MIN)
    hexed = 3 * count + 1
    left = width - OFFSET - hexed
    longest = max((len(one.name.rpartition(".")[2]) + 4 for one in fields[:FIELDS_MAX]), default=NAME_MIN)
    name = min(max(NAME_MIN, longest), max(left - value, NAME_MIN))
    yield PageRow(
        (
            Span("offset".ljust(OFFSET), Tone.DIM),
            Span("bytes".ljust(hexed), Tone.DIM),
            Span("field".ljust(name), Tone.DIM),
            Span("value", Tone.DIM),
        ),
        is_heading=True,
    )
    within = ""
    for field in fields[:FIELDS_MAX]:
        place, dot, leaf = field.name.rpartition(".")
        if place != within:
            within = place
            # Its end says more than its begin.
            said = place or "the message"
            said = said if len(said) <= width - OFFSET else f"…{said[OFFSET + 1 - width :]}"
            yield PageRow((Span(f"{' ' * OFFSET}{said}", Tone.DIM),))
        yield from _field(field, f"  {leaf}" if dot else leaf, framed, count, name, left - name)
    if len(fields) > FIELDS_MAX:
        yield PageRow((Span(f"and {len(fields) - FIELDS_MAX} more fields", Tone.DIM),))


def _field(field: WireField, leaf: str, framed: bytes, count: int, name: int, room: int) -> Iterator[PageRow]:
    """Give a line, and more for what has more bytes, a longer name or a longer value than one has room for."""
    data = framed[field.offset : field.offset + field.size_bytes]
    pieces = [data[begin : begin + count] for begin in range(0, len(data), count)] or [b""]
    names = _pieces(leaf, name - 2)
    values = _pieces(_value(field), max(room, 1))
    tone = Tone.KEY if field.name.endswith(("crc", "base_sequence", "error_code")) else Tone.PLAIN
    for row in range(max(len(pieces), len(names), len(values))):
        piece = pieces[row] if row < len(pieces) else b""
        offset = f"{field.offset + row * count:06x}" if piece or not row else ""
        yield PageRow(
            (
                Span(offset.ljust(OFFSET), Tone.DIM),
                Span(piece.hex(" ").ljust(3 * count + 1), Tone.PRODUCER),
                Span((names[row] if row < len(names) else "").ljust(name), Tone.DIM),
                Span(values[row] if row < len(values) else "", tone),
            )
        )


def _pieces(text: str, width: int) -> list[str]:
    return [text[begin : begin + width] for begin in range(0, len(text), width)] or [""]


def _value(field: WireField) -> str:
    value: Any = field.value
    if field.name == "api_key":
        return f"{value} {ApiKey(value).title}"
    if field.name.endswith("error_code") and value:
        return f"{value} {error_code(value).name}"
    if field.name.endswith("crc"):
        return f"{value} (0x{value:08x})"
    if isinstance(value, bytes):
        return value.hex() if field.name.endswith("_id") else text_of(value)
    return "null" if value is None else str(value)
