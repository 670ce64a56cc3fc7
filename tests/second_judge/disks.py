"""What lies on the brokers' disks at the end of a run: bytes, decoded record by record, every replica beside the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from producer.records import Headers, TopicPartition
from producer.wire.record_batch import decode_records, split_batches
from sim.cluster.broker.log_directory import logs_on
from sim.cluster.cluster import Cluster

NAME = "sent by"
"""The header in which each record carries who sent it, and as which of its records."""

Id = tuple[str, int]
"""Client, and number of the record there."""
NOBODY: Id = ("", -1)


class Line(NamedTuple):
    """One record as it lies on a disk."""

    offset: int
    leader_epoch: int
    """That of its batch."""
    record: Id
    key: bytes | None
    value: bytes | None
    headers: Headers
    timestamp_ms: int
    newest_ms: int
    """The newest time in its batch: what all of them are told if the batch was there already (UnifiedLog.append)."""


Log = tuple[Line, ...]


def named(headers: Headers) -> Id:
    """Whose record that is; `NOBODY` where no header says so."""
    for name, value in headers:
        if name == NAME and value is not None:
            client, _, number = value.decode().rpartition("/")
            return client, int(number)
    return NOBODY


def logs(cluster: Cluster) -> dict[TopicPartition, dict[int, Log]]:
    """Partition -> broker -> its log, by the bytes in the files."""
    found: dict[TopicPartition, dict[int, Log]] = {}
    read: dict[bytes, Log] = {}
    for number, broker in cluster.brokers.items():
        for tp, file in logs_on(broker.disk):
            data = b"".join(stored.data for stored in file.entries)
            if data not in read:
                read[data] = decoded(data)
            found.setdefault(tp, {})[number] = read[data]
    return found


def decoded(data: bytes) -> Log:
    """Read a log's bytes."""
    return tuple(
        Line(
            record.offset,
            header.partition_leader_epoch,
            named(record.headers),
            record.key,
            record.value,
            record.headers,
            record.timestamp_ms,
            header.max_timestamp_ms,
        )
        for header, batch in split_batches(data)
        for record in decode_records(batch)
    )


def agreed(found: Mapping[TopicPartition, Mapping[int, Log]]) -> dict[TopicPartition, Log]:
    """Partition -> its log, the same on every disk. Raises AssertionError where two disks differ."""
    result = {}
    for tp, replicas in found.items():
        (result[tp],) = dict.fromkeys(replicas.values())
    return result
