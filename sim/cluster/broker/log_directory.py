"""The logs of partitions as they lie on a broker's disk: one file each, named as Kafka names its folders.

Kafka: LogManager, UnifiedLog.parseTopicPartitionName, PartitionMetadataFile, CleanShutdownFileHandler. What a process knows of its logs is no more
than what it has opened so far; what a disk can lose is what lies on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from producer.wire.record_batch import BATCH_OVERHEAD
from sim.cluster.messages import NO_EPOCH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.cluster.messages import StoredBatch
    from sim.world.disk import Disk, DiskFile

CHECKPOINT_FILE = "replication-offset-checkpoint"
"""The high watermarks. No log is called so, since a log's name ends in a number."""
CLEAN_SHUTDOWN_FILE = ".kafka_cleanshutdown"
"""The broker epoch of a life that ended in good order; the next life takes the file away (KIP-966)."""
_NO_LOGS = (CHECKPOINT_FILE, CLEAN_SHUTDOWN_FILE)
_METADATA_FILE = "/partition.metadata"
"""In a log's folder: the id of its topic, since another one may have its name later."""


def log_name(tp: TopicPartition) -> str:
    """What the file of a partition's log is called."""
    return str(tp)


def log_file(disk: Disk, tp: TopicPartition) -> DiskFile[StoredBatch]:
    """Return the file of a log that is there."""
    return disk.file(log_name(tp))


def logs_on(disk: Disk) -> list[tuple[TopicPartition, DiskFile[StoredBatch]]]:
    """List the logs on a disk, whether a process has opened them or not."""
    return [
        (_named(name), file)
        for name, file in disk.files.items()
        if name not in _NO_LOGS and not name.endswith(_METADATA_FILE)
    ]


def open_log(disk: Disk, tp: TopicPartition, topic_id: bytes) -> DiskFile[StoredBatch]:
    """Return the file of a partition's log, made empty when there is none."""
    metadata: DiskFile[bytes] = disk.file(f"{tp}{_METADATA_FILE}")
    if not metadata.entries:
        # Kafka flushes it before the first record.
        metadata.append(topic_id)
        metadata.fsync()
    return log_file(disk, tp)


def remove_log(disk: Disk, tp: TopicPartition) -> int:
    """Remove a partition's log; give where it ended.

    Kafka renames the folder at once and removes it a minute later (file.delete.delay.ms); nobody reads it in between.
    """
    disk.files.pop(f"{tp}{_METADATA_FILE}", None)
    return _end_offset(disk.files.pop(log_name(tp)))


def cut_short(disk: Disk, tp: TopicPartition, batches: int) -> None:
    """Let the file of a log end so many batches earlier, or be empty. Raises KeyError if there is none."""
    file: DiskFile[StoredBatch] = disk.files[log_name(tp)]
    file.truncate(max(len(file.entries) - batches, 0))


def flip_bit(disk: Disk, tp: TopicPartition, offset: int) -> StoredBatch | None:
    """Flip a bit in the middle of the records of the batch that holds an offset; a second flip is as none.

    Gives the batch as it lies there now; None if the log does not have the offset. Raises KeyError if there is none.
    """
    entries: list[StoredBatch] = disk.files[log_name(tp)].entries
    for place, stored in enumerate(entries):
        if stored.base_offset <= offset <= stored.last_offset:
            data = bytearray(stored.data)
            data[(BATCH_OVERHEAD + len(data)) // 2] ^= 1
            entries[place] = stored._replace(data=bytes(data))
            return entries[place]
    return None


def unsync(disk: Disk, tp: TopicPartition) -> None:
    """Flush nothing of a log any more, whatever the disk says. Raises KeyError if there is none."""
    disk.files[log_name(tp)].is_unsynced = True


def topic_id_of(disk: Disk, tp: TopicPartition) -> bytes | None:
    """Return the id of the topic that a log belongs to; None where there is no such log."""
    metadata = disk.files.get(f"{tp}{_METADATA_FILE}")
    return metadata.entries[0] if metadata is not None and metadata.entries else None


def logs_by_topic_id(disk: Disk) -> Iterator[tuple[TopicPartition, bytes]]:
    """Go through the logs on a disk and the topics that they belong to."""
    for name, file in tuple(disk.files.items()):
        if name.endswith(_METADATA_FILE):
            yield _named(name.removesuffix(_METADATA_FILE)), file.entries[0]


def log_end_offsets(disk: Disk) -> dict[TopicPartition, int]:
    """Say where each log on a disk ends."""
    return {tp: _end_offset(file) for tp, file in logs_on(disk)}


def take_clean_shutdown_file(disk: Disk) -> int:
    """Return the broker epoch that the life before left on ending in good order, -1 if it did not; and remove it."""
    file = disk.files.pop(CLEAN_SHUTDOWN_FILE, None)
    if file is None or not file.entries:
        return NO_EPOCH
    broker_epoch: int = file.entries[0]
    return broker_epoch


def write_clean_shutdown_file(disk: Disk, broker_epoch: int) -> None:
    """Leave word that everything was flushed, durably."""
    file = disk.file(CLEAN_SHUTDOWN_FILE)
    file.append(broker_epoch)
    file.fsync()


def _end_offset(file: DiskFile[StoredBatch]) -> int:
    return file.entries[-1].last_offset + 1 if file.entries else 0


def _named(name: str) -> TopicPartition:
    topic, _, number = name.rpartition("-")
    return TopicPartition(topic, int(number))
