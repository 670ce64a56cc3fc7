"""AlterReplicaLogDirs 1 and 2: replicas that shall lie in another directory of this broker (KIP-113).

The answer says that a move has begun, or why not; when it is over, DescribeLogDirs tells.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.alter_replica_log_dirs import (
    AlterReplicaLogDirPartitionResult,
    AlterReplicaLogDirsRequest,
    AlterReplicaLogDirsResponse,
    AlterReplicaLogDirTopicResult,
)
from sim.cluster.config import log_dir_path
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(AlterReplicaLogDirsRequest)
    numbers = {log_dir_path(number): number for number in range(1, len(broker.disk.directories) + 1)}
    # A replica that shall lie in two directories shall lie in the last.
    paths = {
        TopicPartition(topic, partition): path
        for path, topics in wanted.dirs
        for topic, partitions in topics
        for partition in partitions
    }
    is_allowed = broker.rights.allows_on_cluster(request, Operation.ALTER)
    found: dict[str, list[AlterReplicaLogDirPartitionResult]] = defaultdict(list)
    for tp, path in paths.items():
        code = _code(broker, numbers.get(path), tp) if is_allowed else Code.CLUSTER_AUTHORIZATION_FAILED
        found[tp.topic].append(AlterReplicaLogDirPartitionResult(tp.partition, code))
    results = tuple(AlterReplicaLogDirTopicResult(topic, tuple(partitions)) for topic, partitions in found.items())
    request.respond(AlterReplicaLogDirsResponse(results=results))


def _code(broker: ServingBroker, number: int | None, tp: TopicPartition) -> Code:
    if number is None:
        return Code.LOG_DIR_NOT_FOUND
    if not broker.can_write(number) or tp in broker.offline:
        return Code.KAFKA_STORAGE_ERROR
    partition = broker.partitions.get(tp)
    if partition is None:
        code = broker.code_without_replica(tp)
        return Code.REPLICA_NOT_AVAILABLE if code is Code.NOT_LEADER_OR_FOLLOWER else code
    return broker.moves.want(partition, number)
