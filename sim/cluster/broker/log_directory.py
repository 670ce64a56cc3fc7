"""The logs of partitions as they lie on a broker's disk: one file each, named as Kafka names its folders.

Kafka: LogManager, and UnifiedLog.parseTopicPartitionName. What a process knows of its logs is no more than what it has
opened so far; what a disk can lose is what lies on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition

if TYPE_CHECKING:
    from sim.cluster.messages import StoredBatch
    from sim.world.disk import Disk, DiskFile

CHECKPOINT_FILE = "replication-offset-checkpoint"
"""The one file beside the logs: the high watermarks. No log is called so, since a log's name ends in a number."""


def log_file(disk: Disk, tp: TopicPartition) -> DiskFile[StoredBatch]:
    """Return the file of a partition's log, made empty when there is none."""
    return disk.file(str(tp))


def log_end_offsets(disk: Disk) -> dict[TopicPartition, int]:
    """Say where each log on a disk ends, whether a process has opened it or not."""
    return {
        _named(name): file.entries[-1].last_offset + 1 if file.entries else 0
        for name, file in disk.files.items()
        if name != CHECKPOINT_FILE
    }


def _named(name: str) -> TopicPartition:
    topic, _, number = name.rpartition("-")
    return TopicPartition(topic, int(number))
