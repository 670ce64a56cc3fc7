"""The logs: of each partition the batches that lie on each broker, who wrote them, how far each is committed, what was cut off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from producer.records import NO_PRODUCER_ID, NO_SEQUENCE, TopicPartition
from sim.cluster.internal_topics import is_internal
from sim.judges.history import SCHEMAS
from sim.tui.lines import Line, Span, Tone, fitted, padded
from sim.tui.panels.page import PageRow, laid_out, nothing_yet
from sim.tui.view_model import Role
from sim.tui.view_model.logs import REMOVED_WITH_TIME

if TYPE_CHECKING:
    from sim.tui.playhead import Playhead
    from sim.tui.view_model import Partition, State
    from sim.tui.view_model.logs import Copy, Shown

BATCHES_MAX = 200
"""So many of a partition's latest batches have a line, where nobody says how many lines are in sight."""
BATCHES_MIN = 5
HEAD = 5
"""Lines of a partition above its batches."""
ANY_WIDTH = 160
SOURCE_MIN, SOURCE_MAX = 20, 60
_ROLES = {Role.LEADER: "▲", Role.FOLLOWER: "◇", Role.OFFLINE: "✗", Role.NONE: "·"}
_ROLE_TONES = {Role.LEADER: Tone.LEADER, Role.FOLLOWER: Tone.FOLLOWER, Role.OFFLINE: Tone.BAD, Role.NONE: Tone.DIM}
_DECIDED = {
    "open": Span("T open", Tone.UNSURE),
    "committed": Span("C committed", Tone.GOOD),
    "aborted": Span("A aborted", Tone.BAD),
}
HAS, UNCOMMITTED, CUT, NOT = "■", "□", "✗", "·"


class _Table(NamedTuple):
    """How wide its columns are."""

    offsets: int
    epoch: int
    source: int
    cell: int


def log_rows(playhead: Playhead, width: int, height: int) -> list[PageRow]:
    """Lay out every partition's logs where the playhead stands; the fewer partitions, the more batches of each."""
    state = playhead.state
    partitions = _partitions(state)
    if not partitions:
        return nothing_yet("no topic yet: the cluster is starting", playhead, width)
    last = BATCHES_MAX if not height else max(height // len(partitions) - HEAD - 1, BATCHES_MIN)
    rows: list[PageRow] = [PageRow(_legend(width))]
    for where in partitions:
        rows += [PageRow(()), *_partition(playhead, state, where, width or ANY_WIDTH, last)]
    return rows


def log_facts(playhead: Playhead) -> list[dict[str, object]]:
    """Give each partition's replicas, and its latest batches with where each of them lies."""
    state, index = playhead.state, playhead.index
    logs = playhead.watched.logs
    found: list[dict[str, object]] = []
    for where in _partitions(state):
        partition = state.partitions[where]
        replicas = {
            f"b{broker}": {
                **state.replica(where, broker)._asdict(),
                "log_start": logs.start(where, broker, index),
                "last_stable_offset": state.replica(where, broker).last_stable_offset,
            }
            for broker in _brokers(state, where)
        }
        batches = [
            {
                **one.written._asdict(),
                "batch": playhead.watched.ways.batch_of(one.written.event),
                "marker": one.marker,
                "transaction": one.decided,
                "on": {
                    f"b{broker}": "there" if not copy.why else f"removed at #{copy.removed}: {copy.why}"
                    for broker, copy in one.on.items()
                },
            }
            for one in logs.at(where, index, last=BATCHES_MAX, held=state.transactions.in_logs.get(where, ()))
        ]
        found.append({"partition": str(where), "controller": partition, "replicas": replicas, "batches": batches})
    return found


def _partitions(state: State) -> list[TopicPartition]:
    """Give the partitions, those of brokers and registries last; of internal topics only those to which something was written."""
    return sorted(
        (
            where
            for where in state.partitions
            if not is_internal(where.topic) or any(state.replica(where, broker).log_end for broker in state.brokers)
        ),
        key=lambda where: (is_internal(where.topic), where.topic == SCHEMAS, where),
    )


def _brokers(state: State, where: TopicPartition) -> list[int]:
    """Give who is to have a partition, and who has something of it all the same."""
    replicas = state.partitions[where].replicas
    return [broker for broker in sorted(state.brokers) if broker in replicas or state.replica(where, broker).log_end]


def _legend(width: int) -> Line:
    parts = (
        Span(HAS, Tone.GOOD),
        Span(" committed  ", Tone.DIM),
        Span(UNCOMMITTED, Tone.UNSURE),
        Span(" above the high watermark  ", Tone.DIM),
        Span(CUT, Tone.BAD),
        Span(" cut off  ", Tone.DIM),
        Span(NOT, Tone.DIM),
        Span(" not there  ", Tone.DIM),
    )
    transactions = Span("T C A: of a transaction that is open, committed, aborted", Tone.DIM)
    return fitted(((*parts, transactions), parts), width)


def _partition(playhead: Playhead, state: State, where: TopicPartition, width: int, last: int) -> Iterator[PageRow]:
    partition, brokers = state.partitions[where], _brokers(state, where)
    held = state.transactions.in_logs.get(where, ())
    shown = playhead.watched.logs.at(where, playhead.index, last=last, held=held)
    table = _table(state, where, brokers, shown, width)
    yield from laid_out(_title(where, partition), width, indent=2)
    yield PageRow(_heading(state, where, brokers, table))
    for name, values in _marks(playhead, state, where, brokers):
        yield PageRow(_mark(name, values, table))
    first = shown[0].written.base_offset if shown else 0
    start = min((playhead.watched.logs.start(where, broker, playhead.index) for broker in brokers), default=0)
    if first > start:
        yield PageRow((Span(f"  {start}..{first - 1}".ljust(table.offsets), Tone.DIM), Span("before these", Tone.DIM)))
    for one in shown:
        yield _batch(playhead, state, where, one, brokers, table)
    if not shown:
        yield PageRow((Span("  nothing is written", Tone.DIM),))


def _title(where: TopicPartition, partition: Partition) -> Line:
    leader = Span(f"  ▲ b{partition.leader}, epoch {partition.leader_epoch}", Tone.LEADER)
    if partition.leader < 0:
        leader = Span("  ✗ no leader", Tone.BAD)
    in_sync = ",".join(map(str, sorted(partition.isr))) or "none"
    tone = Tone.BAD if len(partition.isr) < partition.min_insync_replicas else Tone.PLAIN
    return (
        Span(str(where), Tone.HEADING),
        leader,
        Span(f"  ISR {in_sync}", tone),
        Span(f" min {partition.min_insync_replicas}", Tone.DIM),
    )


def _table(state: State, where: TopicPartition, brokers: Sequence[int], shown: Sequence[Shown], width: int) -> _Table:
    offsets = max([len(_offsets(one)) for one in shown] + [len("before these")]) + 4
    epoch = max([len(f"e{one.written.leader_epoch}") for one in shown] + [len("epoch")]) + 2
    ends = [len(str(state.replica(where, broker).log_end)) for broker in brokers]
    heads = [len(_head(state, where, broker)) for broker in brokers]
    cell = max(ends + heads + [4]) + 2
    source = min(max(width - offsets - epoch - cell * len(brokers), 1), SOURCE_MAX)
    return _Table(offsets, epoch, source, cell)


def _head(state: State, where: TopicPartition, broker: int) -> str:
    replica = state.replica(where, broker)
    return f"b{broker} {_ROLES[replica.role]}e{replica.leader_epoch}"


def _heading(state: State, where: TopicPartition, brokers: Sequence[int], table: _Table) -> Line:
    spans = [
        Span("  offsets".ljust(table.offsets), Tone.DIM),
        Span("epoch".ljust(table.epoch), Tone.DIM),
        *padded((Span("written by", Tone.DIM),), table.source),
    ]
    for broker in brokers:
        tone = _ROLE_TONES[state.replica(where, broker).role]
        spans.append(Span(_head(state, where, broker).rjust(table.cell), tone))
    return tuple(spans)


def _marks(
    playhead: Playhead, state: State, where: TopicPartition, brokers: Sequence[int]
) -> Iterator[tuple[str, list[Span]]]:
    """Say of each replica where its log begins and ends, and up to where it is committed and decided."""
    replicas = [state.replica(where, broker) for broker in brokers]
    starts = [playhead.watched.logs.start(where, broker, playhead.index) for broker in brokers]
    if any(starts):
        yield "log start", [Span(str(start), Tone.DIM) for start in starts]
    committed = max((one.high_watermark for one in replicas), default=0)
    ends = [Span(str(one.log_end), Tone.UNSURE if one.log_end > committed else Tone.PLAIN) for one in replicas]
    yield "log end LEO", ends
    yield "high watermark HW", [Span(str(one.high_watermark), Tone.GOOD) for one in replicas]
    if any(one.is_undecided for one in replicas):
        stable = [
            Span(str(one.last_stable_offset), Tone.UNSURE if one.is_undecided else Tone.PLAIN) for one in replicas
        ]
        yield "last stable offset LSO", stable


def _mark(name: str, values: Sequence[Span], table: _Table) -> Line:
    label = padded((Span(f"  {name}", Tone.DIM),), table.offsets + table.epoch + table.source)
    return (*label, *(Span(one.text.rjust(table.cell), one.tone) for one in values))


def _offsets(one: Shown) -> str:
    first, last = one.written.base_offset, one.written.last_offset
    return str(first) if first == last else f"{first}..{last}"


def _batch(
    playhead: Playhead, state: State, where: TopicPartition, one: Shown, brokers: Sequence[int], table: _Table
) -> PageRow:
    cuts = [copy for copy in one.on.values() if copy.why and copy.why != REMOVED_WITH_TIME]
    is_gone = bool(cuts) and all(copy.why for copy in one.on.values())
    spans = [
        Span(f"  {_offsets(one)}".ljust(table.offsets), Tone.BAD if is_gone else Tone.PLAIN),
        Span(f"e{one.written.leader_epoch}".ljust(table.epoch), Tone.DIM),
        *padded(fitted(_source_forms(playhead, one, cuts), table.source - 1), table.source),
    ]
    for broker in brokers:
        glyph = _glyph(one.on.get(broker), one, state.replica(where, broker).high_watermark)
        spans.append(Span(glyph.text.rjust(table.cell), glyph.tone))
    event = max((copy.removed for copy in cuts), default=one.written.event)
    return PageRow(tuple(spans), event)


def _glyph(copy: Copy | None, one: Shown, high_watermark: int) -> Span:
    if copy is None or copy.why == REMOVED_WITH_TIME:
        return Span(NOT, Tone.DIM)
    if copy.why:
        return Span(CUT, Tone.BAD)
    if one.written.last_offset < high_watermark:
        return Span(HAS, Tone.GOOD)
    return Span(UNCOMMITTED, Tone.UNSURE)


def _source_forms(playhead: Playhead, one: Shown, cuts: Sequence[Copy]) -> Iterator[Line]:
    """Say who wrote a batch and what became of it, in fewer and fewer words."""
    written = one.written
    batch = playhead.watched.ways.batch_of(written.event)
    who = Span(
        f"{batch} of {written.client}" if batch and written.client not in batch else batch or written.client or "?"
    )
    short = Span(batch or written.client or "?")
    if one.marker:
        tone = Tone.GOOD if one.marker == "COMMIT" else Tone.BAD
        marker = Span(f"{one.marker[0]} {one.marker} marker", tone)
        yield (marker, Span(f" of producer id {written.producer_id} epoch {written.producer_epoch}", Tone.DIM))
        yield (marker, Span(f" of id {written.producer_id}", Tone.DIM))
        yield (marker,)
        return
    decided = (Span(" "), _DECIDED[one.decided]) if one.decided else ()
    letter = (Span(f" {_DECIDED[one.decided].text[0]}", _DECIDED[one.decided].tone),) if one.decided else ()
    why = ", ".join(dict.fromkeys(f"{copy.why} at #{copy.removed}" for copy in cuts))
    cut = (Span(f" ✗ {why}", Tone.BAD),) if why else ()
    has_id = written.producer_id != NO_PRODUCER_ID
    identity = f" id {written.producer_id} epoch {written.producer_epoch}" if has_id else ""
    last = written.base_sequence + written.last_offset - written.base_offset
    sequence = f" seq {written.base_sequence}-{last}" if written.base_sequence != NO_SEQUENCE else ""
    yield (who, Span(f"{identity}{sequence}", Tone.DIM), *decided, *cut)
    yield (who, Span(identity, Tone.DIM), *decided, *cut)
    yield (who, *decided, *cut)
    yield (short, *decided, *cut)
    yield (short, *letter, *cut)
    brief = (Span(f" ✗ at #{max(copy.removed for copy in cuts)}", Tone.BAD),) if cuts else ()
    yield (short, *letter, *brief)
    yield (*letter, *brief)
    yield letter
