"""The cluster: brokers side by side, and what each of them is to each partition; then what the controller says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.tui.lines import Line, Span, Tone, line, padded, width_of
from sim.tui.view_model import Life, Role

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.tui.view_model import Broker, Partition, Replica, State

CELL_MAX = 22
NAME_MIN = 8
"""Of a partition's name so many characters are left at least, its number among them."""
DIGITS = 3
"""Offsets have room for so many, so that columns do not jump while they grow."""


class _Form(NamedTuple):
    """How much is said of each broker."""

    life: bool
    """In words, not by its sign alone."""
    role: bool
    end: str
    """What stands before the log's end."""
    watermark: str
    """What stands before the high watermark."""


FORMS = (
    _Form(life=True, role=True, end="end ", watermark=" hw "),
    _Form(life=True, role=True, end="", watermark=" hw "),
    _Form(life=True, role=False, end="", watermark=" hw "),
    _Form(life=False, role=False, end="", watermark=" hw "),
    _Form(life=False, role=False, end="", watermark="/"),
)
"""From the roomiest to the one for many brokers: the first that fits is taken, so nothing is cut while there is room."""

_LIVES = {
    Life.UP: Span("● up", Tone.GOOD),
    Life.PAUSED: Span("‖ paused", Tone.UNSURE),
    Life.STOPPING: Span("▼ stopping", Tone.UNSURE),
    Life.DOWN: Span("✗ down", Tone.BAD),
}


def cluster_lines(state: State, *, width: int, height: int) -> list[Line]:
    """Two lines for each partition, one where there is no room; the rest is counted."""
    partitions = sorted(state.partitions)
    columns = _columns(state, width)
    lines = [_heading(state, columns)]
    if not partitions:
        lines.append(line(Span("no topic yet: the cluster is starting", Tone.DIM)))
        return lines
    room = height - 1
    tall = 2 if 2 * len(partitions) <= room else 1
    shown = partitions if tall * len(partitions) <= room else partitions[: max(room - 1, 1)]
    for where in shown:
        lines += _partition_lines(state, where, columns)[:tall]
    if len(shown) < len(partitions):
        lines.append(line(Span(f"and {len(partitions) - len(shown)} more partitions", Tone.DIM)))
    return lines


def cluster_height(state: State) -> int:
    """How many lines it takes to show everything."""
    return 1 + max(2 * len(state.partitions), 2)


class _Columns(NamedTuple):
    """What is said, and how wide it is."""

    form: _Form
    name: int
    cell: int


def _columns(state: State, width: int) -> _Columns:
    """Take the roomiest form in which everything fits; in the last one names are cut, in their middle."""
    name = max([len(f"{where.topic}-{where.partition}") for where in state.partitions] + [len("CLUSTER")]) + 1
    left = width - max([_controller_width(one) for one in state.partitions.values()], default=len("controller"))
    brokers = max(len(state.brokers), 1)
    for form in FORMS:
        cell = _cell_width(state, form)
        if name + brokers * cell <= left:
            return _Columns(form, name, min(max(cell, (left - name) // brokers), CELL_MAX))
    name = max(left - brokers * cell, min(name, NAME_MIN + 1))
    return _Columns(form, name, min(cell, max((left - name) // brokers, 1)))


def _cell_width(state: State, form: _Form) -> int:
    """Give what the widest of all that may stand in a broker's column takes, and a space behind it."""
    said = [_broker(one._replace(life=life), form) for one in state.brokers.values() for life in _LIVES]
    for where, partition in state.partitions.items():
        for number, broker in state.brokers.items():
            replica, is_replica = state.replica(where, number), number in partition.replicas
            said.append(_role(replica, broker.life, form, is_replica=is_replica))
            said.append(_log(replica, 0, form, is_replica=is_replica, digits=DIGITS))
    return max(map(width_of, said), default=0) + 1


def _controller_width(partition: Partition) -> int:
    """Give what the controller's word on a partition takes, and would if all were in sync: so little jumps when some are not."""
    whole = partition._replace(isr=partition.replicas, eligible=())
    return max(
        *(width_of(one) for one in (_leader(partition), _in_sync(partition), _in_sync(whole))), len("controller")
    )


def _heading(state: State, columns: _Columns) -> Line:
    parts = [Span("CLUSTER".ljust(columns.name), Tone.HEADING)]
    for broker in sorted(state.brokers):
        parts += padded(_broker(state.brokers[broker], columns.form), columns.cell)
    parts.append(Span("controller", Tone.HEADING))
    return tuple(parts)


def _broker(broker: Broker, form: _Form) -> Line:
    life = _LIVES[broker.life]
    if broker.is_fenced and broker.life is not Life.DOWN:
        life = Span(f"{life.text[0]} fenced", Tone.UNSURE)
    return line(Span(f"b{broker.broker} ", Tone.HEADING), life if form.life else Span(life.text[0], life.tone))


def _name(where: TopicPartition, width: int) -> str:
    """Write a partition into that many characters; its number always stands."""
    name, number = f"{where.topic}-{where.partition}", f"-{where.partition}"
    return name if len(name) <= width else f"{where.topic[: max(width - len(number) - 1, 0)]}…{number}"


def _partition_lines(state: State, where: TopicPartition, columns: _Columns) -> list[Line]:
    partition, brokers = state.partitions[where], sorted(state.brokers)
    first: list[Span] = [Span(_name(where, columns.name - 1).ljust(columns.name))]
    second: list[Span] = [Span(" " * columns.name)]
    committed = max((state.replica(where, broker).high_watermark for broker in brokers), default=0)
    for broker in brokers:
        replica = state.replica(where, broker)
        is_replica = broker in partition.replicas
        role = _role(replica, state.brokers[broker].life, columns.form, is_replica=is_replica)
        first += padded(role, columns.cell)
        second += padded(_log(replica, committed, columns.form, is_replica=is_replica), columns.cell)
    undecided = _undecided(state.replica(where, partition.leader))
    return [(*first, *_leader(partition)), (*second, *_in_sync(partition), *undecided)]


def _role(replica: Replica, life: Life, form: _Form, *, is_replica: bool) -> Line:
    match replica.role:
        case Role.LEADER:
            return line(Span(f"▲ {'leads ' if form.role else ''}e{replica.leader_epoch}", Tone.LEADER))
        case Role.FOLLOWER:
            return line(Span(f"◇ {'follows ' if form.role else ''}e{replica.leader_epoch}", Tone.FOLLOWER))
        case Role.OFFLINE:
            return line(Span("✗ offline" if form.role else "✗", Tone.BAD))
        case Role.NONE:
            if not is_replica or not form.role:
                return line(Span("·", Tone.DIM))
            return line(Span("· no process" if life is Life.DOWN else "· no role yet", Tone.DIM))


def _log(replica: Replica, committed: int, form: _Form, *, is_replica: bool, digits: int = 0) -> Line:
    if not is_replica and not replica.log_end:
        return line(Span("", Tone.DIM))
    # What lies above every high watermark may still be lost: it stands out.
    tone = Tone.UNSURE if replica.log_end > committed else Tone.PLAIN
    end, watermark = (f"{offset:>{digits}}" for offset in (replica.log_end, replica.high_watermark))
    return line(Span(f"{form.end}{end}", tone), Span(f"{form.watermark}{watermark}", Tone.DIM))


def _leader(partition: Partition) -> Line:
    if partition.leader < 0:
        return line(Span("✗ no leader" if partition.replicas else "· not elected yet", Tone.BAD))
    return line(Span(f"▲ b{partition.leader}, epoch {partition.leader_epoch}", Tone.LEADER))


def _undecided(replica: Replica) -> Line:
    """The last stable offset, while it is not the high watermark: a transaction is open, and who reads what is committed waits."""
    return line(Span(f" LSO {replica.undecided_from}", Tone.UNSURE)) if replica.undecided_from >= 0 else ()


def _in_sync(partition: Partition) -> Line:
    if not partition.replicas:
        return ()
    in_sync = ",".join(str(broker) for broker in sorted(partition.isr)) or "none"
    tone = Tone.BAD if len(partition.isr) < partition.min_insync_replicas else Tone.PLAIN
    parts = [Span(f"ISR {in_sync}", tone), Span(f" min {partition.min_insync_replicas}", Tone.DIM)]
    if partition.eligible:
        parts.append(Span(f" ELR {','.join(map(str, sorted(partition.eligible)))}", Tone.UNSURE))
    return tuple(parts)
