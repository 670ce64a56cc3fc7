"""DescribeLogDirs 1 to 5: this broker's directories, and the replicas in them (KIP-113, KIP-827)."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.describe_log_dirs import (
    DescribeLogDirsPartition,
    DescribeLogDirsRequest,
    DescribeLogDirsResponse,
    DescribeLogDirsResult,
    DescribeLogDirsTopic,
)
from sim.cluster.config import log_dir_path
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

VOLUME_BYTES = 1 << 40
"""What each volume has: nobody ever fills it."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeLogDirsRequest)
    if not broker.rights.allows_on_cluster(request, Operation.DESCRIBE):
        request.respond(DescribeLogDirsResponse(error_code=Code.CLUSTER_AUTHORIZATION_FAILED))
        return
    asked = None
    if wanted.topics is not None:
        asked = {TopicPartition(topic, number) for topic, partitions in wanted.topics for number in partitions}
    numbers = range(1, len(broker.disk.directories) + 1)
    results = tuple(_directory(broker, number, asked) for number in numbers)
    request.respond(DescribeLogDirsResponse(results=results))


def _directory(broker: ServingBroker, number: int, asked: set[TopicPartition] | None) -> DescribeLogDirsResult:
    path = log_dir_path(number)
    if not broker.can_write(number):
        return DescribeLogDirsResult(Code.KAFKA_STORAGE_ERROR, path)
    topics: dict[str, list[DescribeLogDirsPartition]] = defaultdict(list)
    used_bytes = 0
    for tp, partition in sorted(broker.partitions.items()):
        if partition.log.directory == number:
            size_bytes = partition.log.size_bytes
            used_bytes += size_bytes
            if asked is None or tp in asked:
                topics[tp.topic].append(DescribeLogDirsPartition(tp.partition, size_bytes, _lag(partition)))
    for future in broker.moves.all():
        if future.number == number:
            tp, size_bytes = future.partition.tp, sum([len(stored.data) for stored in future.file.entries])
            used_bytes += size_bytes
            if asked is None or tp in asked:
                described = DescribeLogDirsPartition(tp.partition, size_bytes, future.lag, is_future_key=True)
                topics[tp.topic].append(described)
    return DescribeLogDirsResult(
        0,
        path,
        tuple(DescribeLogDirsTopic(topic, tuple(partitions)) for topic, partitions in topics.items()),
        VOLUME_BYTES,
        VOLUME_BYTES - used_bytes,
    )


def _lag(partition: Partition) -> int:
    """How far the log is behind what is known to be committed (ReplicaManager.getLogEndOffsetLag)."""
    return max(partition.log.high_watermark - partition.log.end_offset, 0)
