"""A stretch of a trace as lifelines and arrows, time downwards: who told whom what, and what became of it.

Each row is one event, or one request with its arrival. Rows are evenly spaced, not to scale; the time stands on the left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import producer.events as engine
from producer.errors import error_code
from sim.course.svg import BLUE, GREEN, GREY, INK, PALE, PURPLE, VERMILION, Board
from sim.faults.text import topic_partition
from sim.trace import events as cluster

if TYPE_CHECKING:
    from sim.trace.trace import Trace

PRODUCER = 0
"""The first client's lane, the next one's is -1 and so on; a broker's is its number."""

_OF_LIVES = (
    cluster.ApplicationStarted,
    cluster.ApplicationStopping,
    cluster.ApplicationStopped,
    cluster.ApplicationKilled,
    cluster.ApplicationPaused,
    cluster.ApplicationResumed,
)

LANE_FIRST, LANE_GAP = 150, 190
TOP, ROW_HEIGHT, SLOPE = 56, 27, 9
RUST = "#a63f00"
"""Vermilion dark enough for small text."""


class Row(NamedTuple):
    """One line of the picture."""

    at_us: int
    kind: str
    """`arrow`, `lost arrow`, `mark`, `crash`, `pause`, `resume`, `stop`, `start`, `lead`, `gap`."""
    lane: int
    to: int
    """Where an arrow ends; the lane itself for a mark."""
    words: str
    colour: str = INK


def space_time(
    trace: Trace,
    partition: str,
    *,
    brokers: int,
    from_event: int,
    to_event: int,
    title: str,
    description: str,
) -> str:
    """Draw the events of one partition and of the brokers' lives, from one event to another."""
    clients = _clients(trace.events, partition, from_event, to_event)
    rows = list(_rows(trace.events, partition, from_event, to_event, clients))
    state = _state_before(trace.events, partition, from_event, brokers, clients)
    names = dict.fromkeys(clients.values(), "producer") if len(clients) == 1 else _names(clients)
    names |= {broker: f"b{broker}" for broker in range(1, brokers + 1)}
    board = Board(title=title, description=description)
    bottom = TOP + len(rows) * ROW_HEIGHT + 10
    x_of = {lane: LANE_FIRST + place * LANE_GAP for place, lane in enumerate(names)}
    _lanes(board, rows, state, names, x_of, bottom)
    shown = ""
    for place, row in enumerate(rows):
        y = TOP + place * ROW_HEIGHT + 14
        told = trace.clock(row.at_us)
        if told != shown:
            board.text(12, y + 4, told, size=12, colour=GREY)
            shown = told
        _draw(board, row, y, x_of)
    width = LANE_FIRST + (len(names) - 1) * LANE_GAP + 170
    return board.source(width=width, height=bottom + 12)


# -- from events to rows -----------------------------------------------------------------------------------------------


def _clients(events: Sequence[Any], partition: str, from_event: int, to_event: int) -> dict[str, int]:
    """Give a lane to each client that sends to the partition meanwhile, in the order of their sends."""
    topic, number = topic_partition(partition)
    senders = (
        event.client
        for event in events[from_event : to_event + 1]
        if isinstance(event, engine.BatchSent) and (event.topic, event.partition) == (topic, number)
    )
    return {client: -place for place, client in enumerate(dict.fromkeys(senders))} or {"": PRODUCER}


def _names(clients: dict[str, int]) -> dict[int, str]:
    return {lane: client for client, lane in clients.items()}


def _rows(
    events: Sequence[Any], partition: str, from_event: int, to_event: int, clients: dict[str, int]
) -> Iterator[Row]:
    topic, number = topic_partition(partition)
    arrived = {
        _request(event) for event in events if isinstance(event, cluster.ProduceAnswered | cluster.BatchAppended)
    }
    leader = PRODUCER
    acknowledged: dict[tuple[str, int, int], str] = {}
    for place, event in enumerate(events[: to_event + 1]):
        if getattr(event, "topic", topic) != topic or getattr(event, "partition", number) != number:
            continue
        if isinstance(event, _OF_LIVES) and event.client not in clients:
            continue
        if isinstance(event, cluster.LeaderElected):
            leader = event.leader
        if isinstance(event, cluster.BatchAppended):
            acknowledged[_request(event)] = _range(event.base_offset, event.last_offset)
        if place >= from_event:
            client = clients.get(getattr(event, "client", ""), PRODUCER)
            row = _row(event, leader, client, arrived, acknowledged)
            if row is not None:
                yield row


def _row(
    event: Any,
    leader: int,
    client: int,
    arrived: set[tuple[str, int, int]],
    acknowledged: dict[tuple[str, int, int], str],
) -> Row | None:
    at_us = event.at_us
    match event:
        case engine.BatchSent():
            retry = f", attempt {event.attempt}" if event.attempt > 1 else ""
            words = f"{event.record_count} records{retry}"
            if _request(event) in arrived:
                return Row(at_us, "arrow", client, event.broker, words, BLUE)
            return Row(at_us, "lost arrow", client, event.broker, f"{words}, never read", GREY)
        case cluster.BatchAppended():
            return Row(
                at_us, "mark", event.broker, event.broker, f"appends {_range(event.base_offset, event.last_offset)}"
            )
        case cluster.BatchReplicated():
            words = f"copies {_range(event.base_offset, event.last_offset)}"
            return Row(at_us, "arrow", leader, event.broker, words, PURPLE)
        case cluster.ProduceAnswered(code=0):
            offsets = acknowledged.get(_request(event), "")
            return Row(at_us, "arrow", event.broker, client, f"acknowledged {offsets}".strip(), GREEN)
        case cluster.ProduceAnswered():
            return Row(at_us, "arrow", event.broker, client, error_code(event.code).name, VERMILION)
        case cluster.HighWatermarkAdvanced():
            return Row(at_us, "mark", event.broker, event.broker, f"high watermark {event.high_watermark}")
        case cluster.LogTruncated():
            gone = _range(event.to_offset, event.from_offset - 1)
            return Row(at_us, "mark", event.broker, event.broker, f"cuts off {gone}", VERMILION)
        case cluster.BitFlipped():
            words = f"a bit flips in {_range(event.base_offset, event.last_offset)}"
            return Row(at_us, "mark", event.broker, event.broker, words, VERMILION)
        case cluster.CorruptBatchFetched():
            words = f"gets {event.base_offset} corrupt"
            return Row(at_us, "arrow", event.leader, event.broker, words, VERMILION)
        case cluster.LeaderElected(leader=-1):
            return Row(at_us, "mark", PRODUCER, PRODUCER, "no leader", VERMILION)
        case cluster.LeaderElected():
            return Row(at_us, "lead", event.leader, event.leader, f"leads, epoch {event.leader_epoch}")
        case cluster.IsrChanged(isr=()):
            return None
        case cluster.IsrChanged():
            isr = ", ".join(f"b{broker}" for broker in sorted(event.isr))
            return Row(at_us, "mark", event.leader, event.leader, f"in sync: {isr}")
        case cluster.BrokerCrashed():
            disk = {"kept": "dies", "wiped": "dies with its disk"}.get(event.disk, "dies, loses unflushed")
            return Row(at_us, "crash", event.broker, event.broker, disk, VERMILION)
        case cluster.LogDirectoryFailed():
            text = f"loses log directory {event.directory}"
            return Row(at_us, "mark", event.broker, event.broker, text, VERMILION)
        case cluster.BrokerStopped():
            return Row(at_us, "crash", event.broker, event.broker, "stops in good order", VERMILION)
        case cluster.ApplicationKilled():
            return Row(at_us, "crash", client, client, "is killed", VERMILION)
        case cluster.ApplicationStopping():
            return Row(at_us, "mark", client, client, "is asked to stop")
        case cluster.ApplicationStopped():
            return Row(at_us, "stop", client, client, "ends")
        case cluster.ApplicationPaused():
            return Row(at_us, "pause", client, client, "stands still")
        case cluster.ApplicationResumed():
            return Row(at_us, "resume", client, client, "goes on")
        case cluster.ApplicationStarted():
            return Row(at_us, "mark", client, client, "starts")
        case cluster.AclCreated():
            words = f"rule: {event.permission} {event.principal} {event.operation}"
            return Row(at_us, "mark", client, client, words, GREEN if event.permission == "ALLOW" else VERMILION)
        case cluster.AclDeleted():
            words = f"no rule any more: {event.permission} {event.principal} {event.operation}"
            return Row(at_us, "mark", client, client, words, VERMILION if event.permission == "ALLOW" else GREEN)
        case cluster.BrokerPaused():
            return Row(at_us, "pause", event.broker, event.broker, "stands still")
        case cluster.BrokerResumed():
            return Row(at_us, "resume", event.broker, event.broker, "goes on")
        case cluster.BrokerStarted():
            return Row(at_us, "start", event.broker, event.broker, "starts again")
        case _:
            return None


def _request(event: Any) -> tuple[str, int, int]:
    return event.client, event.connection, event.correlation_id


def _range(first: int, last: int) -> str:
    return f"{first}" if first == last else f"{first}–{last}"  # noqa: RUF001 - a range of offsets


def _state_before(
    events: Sequence[Any], partition: str, before: int, brokers: int, clients: dict[str, int]
) -> dict[int, str]:
    """Give what each lane is when the picture begins: `up`, `leads`, `paused` or `down`."""
    topic, number = topic_partition(partition)
    state = dict.fromkeys([*clients.values(), *range(1, brokers + 1)], "up")
    for event in events[:before]:
        if isinstance(event, cluster.LeaderElected) and (event.topic, event.partition) == (topic, number):
            state = {lane: "up" if one == "leads" else one for lane, one in state.items()}
            state[event.leader] = "leads"
    return state


# -- from rows to marks ------------------------------------------------------------------------------------------------


def _lanes(
    board: Board, rows: Sequence[Row], state: dict[int, str], names: dict[int, str], x_of: dict[int, int], bottom: int
) -> None:
    """Draw the lifelines: thick while leading, dashed while paused, absent while down."""
    for lane, name in names.items():
        x = x_of[lane]
        board.box(x - 50, 12, 100, 28, fill=PALE, edge=GREY, radius=6)
        board.text(x, 31, name, size=14, anchor="middle", is_bold=True)
        now, begin = state[lane], 40
        if now == "leads":
            board.text(x + 8, 53, "leads", size=12)
        for place, row in enumerate(rows):
            after = _after(now, lane, row)
            if after != now:
                y = TOP + place * ROW_HEIGHT + 14
                _stretch(board, x, begin, y, now)
                now, begin = after, y
        _stretch(board, x, begin, bottom, now)


def _after(now: str, lane: int, row: Row) -> str:
    if row.kind == "lead":
        return "leads" if row.lane == lane else ("up" if now == "leads" else now)
    if row.lane != lane:
        return now
    return {"crash": "down", "stop": "down", "pause": "paused", "resume": "up", "start": "up"}.get(row.kind, now)


def _stretch(board: Board, x: int, begin: int, end: int, state: str) -> None:
    match state:
        case "leads":
            board.line(x, begin, x, end, colour=INK, width=4)
        case "paused":
            board.line(x, begin, x, end, colour=GREY, width=2, dashes="3 6")
        case "down":
            pass
        case _:
            board.line(x, begin, x, end, colour=GREY, width=2)


def _draw(board: Board, row: Row, y: int, x_of: dict[int, int]) -> None:
    x, to = x_of[row.lane], x_of[row.to]
    match row.kind:
        case "arrow":
            _arrow(board, row, y, x, to)
        case "lost arrow":
            board.arrow(x + 4, y, to - 6, y + SLOPE, colour=row.colour, dashes="4 4")
            board.text(min(x, to) + LANE_GAP // 2, y - 4, row.words, size=12, anchor="middle")
        case "crash":
            board.cross(x, y)
            board.text(x + 14, y + 4, row.words, size=12, colour=RUST, is_bold=True, has_ground=True)
        case _:
            colour = RUST if row.colour == VERMILION else INK
            board.dot(x, y, colour=row.colour)
            is_bold = row.kind == "lead" or row.colour == VERMILION
            board.text(x + 12, y + 4, row.words, size=12, colour=colour, is_bold=is_bold, has_ground=True)


def _arrow(board: Board, row: Row, y: int, x: int, to: int) -> None:
    begin, end = (x + 4, to - 6) if to > x else (x - 4, to + 6)
    board.arrow(begin, y, end, y + SLOPE, colour=row.colour)
    colour = RUST if row.colour == VERMILION else INK
    # What a follower copies stands at the follower; all else above the arrow, beside the producer.
    if row.colour == PURPLE:
        board.text(to + 12, y + 13, row.words, size=12, colour=colour, has_ground=True)
    else:
        board.text(min(x, to) + LANE_GAP // 2, y - 4, row.words, size=12, anchor="middle", colour=colour)
