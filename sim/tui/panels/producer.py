"""The producers: who they are, where each batch waits, how many records the application has an answer for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE
from sim.trace.trace import time_text
from sim.tui.lines import NOTHING, Line, Span, Tone, fitted, line
from sim.tui.telling import code_text, records_text
from sim.tui.view_model import BatchState, Life
from sim.tui.view_model.state import NO_APPLICATION

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.tui.view_model import Batch, Connection, State

LABEL = 14
_PLACES = (BatchState.OPEN, BatchState.IN_FLIGHT, BatchState.RETRYING)
_PRESSING = (BatchState.RETRYING, BatchState.IN_FLIGHT, BatchState.OPEN)
"""Which place is told where there is no room for all."""
_TONES = {BatchState.OPEN: Tone.PLAIN, BatchState.IN_FLIGHT: Tone.PRODUCER, BatchState.RETRYING: Tone.UNSURE}
_GLYPHS = {BatchState.OPEN: "□", BatchState.IN_FLIGHT: "»", BatchState.RETRYING: "↻"}
ROWS_MIN = 6
COORDINATORS_FROM = (1 << 31) - 1 - 1_000_000
"""Numbers above are 2147483647 less the broker's."""


def producer_lines(state: State, *, begun_us: int, width: int, height: int) -> list[Line]:
    """Records and batches that are over, then where the others are: a line for each place, more where there is room.

    Where there are several clients each has a line if there is room for them, and else all have one. What does not fit is said
    in fewer words, before any of it is cut.
    """
    clients = sorted({*state.applications, *state.identities})
    spare = height - 2 - len(_PLACES)
    # What grows and shrinks comes last, so that nothing else jumps while it plays.
    lines = [*_headings(state, clients, spare, width), _records(state, width), _over(state, width)]
    places = _places(state, height - len(lines))
    rooms = _rooms(state, max(height - len(lines), len(places)))
    for place in places:
        here = [batch for batch in state.batches.values() if batch.state is place]
        told = [
            list(_batch_forms(batch, begun_us=begun_us, is_named=len(clients) > 1)) for batch in here[: rooms[place]]
        ]
        lines += _place_lines(place, told, hidden=len(here) - len(told), width=width)
    return lines[:height] if width else lines


def _places(state: State, rows: int) -> tuple[BatchState, ...]:
    """Give the places that are told: all, or those that press where batches are, as there is room."""
    if rows >= len(_PLACES):
        return _PLACES
    full = {batch.state for batch in state.batches.values()}
    return tuple(sorted(_PRESSING, key=lambda place: place not in full)[: max(rows, 0)])


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


def _headings(state: State, clients: list[str], spare: int, width: int) -> list[Line]:
    label = Span("PRODUCER".ljust(LABEL), Tone.HEADING)
    if not clients:
        return [line(label, Span("has not begun", Tone.DIM))]
    if len(clients) == 1:
        forms = ((label, *who, *links) for links in _links(state, clients[0]) for who in _who(state, clients[0]))
        return [fitted(forms, width)]
    label = Span("PRODUCERS".ljust(LABEL), Tone.HEADING)
    if len(clients) > spare:
        spans = [part for client in clients for part in (Span("  "), Span(client), *_life(state, client))]
        return [(label, *spans[1:])]
    lines = []
    for place, client in enumerate(clients):
        first = label if place == 0 else Span(" " * LABEL)
        forms = (
            (first, *who, *own, *links)
            for links in _links(state, client)
            for who in _who(state, client)
            for own in _own_records(state, client)
        )
        lines.append(fitted(forms, width))
    return lines


def _who(state: State, client: str) -> tuple[Line, ...]:
    if state.applications.get(client, NO_APPLICATION).is_raw:
        return ((Span(f"{client}, a raw client"),),)
    identity = state.identities.get(client)
    known = identity is not None and identity.producer_id != NO_PRODUCER_ID
    who = f"id {identity.producer_id} epoch {identity.producer_epoch}" if known and identity else "no producer id"
    life = _life(state, client)
    sign = tuple(Span(span.text[:2], span.tone) for span in life)
    return (Span(client), *life, Span(f", {who}")), (Span(client), *sign, Span(f", {who}"))


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


def _own_records(state: State, client: str) -> tuple[Line, ...]:
    own = state.applications.get(client, NO_APPLICATION)
    count = f"  {own.acknowledged} of {own.sent}"
    return (Span(f"{count} acknowledged"),), (Span(f"{count} acked"),)


def _links(state: State, client: str) -> list[Line]:
    """Say which brokers there are connections to, in brackets those to which one is only being opened; or nothing."""
    if state.applications.get(client, NO_APPLICATION).is_raw:
        return [NOTHING]
    own = [one for (owner, _), one in state.connections.items() if owner == client]
    ready = {_broker(one) for one in own if one.broker >= 0 and one.is_ready}
    opening = {_host(one) for one in own} - ready
    said = " ".join([*sorted(ready), *(f"({name})" for name in sorted(opening))])
    if not said:
        return [(Span("  not connected", Tone.DIM),), NOTHING]
    return [(Span(f"  connected to {said}", Tone.DIM),), (Span(f"  to {said}", Tone.DIM),), NOTHING]


def _broker(one: Connection) -> str:
    """Name a broker. To a coordinator there is a connection of its own, under another number than the broker's (as in Java)."""
    return _host(one) if one.broker > COORDINATORS_FROM else f"b{one.broker}"


def _host(one: Connection) -> str:
    return one.address.partition(":")[0]


def _place_lines(place: BatchState, told: list[list[Line]], *, hidden: int, width: int) -> list[Line]:
    if not told:
        return [(*_label(place, is_first=True), Span("-", Tone.DIM))]
    lines = []
    for number, forms in enumerate(told):
        label = _label(place, number == 0)
        more: Line = (Span(f"  and {hidden} more", Tone.DIM),) if hidden and number == len(told) - 1 else NOTHING
        lines.append(fitted(((*label, *form, *more) for form in forms), width))
    return lines


def _label(place: BatchState, is_first: bool) -> Line:
    return line(Span((f"{_GLYPHS[place]} {place.value}" if is_first else "").ljust(LABEL), _TONES[place]))


_LEFT_OUT = ("records", "decimals", "until", "sequence", "attempt")
"""What the line of a batch does without, one after the other, until it fits; never where it goes, and what error it met."""


def _batch_forms(batch: Batch, *, begun_us: int, is_named: bool) -> Iterator[Line]:
    """Tell of a batch, in fewer and fewer words."""
    is_numbered, is_retrying = batch.base_sequence != NO_SEQUENCE, batch.state is BatchState.RETRYING
    last = batch.base_sequence + max(batch.records - 1, 0)
    until = time_text(batch.deadline_us - begun_us)
    for count in range(len(_LEFT_OUT) + 1):
        gone = _LEFT_OUT[:count]
        whose = f" of {batch.client}" if is_named else ""
        parts = [Span(f"batch {batch.batch}{whose} {batch.topic}-{batch.partition}")]
        # From the sequence numbers it can be told how many there are.
        if ("sequence" if not is_numbered else "records") not in gone:
            parts.append(Span(f" {records_text(batch.records)}"))
        if is_numbered and "sequence" not in gone:
            parts.append(Span(f" seq {batch.base_sequence}" + (f"-{last}" if batch.records > 1 else "")))
        if batch.state is BatchState.IN_FLIGHT:
            parts.append(Span(f" to b{batch.broker}", Tone.PRODUCER))
        if "attempt" not in gone and (batch.attempt > 1 or is_retrying):
            parts.append(Span(f"{'' if is_retrying else ' ↻'} try {batch.attempt}", Tone.UNSURE))
        if "until" not in gone:
            parts.append(Span(f" until {until.partition('.')[0] + 's' if 'decimals' in gone else until}", Tone.DIM))
        if is_retrying:
            parts.append(Span(f" {code_text(batch.code)}", Tone.UNSURE))
        yield tuple(parts)


def _over(state: State, width: int) -> Line:
    label, done = Span("✓ done".ljust(LABEL), Tone.GOOD), Span(f"{state.done}")
    latest = next((batch for batch in reversed(state.ended) if batch.state is BatchState.DONE), None)
    where: Line = ()
    if latest is not None:
        at = f"at offset {latest.base_offset}" if latest.base_offset >= 0 else "at an unknown offset"
        where = (Span(f", the last is batch {latest.batch} {at}", Tone.DIM),)
    failed = _split_and_failed(state)
    return fitted(((label, done, *where, *failed), (label, done, *failed)), width)


def _split_and_failed(state: State) -> Line:
    parts = [Span(f"  {state.split} split", Tone.UNSURE)] if state.split else []
    if not state.given_up:
        return (*parts, Span("  failed 0", Tone.DIM))
    failed = next((batch for batch in reversed(state.ended) if batch.state is BatchState.FAILED), None)
    why = "" if failed is None else f", the last is batch {failed.batch}: {failed.reason or code_text(failed.code)}"
    return (*parts, Span(f"  ✗ failed {state.given_up}{why}", Tone.BAD))


_ALWAYS = frozenset({"acknowledged", "waiting", "failed"})
"""Said of records even if there are none."""
_SHORT = {"acknowledged": "acked", "perhaps written": "unsure", "read back": "read"}
_RECORD_FORMS: tuple[tuple[frozenset[str], Mapping[str, str]], ...] = (
    (_ALWAYS, {}),
    (frozenset(), {}),
    (frozenset(), _SHORT),
)
"""(What is said even of none, words in place of others), the roomiest first."""


def _records(state: State, width: int) -> Line:
    told = list(state.applications.values())
    # Nobody tells the dead any more.
    dead = sum(one.waiting for one in told if one.life is Life.DOWN)
    counts = {
        "acknowledged": (sum(one.acknowledged for one in told), Tone.GOOD),
        "waiting": (sum(one.waiting for one in told) - dead, Tone.PLAIN),
        "failed": (sum(one.failed for one in told), Tone.BAD),
        "perhaps written": (sum(one.unknown for one in told) + dead, Tone.UNSURE),
    }
    first = (Span("records".ljust(LABEL)), Span(f"{sum(one.sent for one in told)} sent"))
    forms = []
    for shown, words in _RECORD_FORMS:
        parts = [
            Span(f", {count} {words.get(what, what)}", tone if count or what != "failed" else Tone.DIM)
            for what, (count, tone) in counts.items()
            if count or what in shown
        ]
        read = (Span(f"; {state.read} {words.get('read back', 'read back')}"),) if state.read else ()
        forms.append((*first, *parts, *read))
    return fitted(forms, width)
