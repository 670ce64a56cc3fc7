"""What lies on the brokers' disks, and what their processes hold: looked at as it is, whatever the trace says of it.

A bit that flipped is no broker's doing: invariants are told what was written there. Nor is it a loss if a replica removes what is
old, or what its key has a later record of: invariants are told what was there before it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.broker.log_directory import CLEAN_SHUTDOWN_FILE, log_name, logs_on, topic_id_of
from sim.judges.invariants.cleaned import Cleaned
from sim.judges.invariants.restored import Restored

if TYPE_CHECKING:
    from sim.cluster.broker.log_file import LogFile
    from sim.cluster.broker.partition import Partition
    from sim.cluster.cluster import Cluster
    from sim.cluster.stored_batch import StoredBatch

    Here = tuple[TopicPartition, Sequence[StoredBatch], Partition | None]

_base_offset = itemgetter(0)
NOTHING: Sequence[StoredBatch] = ()


class Disks:
    """Every broker's files and processes, looked at anew for each event."""

    __slots__ = ("_brokers", "_event", "_gone", "_here", "_joined", "_names", "_removed_to", "_written", "cleaned")

    def __init__(self, cluster: Cluster) -> None:
        self._brokers = cluster.brokers
        self._names: dict[TopicPartition, str] = {}
        # Log -> what has gone bad in it -> what was written there.
        self._written: dict[tuple[int, TopicPartition], dict[StoredBatch, StoredBatch]] = {}
        # Log -> what was written up to an offset before which something was removed of it, or cleaned.
        self._gone: dict[tuple[int, TopicPartition], tuple[list[StoredBatch], int]] = {}
        # Log -> up to which offset it was removed from its beginning.
        self._removed_to: dict[tuple[int, TopicPartition], int] = {}
        self.cleaned = Cleaned()
        """What lies there of what was cleaned."""
        # Log -> from where on it is what its leader wrote, and what it held before that.
        self._joined: dict[tuple[int, TopicPartition], tuple[int, Sequence[StoredBatch]]] = {}
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
        if file is None:
            return NOTHING
        # In most runs nothing goes bad or is removed, and this is asked for most events.
        return self._as_written(broker, tp, file.entries) if self._written or self._gone else file.entries

    def _file(self, broker: int, name: str) -> LogFile | None:
        for directory in self._brokers[broker].disk.directories:
            file: LogFile | None = directory.files.get(name)
            if file is not None:
                return file
        return None

    def _as_written(self, broker: int, tp: TopicPartition, entries: Sequence[StoredBatch]) -> Sequence[StoredBatch]:
        written = self._written.get((broker, tp))
        if written is not None:
            entries = [written.get(stored, stored) for stored in entries]
        gone = self._gone.get((broker, tp))
        if gone is None:
            return entries
        batches, up_to_offset = gone
        return Restored(batches, entries, bisect_left(entries, up_to_offset, key=_base_offset))

    def first_offset(self, broker: int, tp: TopicPartition) -> int:
        """Where the oldest segment of that log begins; 0 where there is no such file."""
        file = self._file(broker, log_name(tp))
        return 0 if file is None else file.bases[0]

    def lies_at(self, broker: int, tp: TopicPartition, first: int, end: int) -> list[StoredBatch]:
        """The batches that lie in a log's file from one offset to another, as they are now."""
        file = self._file(broker, log_name(tp))
        return [] if file is None else file.entries[file.place_of(first) : file.place_of(end)]

    def known_gone(self, broker: int, tp: TopicPartition) -> int:
        """Up to which offset a log is known to have been removed from its beginning; 0 for none."""
        return self._removed_to.get((broker, tp), 0)

    def note_gone(self, broker: int, tp: TopicPartition, batches: list[StoredBatch], up_to_offset: int) -> None:
        """A log is gone before that offset: from now on take those for what lay there, unless more than that is known."""
        self._removed_to[broker, tp] = max(self._removed_to.get((broker, tp), 0), up_to_offset)
        self.note_written(broker, tp, batches, up_to_offset)

    def note_written(self, broker: int, tp: TopicPartition, batches: list[StoredBatch], up_to_offset: int) -> None:
        """From now on take those for what lies before that offset of the log, unless more than that is known."""
        known = self._gone.get((broker, tp))
        if known is None or known[1] < up_to_offset:
            self._gone[broker, tp] = batches, up_to_offset

    def note_another_way(self, broker: int, tp: TopicPartition, at_offset: int) -> None:
        """A follower went another way before that offset, where a cleaner has left its leader nothing: take it that it did not.

        As in Kafka: of an epoch a follower knows from where on it copied something (LeaderEpochFileCache), and so when it leads
        it cannot tell who wrote something else before that.
        """
        held = [stored for stored in self.held(broker, tp) if stored.base_offset < at_offset]
        self._gone[broker, tp] = [], 0
        self._joined[broker, tp] = at_offset, held

    def note_copied(self, broker: int, tp: TopicPartition, seen: list[StoredBatch], missing: list[StoredBatch]) -> None:
        """A follower copied a batch that was cleaned elsewhere, the last of those `seen`, and none of the `missing` before it."""
        written = seen[-1]
        known = self._gone.get((broker, tp))
        batches = [] if known is None else known[0]
        batches += seen[len(batches) :]
        self._gone[broker, tp] = batches, written.last_offset + 1
        file = self._file(broker, log_name(tp))
        assert file is not None, f"broker {broker} has no log of {tp}"
        self.cleaned.note_copied(broker, tp, written, file.entries[-1], missing)
        self._event = None

    def note_joined(
        self,
        broker: int,
        tp: TopicPartition,
        at_offset: int,
        removed: Sequence[StoredBatch],
        held: Sequence[StoredBatch],
    ) -> None:
        """That log goes on where its leader's log begins: before it, others had removed what was `removed`, and it `held` that."""
        self._removed_to[broker, tp] = max(self._removed_to.get((broker, tp), 0), at_offset)
        batches, up_to_offset = self._gone.get((broker, tp), ([], 0))
        behind = [stored for stored in batches if stored.base_offset >= at_offset]
        self._gone[broker, tp] = [*removed, *behind], max(up_to_offset, at_offset)
        self._joined[broker, tp] = at_offset, held

    def joined_at(self, broker: int, tp: TopicPartition) -> int:
        """From which offset on a log is what its leader wrote; 0 where nothing before it is known to be otherwise."""
        joined = self._joined.get((broker, tp))
        return 0 if joined is None else joined[0]

    def held(self, broker: int, tp: TopicPartition) -> Sequence[StoredBatch]:
        """What a replica read or wrote itself, in order: what lies there, and what it removed as it may."""
        joined = self._joined.get((broker, tp))
        log = self.cleaned.as_copied(broker, tp, self.log(broker, tp))
        if joined is None:
            return log
        at_offset, held = joined
        return [*held, *[stored for stored in log if stored.base_offset >= at_offset]]

    def note_cut(self, broker: int, tp: TopicPartition, to_offset: int) -> None:
        """A log was cut there, or is gone: what was removed of it before is put back no further than that."""
        gone = self._gone.get((broker, tp))
        if gone is None:
            return
        self.cleaned.note_cut(broker, tp, to_offset)
        removed_to = self._removed_to.get((broker, tp), 0)
        if to_offset == 0:
            del self._gone[broker, tp]
            self._removed_to.pop((broker, tp), None)
            self._joined.pop((broker, tp), None)
        elif to_offset < gone[1]:
            kept = [stored for stored in gone[0] if stored.last_offset < to_offset]
            self._gone[broker, tp] = kept, to_offset
            if to_offset < removed_to:
                # Cut before its own beginning: it began anew there.
                self._removed_to[broker, tp] = to_offset
                self._joined[broker, tp] = to_offset, ()

    def has_flipped(self, broker: int, tp: TopicPartition) -> bool:
        """Whether something in that log is not what was written there."""
        return bool(self._written.get((broker, tp)))

    def note_flipped(self, broker: int, tp: TopicPartition, written: StoredBatch) -> StoredBatch:
        """From now on take what lies there for what was written. Gives what lies there."""
        file = self._file(broker, log_name(tp))
        assert file is not None, f"broker {broker} has no log of {tp}"
        found = next(stored for stored in file.entries if stored.base_offset == written.base_offset)
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
