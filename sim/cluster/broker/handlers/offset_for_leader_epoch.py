"""OffsetForLeaderEpoch 2 to 4, for consumers: where a leader epoch ends in this leader's log (KIP-320).

Kafka: KafkaApis.handleOffsetForLeaderEpochRequest, Partition.lastOffsetForLeaderEpoch. The end is that of the log, not of
what is committed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopicResult,
)
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(OffsetForLeaderEpochRequest)
    refused: set[str] = set()
    if not broker.rights.allows_on_cluster(request, Operation.CLUSTER_ACTION, is_told=False):
        names = [topic.topic for topic in wanted.topics]
        refused = broker.rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names)
    touched: list[TopicPartition] = []
    topics = []
    for topic in wanted.topics:
        found = []
        for asked in topic.partitions:
            tp = TopicPartition(topic.topic, asked.partition)
            touched.append(tp)
            if topic.topic in refused:
                found.append(EpochEndOffset(Code.TOPIC_AUTHORIZATION_FAILED, asked.partition))
            else:
                found.append(_find(broker, request, tp, asked))
        topics.append(OffsetForLeaderTopicResult(topic.topic, tuple(found)))
    answer = OffsetForLeaderEpochResponse(topics=tuple(topics))
    request.respond(answer, partitions=touched)


def _find(
    broker: ServingBroker, request: Request, tp: TopicPartition, asked: OffsetForLeaderPartition
) -> EpochEndOffset:
    tampering = broker.tampering
    error = tampering.error_instead(ApiKey.OFFSET_FOR_LEADER_EPOCH, request.client, tp) if tampering else None
    if error is not None:
        return EpochEndOffset(error, asked.partition)
    if tp not in broker.image.partitions:
        return EpochEndOffset(Code.UNKNOWN_TOPIC_OR_PARTITION, asked.partition)
    partition = broker.partitions.get(tp)
    if partition is None:
        return EpochEndOffset(broker.code_without_replica(tp), asked.partition)
    code = partition.check_epoch(asked.current_leader_epoch)
    if code is not Code.NONE:
        return EpochEndOffset(code, asked.partition)
    end = partition.log.end_of_epoch(asked.leader_epoch)
    # A log that has not come as far as that epoch knows no end of it: UNDEFINED_EPOCH_OFFSET.
    return EpochEndOffset(0, asked.partition) if end is None else EpochEndOffset(0, asked.partition, *end)
