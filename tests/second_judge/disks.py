"""What lies on the brokers' disks at the end of a run: bytes, decoded record by record, every replica beside the others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from producer.records import Headers, TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD, check_crc, decode_records, read_header, split_batches
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
    disks: int = 1
    """On how many disks it lies."""
    corrupt: int = 0
    """On how many of them its batch does not match its CRC. What it was is what matches with one bit flipped."""


Log = tuple[Line, ...]


def named(headers: Headers) -> Id:
    """Whose record that is; `NOBODY` where no header says so."""
    for name, value in headers:
        if name == NAME and value is not None:
            client, _, number = value.decode().rpartition("/")
            return client, int(number)
    return NOBODY


def leaders(cluster: Cluster) -> dict[TopicPartition, int]:
    """Partition -> who leads it in the end."""
    return {tp: cluster.leader_of(tp) for broker in cluster.brokers.values() for tp, _ in logs_on(broker.disk)}


def logs(cluster: Cluster) -> dict[TopicPartition, dict[int, Log]]:
    """Partition -> broker -> its log, by the bytes in the files, from where whoever leads it gives it to anybody."""
    found: dict[TopicPartition, dict[int, Log]] = {}
    read: dict[bytes, Log] = {}
    for number, broker in cluster.brokers.items():
        for tp, file in logs_on(broker.disk):
            data = b"".join(stored.data for stored in file.entries)
            if data not in read:
                read[data] = decoded(data)
            leader = cluster.brokers[cluster.leader_of(tp)].process
            begin = 0 if leader is None else leader.replicas.partitions[tp].log.start_offset
            log = tuple(line for line in read[data] if line.offset >= begin)
            # One that was made in another directory before the first one worked again is nobody's: a broker opens the first.
            found.setdefault(tp, {}).setdefault(number, log)
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
            corrupt=int(not check_crc(batch, 0, header)),
        )
        for header, batch in split_batches(data)
        if not header.is_control
        for record in decode_records(mended(batch))
    )


def mended(batch: bytes) -> bytes:
    """Flip each bit in turn until the batch matches its CRC. Raises StopIteration where more than one is wrong."""
    header = read_header(batch)
    if check_crc(batch, 0, header):
        return batch
    whole = int.from_bytes(batch)
    flipped = ((whole ^ 1 << bit).to_bytes(len(batch)) for bit in range(8 * (len(batch) - BATCH_OVERHEAD)))
    return next(one for one in flipped if check_crc(one, 0, header))


def agreed(
    found: Mapping[TopicPartition, Mapping[int, Log]],
    compacted: Iterable[Line] = (),
    leaders: Mapping[TopicPartition, int] = MappingProxyType({}),
) -> dict[TopicPartition, Log]:
    """Partition -> its log, the same on every disk but for bits that flipped, for old records that a replica removed already, and
    for those that a cleaner took from some of them, as it may. Of these the leader's counts; the longest where nobody says who leads.

    Raises ValueError where two disks differ.
    """
    result = {}
    may_miss = {_identity(line) for line in compacted}
    for tp, replicas in found.items():
        whole = {broker: tuple(line._replace(corrupt=0) for line in replica) for broker, replica in replicas.items()}
        log = max(whole.values(), key=len)
        if any(one != log[len(log) - len(one) :] for one in whole.values()):
            union = sorted({_identity(line) for one in whole.values() for line in one}, key=lambda line: line.offset)
            for one in whole.values():
                here = {_identity(line) for line in one}
                begin = min([line.offset for line in one], default=union[-1].offset + 1)
                missing = [line for line in union if line not in here and line not in may_miss and line.offset > begin]
                if missing or len({line.offset for line in union}) < len(union):
                    msg = f"disks differ in {tp}"
                    raise ValueError(msg)
        log = whole.get(leaders.get(tp, -1), log)
        result[tp] = tuple(
            line._replace(disks=len(copies), corrupt=sum(copy.corrupt for copy in copies))
            for line in log
            for copies in [[copy for one in replicas.values() for copy in one if copy.offset == line.offset]]
        )
    return result


def _identity(line: Line) -> Line:
    """The record without what tells of its batch: a cleaner may take the newest of it."""
    return line._replace(newest_ms=0, disks=1, corrupt=0)
