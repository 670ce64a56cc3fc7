"""Lies that nobody tells by himself, so that every promise breaks now and then; and the name that each record carries.

A lie changes what a client is told or given, and so what both judges hear.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from producer.errors import Outcome
from producer.events import BatchDelivered
from producer.records import Record, TopicPartition
from sim.clients.consumer import Consumer
from sim.clients.drivers import SimProducer
from sim.clients.raw_client import RawClient
from sim.cluster.broker.log_directory import logs_on, topic_id_of
from sim.cluster.broker.log_file import LogFile, Remnant
from sim.cluster.broker.partition import Partition
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.cluster import Cluster
from sim.cluster.metadata_states import NO_LEADER
from sim.cluster.raw_clients import RawProduce
from sim.cluster.stored_batch import StoredBatch
from tests.second_judge.disks import NAME, Id, Line, Log, decoded

Told = Callable[[Any], Any]
Given = Callable[[list[Any]], list[Any]]
Whose = tuple[TopicPartition, bytes | None]
"""A log: its partition, and the topic's id, for a topic that is created again counts its epochs again."""


def one_too_far(metadata: Any) -> Any:
    return metadata._replace(base_offset=metadata.base_offset + 1) if metadata.base_offset >= 0 else metadata


def a_millisecond_late(metadata: Any) -> Any:
    return metadata._replace(timestamps_ms=[time_ms + 1 for time_ms in metadata.timestamps_ms])


def the_last_twice(records: list[Any]) -> list[Any]:
    return [*records, *records[-1:]]


def the_last_two_swapped(records: list[Any]) -> list[Any]:
    return [*records[:-2], *reversed(records[-2:])]


def all_but_the_first(records: list[Any]) -> list[Any]:
    return records[1:]


def another_value(records: list[Any]) -> list[Any]:
    return [one._replace(value=b"other") for one in records[:1]] + records[1:]


def another_time(records: list[Any]) -> list[Any]:
    return [one._replace(timestamp_ms=one.timestamp_ms + 1) for one in records[:1]] + records[1:]


def one_more_header(records: list[Any]) -> list[Any]:
    return [one._replace(headers=(*one.headers, ("more", b""))) for one in records[:1]] + records[1:]


def named(record: Record, client: str, number: int) -> Record:
    """Give the record with a header in front that says whose it is."""
    return record._replace(headers=((NAME, f"{client}/{number}".encode()), *record.headers))


class Files(dict[str, Any]):
    """A disk's files; what is taken out of it is remembered."""

    def __init__(self, thrown: list[bytes]) -> None:
        super().__init__()
        self._thrown = thrown

    def pop(self, name: str, *default: Any) -> Any:
        file = super().pop(name, *default)
        if file is not None and file.entries and hasattr(file.entries[0], "data"):
            self._thrown.append(b"".join(stored.data for stored in file.entries))
        return file


@dataclass(frozen=True, slots=True)
class Liar:
    """Takes part in a run as a planted bug does: names every record, and lies as it is told."""

    name: str = "honest"
    told: Told | None = None
    """What a producer is told of a batch."""
    given: Given | None = None
    """What a reader is given at once."""
    calls_failed: bool = False
    """Whether a record that may be written is said to be not written."""

    partition: type[Partition] | None = None
    """Stands in for every broker's `Partition`: a bug of theirs, and no lie."""

    thrown: list[bytes] = field(default_factory=list)
    """Logs that brokers removed, as their topics were deleted, and batches that were old."""
    compacted: list[tuple[Line, int]] = field(default_factory=list)
    """What cleaners took as they may, and when, in microseconds."""
    expired: list[tuple[Line, int]] = field(default_factory=list)
    """What lay before the start of a log from some time on, and from when."""
    newest: dict[tuple[Id, int], int] = field(default_factory=dict)
    """Record and offset -> the newest time in its batch, before a cleaner came by."""
    old: set[tuple[Whose, int, int]] = field(default_factory=set)
    """Of the batches that were old: whose log it was, first offset, and leader epoch."""
    clusters: list[Cluster] = field(default_factory=list)
    """The one of the run under way."""

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Keep what is thrown away; brokers tell no lies, though they may have a bug."""
        self.thrown.clear()
        self.compacted.clear()
        self.expired.clear()
        self.newest.clear()
        self.old.clear()
        self.clusters[:] = [cluster]
        for broker in cluster.brokers.values():
            if self.partition is not None:
                broker.partition_type = self.partition
            for directory in broker.disk.directories:
                directory.files = Files(self.thrown)

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Name every record by a header, and change what the application hears."""
        send, fail, hear = producer.send, producer._fail, producer._engine.take_answers

        def sends(record: Record, number: int, stands_for: bytes | None = None) -> Any:
            return send(named(record, producer.name, number), number, stands_for)

        def fails(number: int, *, partition: int, code: int, outcome: Outcome) -> None:
            fail(number, partition=partition, code=code, outcome=Outcome.FAILED if self.calls_failed else outcome)

        def hears() -> list[Any]:
            return [
                one._replace(metadata=self.told(one.metadata)) if isinstance(one, BatchDelivered) and self.told else one
                for one in hear()
            ]

        hands: Any = producer
        hands.send, hands._fail, hands._engine.take_answers = sends, fails, hears

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Change what readers are given, and name what raw clients send, for the runs in the block."""
        sound, given, raw, removes = Consumer.take_records, self.given, RawClient.record, LogFile.remove_before
        replaces, advances = LogFile.replace, PartitionLog.advance_start

        def takes(consumer: Consumer) -> list[Any]:
            records = sound(consumer)
            return given(records) if given is not None and records else records

        def makes(client: RawClient, number: int, produce: RawProduce) -> Record:
            return named(raw(client, number, produce), client.name, number)

        def keeps(file: LogFile, base_offset: int, remnant: Remnant) -> None:
            topic, others = held_by_leader(self.clusters[0], file)
            others |= {(offset, epoch) for one, offset, epoch in self.old if one == topic}
            for stored in file.entries[: file.place_of(base_offset)]:
                offsets = range(stored.base_offset, stored.last_offset + 1)
                batch = topic, stored.base_offset, stored.leader_epoch
                is_passed_by = any(offset in offsets and epoch > stored.leader_epoch for offset, epoch in others)
                if batch in self.old or not is_passed_by:
                    self.old.add(batch)
                    self.thrown.append(stored.data)
            removes(file, base_offset, remnant)

        def cleans(
            file: LogFile, base_offset: int, end_offset: int, batches: Sequence[StoredBatch], remnant: Remnant
        ) -> None:
            before = [stored for stored in file.entries if base_offset <= stored.base_offset < end_offset]
            for line in lines_of(before):
                self.newest.setdefault((line.record, line.offset), line.newest_ms)
            now_us = self.clusters[0].world.now_us
            self.compacted.extend((line, now_us) for line in taken_as_it_may(self.clusters[0], file, before, batches))
            replaces(file, base_offset, end_offset, batches, remnant)

        def begins(log: PartitionLog, to_offset: int) -> bool:
            before = log.start_offset
            is_moved = advances(log, to_offset)
            now_us = self.clusters[0].world.now_us
            self.expired.extend(
                (line, now_us) for line in lines_of(log.file.entries) if before <= line.offset < log.start_offset
            )
            return is_moved

        hands: Any = Consumer
        raw_hands: Any = RawClient
        file_hands: Any = LogFile
        log_hands: Any = PartitionLog
        hands.take_records, raw_hands.record, file_hands.remove_before = takes, makes, keeps
        file_hands.replace, log_hands.advance_start = cleans, begins
        try:
            yield
        finally:
            hands.take_records, raw_hands.record, file_hands.remove_before = sound, raw, removes
            file_hands.replace, log_hands.advance_start = replaces, advances


def held_by_leader(cluster: Cluster, file: LogFile) -> tuple[Whose, set[tuple[int, int]]]:
    """Whose log that is, and what its leader has: offset and epoch of each batch; nothing if it is the leader's own, or nobody leads.

    What a later epoch wrote anew elsewhere a follower throws away alone: that is no word on what others lose.
    """
    found = (
        (number, tp) for number, broker in cluster.brokers.items() for tp, one in logs_on(broker.disk) if one is file
    )
    broker, tp = next(found)
    state = cluster.controller.metadata.partitions.get(tp)
    leader = NO_LEADER if state is None else state.leader
    whose = tp, topic_id_of(cluster.brokers[broker].disk, tp)
    if leader in {NO_LEADER, broker} or topic_id_of(cluster.brokers[leader].disk, tp) != whose[1]:
        return whose, set()
    logs = [its for one, its in logs_on(cluster.brokers[leader].disk) if one == tp]
    return whose, {(stored.base_offset, stored.leader_epoch) for its in logs for stored in its.entries}


def lines_of(batches: Iterable[StoredBatch]) -> Log:
    return decoded(b"".join(stored.data for stored in batches))


def taken_as_it_may(
    cluster: Cluster, file: LogFile, before: Sequence[StoredBatch], after: Sequence[StoredBatch]
) -> Iterator[Line]:
    """Give the records that a cleaner takes from a log for a reason: a later committed one has the key, or it is a tombstone that was
    marked to go by now, or it has no key at all.
    """
    broker, tp = next(
        (broker, tp) for broker in cluster.brokers.values() for tp, one in logs_on(broker.disk) if one is file
    )
    assert broker.process is not None
    committed_to, now_ms = broker.process.partitions[tp].log.high_watermark, broker.process.now_ms
    kept = {line.offset for line in lines_of(after)}
    log = [line for line in lines_of(file.entries) if line.offset < committed_to]
    for stored in before:
        is_marked = stored.header.attributes & 0x40 and stored.header.base_timestamp_ms <= now_ms
        for line in lines_of([stored]):
            is_later_there = any(other.key == line.key and other.offset > line.offset for other in log)
            is_deleted = line.value is None and is_marked
            if line.offset not in kept and (line.key is None or is_later_there or is_deleted):
                yield line


HONEST = Liar()
LIARS = (
    Liar("told one too far", told=one_too_far),
    Liar("told a millisecond late", told=a_millisecond_late),
    Liar("told that it failed", calls_failed=True),
    Liar("given the last twice", given=the_last_twice),
    Liar("given the last two swapped", given=the_last_two_swapped),
    Liar("given all but the first", given=all_but_the_first),
    Liar("given another value", given=another_value),
    Liar("given another time", given=another_time),
    Liar("given one more header", given=one_more_header),
)
