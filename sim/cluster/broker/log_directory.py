"""The logs of partitions as they lie on a broker's disk: one file each, named as Kafka names its folders.

Kafka: LogManager, UnifiedLog.parseTopicPartitionName, CleanShutdownFileHandler. What a process knows of its logs is no more
than what it has opened so far; what a disk can lose is what lies on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.cluster.messages import NO_EPOCH

if TYPE_CHECKING:
    from sim.cluster.messages import StoredBatch
    from sim.world.disk import Disk, DiskFile

CHECKPOINT_FILE = "replication-offset-checkpoint"
"""The high watermarks. No log is called so, since a log's name ends in a number."""
CLEAN_SHUTDOWN_FILE = ".kafka_cleanshutdown"
"""The broker epoch of a life that ended in good order; the next life takes the file away (KIP-966)."""
_NO_LOGS = (CHECKPOINT_FILE, CLEAN_SHUTDOWN_FILE)


def log_name(tp: TopicPartition) -> str:
    """What the file of a partition's log is called."""
    return str(tp)


def log_file(disk: Disk, tp: TopicPartition) -> DiskFile[StoredBatch]:
    """Return the file of a partition's log, made empty when there is none."""
    return disk.file(log_name(tp))


def logs_on(disk: Disk) -> list[tuple[TopicPartition, DiskFile[StoredBatch]]]:
    """List the logs on a disk, whether a process has opened them or not."""
    return [(_named(name), file) for name, file in disk.files.items() if name not in _NO_LOGS]


def log_end_offsets(disk: Disk) -> dict[TopicPartition, int]:
    """Say where each log on a disk ends."""
    return {tp: file.entries[-1].last_offset + 1 if file.entries else 0 for tp, file in logs_on(disk)}


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


def _named(name: str) -> TopicPartition:
    topic, _, number = name.rpartition("-")
    return TopicPartition(topic, int(number))
