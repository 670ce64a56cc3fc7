"""The cluster: brokers side by side, and what each of them is to each partition; then what the controller says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.tui.lines import Line, Span, Tone, line, padded
from sim.tui.view_model import Life, Role

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.tui.view_model import Broker, Partition, Replica, State

LABEL = 10
CONTROLLER = 22
CELL_MIN = 9
CELL_MAX = 22
ROOMY = 14
"""Cells from this width on say `end` and `hw` in words."""

_LIVES = {
    Life.UP: Span("● up", Tone.GOOD),
    Life.PAUSED: Span("‖ paused", Tone.UNSURE),
    Life.STOPPING: Span("▼ stopping", Tone.UNSURE),
    Life.DOWN: Span("✗ down", Tone.BAD),
}


def cluster_lines(state: State, *, width: int, height: int) -> list[Line]:
    """Two lines for each partition, one where there is no room; the rest is counted."""
    brokers = sorted(state.brokers)
    cell = _cell_width(width, len(brokers))
    lines = [_heading(state, brokers, cell)]
    partitions = sorted(state.partitions)
    if not partitions:
        lines.append(line(Span("no topic yet: the cluster is starting", Tone.DIM)))
        return lines
    room = height - 1
    tall = 2 if 2 * len(partitions) <= room else 1
    shown = partitions if tall * len(partitions) <= room else partitions[: max(room - 1, 1)]
    for where in shown:
        lines += _partition_lines(state, where, brokers, cell)[:tall]
    if len(shown) < len(partitions):
        lines.append(line(Span(f"and {len(partitions) - len(shown)} more partitions", Tone.DIM)))
    return lines


def cluster_height(state: State) -> int:
    """How many lines it takes to show everything."""
    return 1 + max(2 * len(state.partitions), 2)


def _cell_width(width: int, brokers: int) -> int:
    return min(max((width - LABEL - CONTROLLER) // max(brokers, 1), CELL_MIN), CELL_MAX)


def _heading(state: State, brokers: list[int], cell: int) -> Line:
    parts = [Span("CLUSTER".ljust(LABEL), Tone.HEADING)]
    for broker in brokers:
        parts += padded(_broker(state.brokers[broker]), cell)
    parts.append(Span("controller", Tone.HEADING))
    return tuple(parts)


def _broker(broker: Broker) -> Line:
    life = _LIVES[broker.life]
    if broker.is_fenced and broker.life is not Life.DOWN:
        life = Span(f"{life.text[0]} fenced", Tone.UNSURE)
    return line(Span(f"b{broker.broker} ", Tone.HEADING), life)


def _partition_lines(state: State, where: TopicPartition, brokers: list[int], cell: int) -> list[Line]:
    partition = state.partitions[where]
    first: list[Span] = [*padded(line(f"{where.topic}-{where.partition}"), LABEL - 1), Span(" ")]
    second: list[Span] = [Span(" " * LABEL)]
    committed = max((state.replica(where, broker).high_watermark for broker in brokers), default=0)
    for broker in brokers:
        replica = state.replica(where, broker)
        is_replica = broker in partition.replicas
        first += padded(_role(replica, state.brokers[broker].life, is_replica=is_replica), cell)
        second += padded(_log(replica, committed, is_replica=is_replica, is_roomy=cell >= ROOMY), cell)
    return [(*first, *_leader(partition)), (*second, *_in_sync(partition))]


def _role(replica: Replica, life: Life, *, is_replica: bool) -> Line:
    match replica.role:
        case Role.LEADER:
            return line(Span(f"▲ leads e{replica.leader_epoch}", Tone.LEADER))
        case Role.FOLLOWER:
            return line(Span(f"◇ follows e{replica.leader_epoch}", Tone.FOLLOWER))
        case Role.NONE:
            if not is_replica:
                return line(Span("·", Tone.DIM))
            return line(Span("· no process" if life is Life.DOWN else "· no role yet", Tone.DIM))


def _log(replica: Replica, committed: int, *, is_replica: bool, is_roomy: bool) -> Line:
    if not is_replica and not replica.log_end:
        return line(Span("", Tone.DIM))
    # What lies above every high watermark may still be lost: it stands out.
    tone = Tone.UNSURE if replica.log_end > committed else Tone.PLAIN
    end = f"end {replica.log_end}" if is_roomy else str(replica.log_end)
    return line(Span(end, tone), Span(f" hw {replica.high_watermark}", Tone.DIM))


def _leader(partition: Partition) -> Line:
    if partition.leader < 0:
        return line(Span("✗ no leader" if partition.replicas else "· not elected yet", Tone.BAD))
    return line(Span(f"▲ b{partition.leader}, epoch {partition.leader_epoch}", Tone.LEADER))


def _in_sync(partition: Partition) -> Line:
    if not partition.replicas:
        return ()
    in_sync = ",".join(str(broker) for broker in sorted(partition.isr)) or "none"
    tone = Tone.BAD if len(partition.isr) < partition.min_insync_replicas else Tone.PLAIN
    parts = [Span(f"ISR {in_sync}", tone), Span(f" min {partition.min_insync_replicas}", Tone.DIM)]
    if partition.eligible:
        parts.append(Span(f" ELR {','.join(map(str, sorted(partition.eligible)))}", Tone.UNSURE))
    return tuple(parts)
