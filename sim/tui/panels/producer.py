"""The producers: who they are, where each batch waits, how many records the application has an answer for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE
from sim.tui.lines import Line, Span, Tone, line
from sim.tui.telling import clock, code_text, records_text
from sim.tui.view_model import BatchState

if TYPE_CHECKING:
    from sim.tui.view_model import Batch, State

LABEL = 14
_PLACES = (BatchState.OPEN, BatchState.IN_FLIGHT, BatchState.RETRYING)
_TONES = {BatchState.OPEN: Tone.PLAIN, BatchState.IN_FLIGHT: Tone.PRODUCER, BatchState.RETRYING: Tone.UNSURE}
_GLYPHS = {BatchState.OPEN: "□", BatchState.IN_FLIGHT: "»", BatchState.RETRYING: "↻"}
ROWS_MIN = 6


def producer_lines(state: State, *, begun_us: int, width: int, height: int) -> list[Line]:
    """Records and batches that are over, then where the others are: a line for each place, more where there is room."""
    rooms = _rooms(state, max(height - 3, len(_PLACES)))
    # What grows and shrinks comes last, so that nothing else jumps while it plays.
    lines = [_heading(state), _records(state), _over(state)]
    for place in _PLACES:
        here = [batch for batch in state.batches.values() if batch.state is place]
        lines += _place_lines(place, here, rooms[place], begun_us=begun_us)
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


def _heading(state: State) -> Line:
    clients = sorted({*state.applications, *state.identities})
    parts = [Span("PRODUCER".ljust(LABEL), Tone.HEADING)]
    for client in clients:
        identity = state.identities.get(client)
        known = identity is not None and identity.producer_id != NO_PRODUCER_ID
        who = f"id {identity.producer_id} epoch {identity.producer_epoch}" if known and identity else "no producer id"
        parts.append(Span(f"{client}, {who}"))
        links = [
            f"b{one.broker}" if one.broker >= 0 and one.is_ready else f"({one.address})"
            for (owner, _), one in state.connections.items()
            if owner == client
        ]
        parts.append(Span(f"  connected to {' '.join(links)}" if links else "  not connected", Tone.DIM))
    if not clients:
        parts.append(Span("has not begun", Tone.DIM))
    return tuple(parts)


def _place_lines(place: BatchState, batches: list[Batch], room: int, *, begun_us: int) -> list[Line]:
    shown = batches[:room]
    lines = [
        (*_label(place, number == 0), *_batch(batch, begun_us=begun_us)) for number, batch in enumerate(shown)
    ] or [(*_label(place, is_first=True), Span("-", Tone.DIM))]
    if len(batches) > room:
        lines[-1] = (*lines[-1], Span(f"  and {len(batches) - room} more", Tone.DIM))
    return lines


def _label(place: BatchState, is_first: bool) -> Line:
    return line(Span((f"{_GLYPHS[place]} {place.value}" if is_first else "").ljust(LABEL), _TONES[place]))


def _batch(batch: Batch, *, begun_us: int) -> Line:
    parts = [Span(f"batch {batch.batch} {batch.topic}-{batch.partition} {records_text(batch.records)}")]
    if batch.base_sequence != NO_SEQUENCE:
        last = batch.base_sequence + max(batch.records - 1, 0)
        parts.append(Span(f" seq {batch.base_sequence}" + (f"-{last}" if batch.records > 1 else "")))
    if batch.state is BatchState.IN_FLIGHT:
        parts.append(Span(f" to b{batch.broker}", Tone.PRODUCER))
    if batch.attempt > 1 or batch.state is BatchState.RETRYING:
        parts.append(Span(f" ↻ try {batch.attempt}", Tone.UNSURE))
    parts.append(Span(f" until {clock(batch.deadline_us - begun_us)}", Tone.DIM))
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
    unknown, failed = sum(one.unknown for one in told), sum(one.failed for one in told)
    parts = [
        Span("records".ljust(LABEL)),
        Span(f"{sent} sent, "),
        Span(f"{sum(one.acknowledged for one in told)} acknowledged", Tone.GOOD),
        Span(f", {sum(one.waiting for one in told)} waiting"),
        Span(f", {failed} failed", Tone.BAD if failed else Tone.DIM),
    ]
    if unknown:
        parts.append(Span(f", {unknown} perhaps written", Tone.UNSURE))
    if state.read:
        parts.append(Span(f"; {state.read} read back"))
    return tuple(parts)
