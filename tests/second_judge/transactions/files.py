"""Records as they lie on the disks, each with whether it counts: by the next marker of its producer behind it, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from producer.records import TopicPartition
from producer.wire.end_markers import read_end_marker
from producer.wire.record_batch import decode_records, split_batches
from sim.cluster.broker.log_directory import logs_on
from sim.cluster.cluster import Cluster
from sim.cluster.coordinators.groups.record_kinds import OFFSET_COMMIT
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from tests.second_judge.disks import Id, named


class Line(NamedTuple):
    """One record on a disk, and whether it counts."""

    where: TopicPartition
    offset: int
    record: Id
    key: bytes | None
    value: bytes | None
    counts: bool
    """It is in no transaction, or the next marker of its producer behind it is a commit."""


def lines(cluster: Cluster) -> list[Line]:
    """Read the log of each partition, as its leader has it. Raises AssertionError where two disks differ."""
    found: dict[TopicPartition, dict[int, bytes]] = {}
    for number, broker in cluster.brokers.items():
        for where, file in logs_on(broker.disk):
            found.setdefault(where, {})[number] = b"".join(stored.data for stored in file.entries)
    result = []
    for where, replicas in found.items():
        data = replicas[cluster.leader_of(where)]
        assert set(replicas.values()) == {data}, f"disks differ in {where}"
        result += lines_of(where, data)
    return result


def lines_of(where: TopicPartition, data: bytes) -> list[Line]:
    """Read one log."""
    batches = list(split_batches(data))
    found = []
    for place, (header, batch) in enumerate(batches):
        if header.is_control:
            continue
        behind = [
            read_end_marker(later)
            for its_header, later in batches[place + 1 :]
            if its_header.is_control and its_header.producer_id == header.producer_id
        ]
        counts = not header.is_transactional or (bool(behind) and behind[0] is not None and behind[0].is_commit)
        found += [
            Line(where, one.offset, named(one.headers), one.key, one.value, counts) for one in decode_records(batch)
        ]
    return found


def stored_positions(lines: Iterable[Line]) -> dict[TopicPartition, int]:
    """How far a group has come by the last position that counts of each partition; there is one group."""
    stored: dict[TopicPartition, int] = {}
    for line in lines:
        if line.where.topic != CONSUMER_OFFSETS or not line.counts or not line.key or not line.value:
            continue
        if number_of(line.key) == OFFSET_COMMIT.number:
            key = OFFSET_COMMIT.read_key(line.key)
            stored[TopicPartition(key.topic, key.partition)] = OFFSET_COMMIT.read_value(line.value).offset
    return stored


def positions_at_leaders(cluster: Cluster) -> dict[TopicPartition, int] | None:
    """The same by what leaders have on their disks now; None while a partition of `__consumer_offsets` has no leader."""
    found: list[Line] = []
    for where in cluster.controller.metadata.partitions:
        if where.topic == CONSUMER_OFFSETS:
            leader = cluster.leader_of(where)
            if leader < 0:
                return None
            for tp, file in logs_on(cluster.brokers[leader].disk):
                if tp == where:
                    found += lines_of(where, b"".join(stored.data for stored in file.entries))
    return stored_positions(found)
