"""Every replica of one partition at one event of a trace: its log, its high watermark, its role; and that as a table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.faults.text import topic_partition
from sim.trace import events as cluster

if TYPE_CHECKING:
    from collections.abc import Container, Iterable

    from sim.trace.trace import Trace

NOBODY = -1


class LogBatch(NamedTuple):
    """A stretch of one log that was written in one leader's term."""

    base_offset: int
    last_offset: int
    leader_epoch: int


@dataclass(slots=True)
class Replica:
    """One broker's copy."""

    broker: int
    state: str = "up"
    """`up`, `paused`, `down`."""
    batches: list[LogBatch] = field(default_factory=list)
    high_watermark: int = 0
    first_offset: int = 0
    """Where what lies there begins."""

    @property
    def log_end_offset(self) -> int:
        """The offset that the next record will get."""
        return self.batches[-1].last_offset + 1 if self.batches else self.first_offset

    def truncate(self, to_offset: int) -> None:
        kept = [one for one in self.batches if one.base_offset < to_offset]
        if kept:
            kept[-1] = kept[-1]._replace(last_offset=min(kept[-1].last_offset, to_offset - 1))
        self.batches = kept
        self.high_watermark = min(self.high_watermark, to_offset)
        self.first_offset = min(self.first_offset, to_offset)

    def remove_before(self, offset: int) -> None:
        self.batches = [one for one in self.batches if one.last_offset >= offset]
        self.first_offset = offset

    def keep(self, first: int, end: int, bases: Container[int]) -> None:
        """A cleaner left of the batches from one offset to another those that begin there."""
        self.batches = [one for one in self.batches if not first <= one.base_offset < end or one.base_offset in bases]

    def restart(self, offset: int) -> None:
        self.batches = []
        self.high_watermark = self.first_offset = offset


@dataclass(slots=True)
class PartitionAt:
    """One partition as it is once an event has happened."""

    partition: str
    event: int
    time: str = ""
    """Of that event, as people are told it."""
    leader: int = NOBODY
    leader_epoch: int = -1
    isr: tuple[int, ...] = ()
    replicas: dict[int, Replica] = field(default_factory=dict)

    def role(self, broker: int) -> str:
        """Say what a broker is: its process first, then its office."""
        replica = self.replicas[broker]
        office = "leader" if broker == self.leader else "follower"
        if replica.state == "down":
            return "down"
        return f"{office}, paused" if replica.state == "paused" else office


def partition_at(trace: Trace, partition: str, event: int) -> PartitionAt:
    """Fold a trace up to and including that event. Raises IndexError for an event that it has not."""
    topic, number = topic_partition(partition)
    at = PartitionAt(partition, event, time=trace.clock(trace[event].at_us))
    for one in trace.events[: event + 1]:
        if getattr(one, "topic", topic) != topic or getattr(one, "partition", number) != number:
            continue
        _take(at, one)
    return at


def _take(at: PartitionAt, event: Any) -> None:
    replicas = at.replicas
    match event:
        case cluster.LeaderElected():
            at.leader, at.leader_epoch, at.isr = event.leader, event.leader_epoch, event.isr
            for broker in event.replicas:
                replicas.setdefault(broker, Replica(broker))
        case cluster.IsrChanged():
            at.isr = event.isr
        case cluster.BatchAppended() | cluster.BatchReplicated():
            batch = LogBatch(event.base_offset, event.last_offset, event.leader_epoch)
            replicas[event.broker].batches.append(batch)
        case cluster.LogTruncated():
            replicas[event.broker].truncate(event.to_offset)
        case cluster.SegmentsDeleted():
            replicas[event.broker].remove_before(event.to_offset)
        case cluster.SegmentsCleaned():
            replicas[event.broker].keep(event.from_offset, event.to_offset, {base for base, _ in event.batches})
        case cluster.LogRestarted():
            replicas[event.broker].restart(event.at_offset)
        case cluster.HighWatermarkAdvanced():
            replicas[event.broker].high_watermark = event.high_watermark
        case (
            cluster.BrokerPaused()
            | cluster.BrokerResumed()
            | cluster.BrokerCrashed()
            | cluster.BrokerStopped()
            | cluster.BrokerStarted()
        ):
            if event.broker in replicas:
                replicas[event.broker].state = _STATES[type(event)]
        case _:
            pass


_STATES: dict[type[Any], str] = {
    cluster.BrokerPaused: "paused",
    cluster.BrokerResumed: "up",
    cluster.BrokerCrashed: "down",
    cluster.BrokerStopped: "down",
    cluster.BrokerStarted: "up",
}


def replica_table(at: PartitionAt) -> str:
    """Write a partition as a table, for a text."""
    leader = f"b{at.leader}" if at.leader != NOBODY else "none"
    isr = ", ".join(f"b{broker}" for broker in sorted(at.isr)) or "nobody"
    lines = [
        f"{at.partition} at {at.time}: leader {leader}, epoch {at.leader_epoch}, in sync: {isr}",
        "  broker  role              log end  high watermark",
    ]
    for broker, replica in sorted(at.replicas.items()):
        row = f"  b{broker:<7}{at.role(broker):<18}{replica.log_end_offset:>7}{replica.high_watermark:>16}"
        lines.append(row)
    return "\n".join(lines)


def last_event(events: Iterable[Any], event_type: type[Any], **fields: object) -> int:
    """Find the last event of a type whose fields are these; gives its number. Raises LookupError."""
    found = -1
    for number, event in enumerate(events):
        if isinstance(event, event_type) and all(getattr(event, name) == value for name, value in fields.items()):
            found = number
    if found < 0:
        raise LookupError(f"no {event_type.__name__} with {fields} in this trace")
    return found


def first_event(events: Iterable[Any], event_type: type[Any], **fields: object) -> int:
    """Find the first event of a type whose fields are these; gives its number. Raises LookupError."""
    for number, event in enumerate(events):
        if isinstance(event, event_type) and all(getattr(event, name) == value for name, value in fields.items()):
            return number
    raise LookupError(f"no {event_type.__name__} with {fields} in this trace")
