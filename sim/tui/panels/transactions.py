"""The transactions: each at its producer and at its coordinator, and what is in it, with how far its log is decided."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, TopicPartition
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.internal_topics import TRANSACTION_STATE
from sim.tui.lines import NOTHING, Line, Span, Tone, fitted, line, padded, width_of
from sim.tui.telling import code_text
from sim.tui.view_model import Life
from sim.tui.view_model.state import NO_APPLICATION, NO_PARTITION
from sim.tui.view_model.transactions import NO_CODE, CoordinatorSide, ProducerSide

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sim.tui.view_model import State

LABEL_MIN, LABEL_MAX = 14, 26
"""How many columns a transactional id takes: as many as the labels of the producer's panel, more where it needs them."""
ONE_LINE, TWO_LINES = 180, 110
"""From so many columns on all of an id stands in one line; both sides do, and what is in it beneath."""
PRODUCER_WIDTH, COORDINATOR_WIDTH = 58, 42
"""Of the two sides where they stand in one line: what they say most of the time, so that little jumps."""
ROOM_FOR_ONE = 16
"""Behind both sides so many columns are worth a partition."""
_ASKED, _WRITTEN, _REFUSED = "»", "✓", "✗"

_STATES = {
    "Ongoing": Tone.LEADER,
    "PrepareCommit": Tone.LEADER,
    "PrepareAbort": Tone.UNSURE,
    "CompleteCommit": Tone.GOOD,
    "CompleteAbort": Tone.UNSURE,
    "Empty": Tone.PLAIN,
    "Dead": Tone.DIM,
    "in transaction": Tone.PRODUCER,
    "prepared transaction": Tone.PRODUCER,
    "committing transaction": Tone.PRODUCER,
    "aborting transaction": Tone.UNSURE,
    "abortable error": Tone.BAD,
    "fatal error": Tone.BAD,
}
_OPEN = frozenset({"in transaction", "prepared transaction", "committing transaction", "aborting transaction"})
"""States of a producer in which the latest transaction is the one that is meant."""
_BRIEFLY = {
    "in transaction": "open",
    "prepared transaction": "prepared",
    "committing transaction": "committing",
    "aborting transaction": "aborting",
}
"""In place of those states, where there is little room."""
_OUTCOMES = {
    "committed": Tone.GOOD,
    "aborted": Tone.UNSURE,
    "failed": Tone.BAD,
    "fenced": Tone.BAD,
    "unknown": Tone.UNSURE,
}


class _Row(NamedTuple):
    """One transactional id as it is told, each part in fewer and fewer words."""

    name: str
    producers: Sequence[Sequence[Line]]
    """Of each client that has it, its forms."""
    coordinator: Sequence[Line]
    partitions: Sequence[Sequence[Line]]
    """Every partition, in each of two forms."""
    trouble: Sequence[Line]
    """Who was refused or shut out; nothing at all in the last form."""


def transactions_height(state: State, *, width: int, room: int) -> int:
    """How many of so many lines are of use for all that there is by then; 0 for a story without transactions."""
    known = state.transactions
    if not known:
        return 0
    clients = sum(max(known.together.get(name, 1), 1) for name in known.names)
    needs = [1 + clients + len(known.names) * more for more in _further_lines(width)]
    return next((lines for lines in needs if lines <= room), min(1 + len(known.names), room))


def transaction_lines(state: State, *, width: int, height: int) -> list[Line]:
    """Tell each transactional id in as many lines as the width takes, in fewer where there is no room; the rest is counted."""
    known = state.transactions
    if not known or height < 1:
        return []
    rows = [_row(state, name) for name in known.names]
    label = _label_width(rows)
    room = height - 1
    for more in _further_lines(width):
        told = [one for row in rows for one in _laid(row, label, width, more)]
        if len(told) <= room:
            break
    else:
        told = [_in_one_line(row, label, width) for row in rows]
        if len(told) > room:
            shown = max(room - 1, 0)
            told = [*told[:shown], line(Span(f"and {len(told) - shown} more", Tone.DIM))]
    return [_heading(width, label), *told][:height]


def _further_lines(width: int) -> tuple[int, ...]:
    """How many lines an id takes beside one for each client that has it: the roomiest way first."""
    return (0,) if width >= ONE_LINE else (1,) if width >= TWO_LINES else (2, 1)


def _label_width(rows: Iterable[_Row]) -> int:
    return min(max([LABEL_MIN, *(len(row.name) + 1 for row in rows)]), LABEL_MAX)


def _heading(width: int, label: int) -> Line:
    title = Span("TRANSACTIONS".ljust(label), Tone.HEADING)
    in_it = "what is in it: log end, high watermark, LSO"
    if width >= TWO_LINES:
        columns = Span("at the producer".ljust(PRODUCER_WIDTH), Tone.DIM), Span("at the coordinator", Tone.DIM)
        if width < ONE_LINE:
            return (title, *columns)
        return (title, columns[0], Span("at the coordinator".ljust(COORDINATOR_WIDTH), Tone.DIM), Span(in_it, Tone.DIM))
    said = (
        "» at the producer, ◆ at the coordinator, and what is in it",
        "» producer, ◆ coordinator, what is in it",
        "",
    )
    return fitted([(title, Span(one, Tone.DIM)) for one in said], width)


# -- how a row is laid out ---------------------------------------------------------------------------------------------


def _laid(row: _Row, label: int, width: int, more: int) -> list[Line]:
    """Lay an id out: a line for each client that has it, and so many more; in wide lines the coordinator stands beside the first."""
    name, rest, room = _name(row.name, label), Span(" " * label), width - label
    if width >= TWO_LINES:
        first, *others = [padded(fitted(forms, PRODUCER_WIDTH - 1), PRODUCER_WIDTH) for forms in row.producers]
        room -= PRODUCER_WIDTH
        if more:
            last = [(rest, *_in_it(row, width - label))]
            return [(name, *first, *fitted(row.coordinator, room)), *((rest, *one) for one in others), *last]
        coordinator = padded(fitted(row.coordinator, COORDINATOR_WIDTH - 1), COORDINATOR_WIDTH)
        partitions = _in_it(row, room - COORDINATOR_WIDTH)
        return [(name, *first, *coordinator, *partitions), *((rest, *one) for one in others)]
    first, *others = [fitted(forms, room) for forms in row.producers]
    if more > 1:
        last = [fitted(row.coordinator, room), _in_it(row, room)]
    else:
        coordinator = row.coordinator[-1]
        last = [(*coordinator, Span("  "), *_in_it(row, room - width_of(coordinator) - 2))]
    return [(name, *first), *((rest, *one) for one in (*others, *last))]


def _in_one_line(row: _Row, label: int, width: int) -> Line:
    """Join the shorter forms of both sides, and what is in it as far as there is room."""
    # A long id is cut before what is said of it.
    name = _name(row.name, label if width >= TWO_LINES else LABEL_MIN)
    both = fitted([(name, *said, Span("  "), *row.coordinator[-1]) for said in row.producers[-1][-2:]], width)
    left = width - width_of(both) - 2
    if left < ROOM_FOR_ONE or not row.partitions[-1]:
        return both
    return (*both, Span("  "), *_in_it(row, left))


def _name(name: str, label: int) -> Span:
    room = label - 1
    if len(name) > room:
        # Its end tells it from its like as often as its begin does.
        name = f"{name[: room // 2]}…{name[len(name) - (room - room // 2 - 1) :]}"
    return Span(name.ljust(label))


def _in_it(row: _Row, room: int) -> Line:
    """Tell what is in the transaction, and behind it who was refused or shut out, as there is room."""
    partitions = _joined(row.partitions, room)
    if not row.partitions[-1]:
        return fitted([*row.trouble[:-1], partitions], room)
    return fitted([(*partitions, Span("  "), *one) for one in row.trouble[:-1]] + [partitions], room)


def _joined(forms: Sequence[Sequence[Line]], room: int) -> Line:
    """Put all side by side, in the roomier form if that fits; else as many as fit in the other, and the rest is counted."""
    if not forms[0]:
        return (Span("nothing is in it", Tone.DIM),)
    for form in forms:
        whole = _side_by_side(form)
        if width_of(whole) <= room:
            return whole
    for shown in range(len(form) - 1, 0, -1):
        some = (*_side_by_side(form[:shown]), Span(f"  and {len(form) - shown} more", Tone.DIM))
        if width_of(some) <= room:
            return some
    return (Span(f"{len(form)} partitions", Tone.DIM),)


def _side_by_side(parts: Sequence[Line]) -> Line:
    return tuple([span for place, part in enumerate(parts) for span in ((Span("  "), *part) if place else part)])


# -- what is said of an id ---------------------------------------------------------------------------------------------


def _row(state: State, name: str) -> _Row:
    producers = [list(_producer_forms(state, one)) for one in state.owners(name)]
    known = state.transactions.ids.get(name)
    return _Row(
        name,
        producers or [[(Span("» nobody is heard", Tone.DIM),)]],
        list(_coordinator_forms(state, name, known)),
        [list(_partitions(state, name, known, is_brief=is_brief)) for is_brief in (False, True)],
        list(_trouble(known)),
    )


def _producer_forms(state: State, one: ProducerSide) -> Iterator[Line]:
    life = state.applications.get(one.client, NO_APPLICATION).life
    sign = {Life.DOWN: Span("✗ ", Tone.BAD), Life.PAUSED: Span("‖ ", Tone.UNSURE)}.get(life, Span("» ", Tone.PRODUCER))
    identity = state.identities.get(one.client)
    known = identity is not None and identity.producer_id != NO_PRODUCER_ID
    who = f", id {identity.producer_id} epoch {identity.producer_epoch}" if known and identity else ""
    epoch = f" e{identity.producer_epoch}" if known and identity else ""
    version = (", V2" if one.is_v2 else ", V1") if known else ""
    tone = Tone.DIM if life is Life.DOWN else _STATES.get(one.state, Tone.PLAIN)
    what = Span(one.state, tone)
    number = Span(f" {one.number}" if one.number and one.state in _OPEN else "", tone)
    outcome = _outcome(one)
    is_alone = one.client == one.transactional_id and len(state.owners(one.client)) == 1
    named = (sign,) if is_alone else (sign, Span(f"{one.client}: "))
    yield (*named, what, number, *outcome, Span(who + version))
    yield (*named, what, number, *outcome, Span(who))
    yield (*named, what, number, *outcome, Span(epoch))
    yield (*named, what, number, Span(epoch))
    yield (sign, what, number, Span(epoch))
    yield (sign, Span(_BRIEFLY.get(one.state, one.state), tone), number, Span(epoch))


def _outcome(one: ProducerSide) -> Line:
    if not one.outcome or one.state in _OPEN:
        return NOTHING
    why = f": {code_text(one.code)}" if one.code else ""
    return (Span(f", {one.number} {one.outcome}{why}", _OUTCOMES.get(one.outcome, Tone.PLAIN)),)


def _coordinator_forms(state: State, name: str, known: CoordinatorSide | None) -> Iterator[Line]:
    who = _coordinator(state, name, known)
    if known is None:
        yield (who, Span("does not know it yet", Tone.DIM))
        yield (who, Span("-", Tone.DIM))
        return
    what = Span(known.state, _STATES.get(known.state, Tone.PLAIN))
    has_epoch = known.producer_epoch != NO_PRODUCER_EPOCH
    identity = Span(f", id {known.producer_id} epoch {known.producer_epoch}" if has_epoch else "")
    epoch = Span(f" e{known.producer_epoch}" if has_epoch else "")
    kept, brief_kept = NOTHING, NOTHING
    if known.owner_epoch != NO_PRODUCER_EPOCH:
        kept = (Span(f", kept for epoch {known.owner_epoch}", Tone.UNSURE),)
        brief_kept = (Span(f" for e{known.owner_epoch}", Tone.UNSURE),)
    yield (who, what, identity, *kept)
    yield (who, what, epoch, *brief_kept)


def _coordinator(state: State, name: str, known: CoordinatorSide | None) -> Span:
    """Name the broker that leads the id's partition of `__transaction_state`; who told last, where that is not known."""
    partitions = sum(where.topic == TRANSACTION_STATE for where in state.partitions)
    leader = -1 if known is None else known.told_by
    if partitions:
        where = TopicPartition(TRANSACTION_STATE, partition_for(name, partitions))
        leader = state.partitions.get(where, NO_PARTITION).leader
    return Span(f"◆ b{leader}: " if leader >= 0 else "◆ nobody: ", Tone.LEADER if leader >= 0 else Tone.BAD)


def _trouble(known: CoordinatorSide | None) -> Iterator[Line]:
    """Say whom the coordinator refused, or shut out before that; nothing if nobody."""
    if known is not None and known.refusal is not None:
        epoch, why = known.refusal.producer_epoch, code_text(known.refusal.code)
        yield (Span(f"refused {known.refusal.api} of epoch {epoch}: {why}", Tone.BAD),)
        yield (Span(f"refused epoch {epoch}: {why}", Tone.BAD),)
    elif known is not None and known.fence is not None:
        yield (Span(f"shut out epoch {known.fence.producer_epoch}: {known.fence.reason}", Tone.BAD),)
        yield (Span(f"shut out epoch {known.fence.producer_epoch}", Tone.BAD),)
    yield NOTHING


def _partitions(state: State, name: str, known: CoordinatorSide | None, *, is_brief: bool) -> Iterator[Line]:
    """Tell what is in the transaction, as the coordinator has it; then what is open in a log and in no transaction."""
    fates = {} if known is None else {one.partition: one.code for one in known.markers}
    for text in () if known is None else sorted(known.partitions, key=lambda one: (one.startswith("__"), one)):
        topic, _, number = text.rpartition("-")
        offsets = offsets_of_leader(state, TopicPartition(topic, int(number)), is_brief=is_brief)
        yield (Span(f"{text} "), *offsets, *_marker(fates.get(text), is_brief=is_brief))
    for where in state.transactions.hanging(name):
        offsets = offsets_of_leader(state, where, is_brief=is_brief)
        why = "" if is_brief else ": nobody will end it"
        yield (Span(f"! {where} ", Tone.BAD), *offsets, Span(f" hangs{why}", Tone.BAD))


def offsets_of_leader(state: State, where: TopicPartition, *, is_brief: bool) -> Line:
    """Give log end, high watermark and last stable offset of the leader's log: `end 9 hw 9 LSO 7`, or `9/9/7`."""
    leader = state.partitions.get(where, NO_PARTITION).leader
    if leader < 0:
        return (Span("no leader", Tone.BAD),)
    replica = state.replica(where, leader)
    end, watermark, stable = ("", "/", "/") if is_brief else ("end ", " hw ", " LSO ")
    tone = Tone.UNSURE if replica.is_undecided else Tone.PLAIN
    return (
        Span(f"{end}{replica.log_end}{watermark}{replica.high_watermark}"),
        Span(f"{stable}{replica.last_stable_offset}", tone),
    )


def _marker(code: int | None, *, is_brief: bool) -> Line:
    """Say how far the end of the transaction is in a partition: asked for, written, or not and why."""
    what = "" if is_brief else " marker"
    if code is None:
        return NOTHING
    if code == NO_CODE:
        return (Span(f" {_ASKED}{what}", Tone.UNSURE),)
    if code == 0:
        return (Span(f" {_WRITTEN}{what}", Tone.GOOD),)
    return (Span(f" {_REFUSED}{what}: {code_text(code)}", Tone.BAD),)
