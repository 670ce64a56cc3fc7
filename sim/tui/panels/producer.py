"""The producers: who they are, where each batch waits, how many records the application has an answer for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE
from sim.trace.trace import time_text
from sim.tui.lines import Line, Span, Tone, line
from sim.tui.telling import code_text, records_text
from sim.tui.view_model import BatchState, Life
from sim.tui.view_model.state import NO_APPLICATION

if TYPE_CHECKING:
    from sim.tui.view_model import Batch, State

LABEL = 14
_PLACES = (BatchState.OPEN, BatchState.IN_FLIGHT, BatchState.RETRYING)
_TONES = {BatchState.OPEN: Tone.PLAIN, BatchState.IN_FLIGHT: Tone.PRODUCER, BatchState.RETRYING: Tone.UNSURE}
_GLYPHS = {BatchState.OPEN: "□", BatchState.IN_FLIGHT: "»", BatchState.RETRYING: "↻"}
ROWS_MIN = 6


def producer_lines(state: State, *, begun_us: int, width: int, height: int) -> list[Line]:
    """Records and batches that are over, then where the others are: a line for each place, more where there is room.

    Where there are several clients each has a line if there is room for them, and else all have one.
    """
    clients = sorted({*state.applications, *state.identities})
    spare = height - 2 - len(_PLACES)
    # What grows and shrinks comes last, so that nothing else jumps while it plays.
    lines = [*_headings(state, clients, spare), _records(state), _over(state)]
    rooms = _rooms(state, max(height - len(lines), len(_PLACES)))
    for place in _PLACES:
        here = [batch for batch in state.batches.values() if batch.state is place]
        lines += _place_lines(place, here, rooms[place], begun_us=begun_us, is_named=len(clients) > 1)
    return lines[:height] if width else lines


def _rooms(state: State, rows: int) -> dict[BatchState, int]:
    """Share out the lines: one for each place, then one more in turn for those that need it."""
    needs = dict.fromkeys(_PLACES, 0)
    for batch in state.batches.values():
        needs[batch.state] += 1
    rooms = dict.fromkeys(_PLACES, 1)
    left = rows - len(_PLACES)
    while left > 0 and any(needs[place] > rooms[place] for place in _PLACES):
        for place in _PLACES:
            if left > 0 and needs[place] > rooms[place]:
                rooms[place] += 1
                left -= 1
    return rooms


def _headings(state: State, clients: list[str], spare: int) -> list[Line]:
    label = Span("PRODUCER".ljust(LABEL), Tone.HEADING)
    if not clients:
        return [line(label, Span("has not begun", Tone.DIM))]
    if len(clients) == 1:
        return [(label, *_who(state, clients[0]), *_links(state, clients[0]))]
    label = Span("PRODUCERS".ljust(LABEL), Tone.HEADING)
    if len(clients) > spare:
        spans = [part for client in clients for part in (Span("  "), Span(client), *_life(state, client))]
        return [(label, *spans[1:])]
    return [
        (
            label if place == 0 else Span(" " * LABEL),
            *_who(state, client),
            *_own_records(state, client),
            *_links(state, client),
        )
        for place, client in enumerate(clients)
    ]


def _who(state: State, client: str) -> Line:
    if state.applications.get(client, NO_APPLICATION).is_raw:
        return (Span(f"{client}, a raw client"),)
    identity = state.identities.get(client)
    known = identity is not None and identity.producer_id != NO_PRODUCER_ID
    who = f"id {identity.producer_id} epoch {identity.producer_epoch}" if known and identity else "no producer id"
    return (Span(client), *_life(state, client), Span(f", {who}"))


def _life(state: State, client: str) -> Line:
    match state.applications.get(client, NO_APPLICATION).life:
        case Life.DOWN:
            return (Span(" ✗ ended", Tone.BAD),)
        case Life.STOPPING:
            return (Span(" ▼ stopping", Tone.UNSURE),)
        case Life.PAUSED:
            return (Span(" ‖ stands still", Tone.UNSURE),)
        case _:
            return ()


def _own_records(state: State, client: str) -> Line:
    own = state.applications.get(client, NO_APPLICATION)
    return (Span(f"  {own.acknowledged} of {own.sent} acknowledged"),)


def _links(state: State, client: str) -> Line:
    if state.applications.get(client, NO_APPLICATION).is_raw:
        return ()
    links = [
        f"b{one.broker}" if one.broker >= 0 and one.is_ready else f"({one.address})"
        for (owner, _), one in state.connections.items()
        if owner == client
    ]
    return (Span(f"  connected to {' '.join(links)}" if links else "  not connected", Tone.DIM),)


def _place_lines(place: BatchState, batches: list[Batch], room: int, *, begun_us: int, is_named: bool) -> list[Line]:
    shown = batches[:room]
    lines = [
        (*_label(place, number == 0), *_batch(batch, begun_us=begun_us, is_named=is_named))
        for number, batch in enumerate(shown)
    ] or [(*_label(place, is_first=True), Span("-", Tone.DIM))]
    if len(batches) > room:
        lines[-1] = (*lines[-1], Span(f"  and {len(batches) - room} more", Tone.DIM))
    return lines


def _label(place: BatchState, is_first: bool) -> Line:
    return line(Span((f"{_GLYPHS[place]} {place.value}" if is_first else "").ljust(LABEL), _TONES[place]))


def _batch(batch: Batch, *, begun_us: int, is_named: bool) -> Line:
    whose = f" of {batch.client}" if is_named else ""
    parts = [Span(f"batch {batch.batch}{whose} {batch.topic}-{batch.partition} {records_text(batch.records)}")]
    if batch.base_sequence != NO_SEQUENCE:
        last = batch.base_sequence + max(batch.records - 1, 0)
        parts.append(Span(f" seq {batch.base_sequence}" + (f"-{last}" if batch.records > 1 else "")))
    if batch.state is BatchState.IN_FLIGHT:
        parts.append(Span(f" to b{batch.broker}", Tone.PRODUCER))
    if batch.attempt > 1 or batch.state is BatchState.RETRYING:
        parts.append(Span(f" ↻ try {batch.attempt}", Tone.UNSURE))
    parts.append(Span(f" until {time_text(batch.deadline_us - begun_us)}", Tone.DIM))
    if batch.state is BatchState.RETRYING:
        parts.append(Span(f" {code_text(batch.code)}", Tone.UNSURE))
    return tuple(parts)


def _over(state: State) -> Line:
    parts = [Span("✓ done".ljust(LABEL), Tone.GOOD), Span(f"{state.done}")]
    done = next((batch for batch in reversed(state.ended) if batch.state is BatchState.DONE), None)
    if done is not None:
        where = f"at offset {done.base_offset}" if done.base_offset >= 0 else "at an unknown offset"
        parts.append(Span(f", the last is batch {done.batch} {where}", Tone.DIM))
    if state.split:
        parts.append(Span(f"  {state.split} split", Tone.UNSURE))
    if state.given_up:
        failed = next((batch for batch in reversed(state.ended) if batch.state is BatchState.FAILED), None)
        why = "" if failed is None else f", the last is batch {failed.batch}: {failed.reason or code_text(failed.code)}"
        parts.append(Span(f"  ✗ failed {state.given_up}{why}", Tone.BAD))
    else:
        parts.append(Span("  failed 0", Tone.DIM))
    return tuple(parts)


def _records(state: State) -> Line:
    told = list(state.applications.values())
    sent = sum(one.sent for one in told)
    # Nobody tells the dead any more.
    dead = sum(one.waiting for one in told if one.life is Life.DOWN)
    unknown, failed = sum(one.unknown for one in told) + dead, sum(one.failed for one in told)
    parts = [
        Span("records".ljust(LABEL)),
        Span(f"{sent} sent, "),
        Span(f"{sum(one.acknowledged for one in told)} acknowledged", Tone.GOOD),
        Span(f", {sum(one.waiting for one in told) - dead} waiting"),
        Span(f", {failed} failed", Tone.BAD if failed else Tone.DIM),
    ]
    if unknown:
        parts.append(Span(f", {unknown} perhaps written", Tone.UNSURE))
    if state.read:
        parts.append(Span(f"; {state.read} read back"))
    return tuple(parts)
