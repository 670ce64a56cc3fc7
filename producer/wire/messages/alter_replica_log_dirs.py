"""AlterReplicaLogDirs: replicas move to another directory of their broker."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, String


class AlterReplicaLogDirTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[Int32, ...] = ()


class AlterReplicaLogDir(NamedTuple):
    """What shall be in one directory."""

    path: String = ""
    """Absolute."""
    topics: tuple[AlterReplicaLogDirTopic, ...] = ()


class AlterReplicaLogDirsRequest(NamedTuple):
    """Move these."""

    dirs: tuple[AlterReplicaLogDir, ...] = ()


class AlterReplicaLogDirPartitionResult(NamedTuple):
    """Whether one replica moves."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class AlterReplicaLogDirTopicResult(NamedTuple):
    """The partitions of one topic."""

    topic_name: String = ""
    partitions: tuple[AlterReplicaLogDirPartitionResult, ...] = ()


class AlterReplicaLogDirsResponse(NamedTuple):
    """Which replicas move."""

    throttle_time_ms: Int32 = 0
    results: tuple[AlterReplicaLogDirTopicResult, ...] = ()
