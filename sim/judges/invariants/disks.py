"""What lies on the brokers' disks, and what their processes hold: looked at as it is, whatever the trace says of it.

A bit that flipped is no broker's doing: invariants are told what was written there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.broker.log_directory import CLEAN_SHUTDOWN_FILE, log_name, logs_on, topic_id_of

if TYPE_CHECKING:
    from sim.cluster.broker.partition import Partition
    from sim.cluster.cluster import Cluster
    from sim.cluster.messages import StoredBatch
    from sim.world.disk import DiskFile

    Here = tuple[TopicPartition, Sequence[StoredBatch], Partition | None]

NOTHING: Sequence[StoredBatch] = ()


class Disks:
    """Every broker's files and processes, looked at anew for each event."""

    __slots__ = ("_brokers", "_event", "_here", "_names", "_written")

    def __init__(self, cluster: Cluster) -> None:
        self._brokers = cluster.brokers
        self._names: dict[TopicPartition, str] = {}
        # Log -> what has gone bad in it -> what was written there.
        self._written: dict[tuple[int, TopicPartition], dict[StoredBatch, StoredBatch]] = {}
        # What the event now looked at is about: several invariants ask.
        self._event: Any = None
        self._here: Here | None = None

    def here(self, event: Any) -> Here:
        """The partition that an event of a broker is about, its log there, and what the process holds of it."""
        here = self._here
        if here is None or event is not self._event:
            tp = TopicPartition(event.topic, event.partition)
            here = self._here = tp, self.log(event.broker, tp), self.replica(event.broker, tp)
            self._event = event
        return here

    def log(self, broker: int, tp: TopicPartition) -> Sequence[StoredBatch]:
        """The batches of one replica's log, as they were written; none where there is no such file."""
        name = self._names.get(tp)
        if name is None:
            name = self._names[tp] = log_name(tp)
        file = self._file(broker, name)
        return NOTHING if file is None else self._as_written(broker, tp, file.entries)

    def _file(self, broker: int, name: str) -> DiskFile[StoredBatch] | None:
        for directory in self._brokers[broker].disk.directories:
            file = directory.files.get(name)
            if file is not None:
                return file
        return None

    def _as_written(self, broker: int, tp: TopicPartition, entries: Sequence[StoredBatch]) -> Sequence[StoredBatch]:
        written = self._written.get((broker, tp))
        return entries if written is None else [written.get(stored, stored) for stored in entries]

    def note_flipped(self, broker: int, tp: TopicPartition, place: int, written: StoredBatch) -> StoredBatch:
        """From now on take what lies there for what was written. Gives what lies there."""
        file = self._file(broker, log_name(tp))
        assert file is not None, f"broker {broker} has no log of {tp}"
        found = file.entries[place]
        self._written.setdefault((broker, tp), {})[found] = written
        return found

    def topic_id(self, broker: int, tp: TopicPartition) -> bytes | None:
        """Which of the topics that ever had this name a log there belongs to; None where there is no such file."""
        return topic_id_of(self._brokers[broker].disk, tp)

    def ended_in_good_order(self, broker: int) -> bool:
        """Whether a broker that is down left word that it flushed everything."""
        return all(CLEAN_SHUTDOWN_FILE in directory.files for directory in self._brokers[broker].disk.directories)

    def end(self, broker: int, tp: TopicPartition) -> int:
        """Where that log ends: the offset after its last record."""
        return end_of(self.log(broker, tp))

    def logs(self) -> Iterator[tuple[int, TopicPartition, Sequence[StoredBatch]]]:
        """Every log on every disk, of brokers that are down as well."""
        for number in self._brokers:
            yield from self.logs_of(number)

    def logs_of(self, broker: int) -> Iterator[tuple[int, TopicPartition, Sequence[StoredBatch]]]:
        """Every log on one broker's disk."""
        for tp, file in logs_on(self._brokers[broker].disk):
            yield broker, tp, self._as_written(broker, tp, file.entries)

    def replica(self, broker: int, tp: TopicPartition) -> Partition | None:
        """What a broker's process holds in memory of a partition; None while it is down, or before it opened the log."""
        process = self._brokers[broker].process
        return None if process is None else process.replicas.partitions.get(tp)

    def replicas(self) -> Iterator[tuple[int, TopicPartition, Partition]]:
        """Every replica that a process holds in memory."""
        for number, broker in self._brokers.items():
            if broker.process is not None:
                for tp, partition in broker.process.replicas.partitions.items():
                    yield number, tp, partition


def end_of(log: Sequence[StoredBatch]) -> int:
    """The offset after the last record of a log."""
    return log[-1].last_offset + 1 if log else 0


def is_same(one: StoredBatch, other: StoredBatch) -> bool:
    """Whether two batches are the same bytes, wherever they lie."""
    return one is other or one.data == other.data


def length_below(log: Sequence[StoredBatch], offset: int) -> int:
    """How many batches of a log end before that offset."""
    # From the end: it is asked about high watermarks, which lie near it.
    length = len(log)
    while length and log[length - 1].last_offset >= offset:
        length -= 1
    return length


def common_length(log: Sequence[StoredBatch], other: Sequence[StoredBatch]) -> int:
    """How many batches two logs have in common from their beginnings."""
    length = 0
    for one, two in zip(log, other, strict=False):
        if not is_same(one, two):
            break
        length += 1
    return length
