"""DescribeProducers 0: the producers that a replica remembers, whether it leads or follows (KIP-664)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition, is_topic_name
from producer.wire.messages.describe_producers import (
    DescribeProducersRequest,
    DescribeProducersResponse,
    PartitionResponse,
    ProducerState,
    TopicResponse,
)
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeProducersRequest)
    names = [topic.name for topic in wanted.topics if is_topic_name(topic.name)]
    refused = broker.rights.refused(request, Operation.READ, ResourceKind.TOPIC, names)
    topics = tuple(
        TopicResponse(
            topic.name,
            tuple(
                PartitionResponse(index, Code.TOPIC_AUTHORIZATION_FAILED, "Topic authorization failed.")
                if topic.name in refused
                else _describe(broker, topic.name, index)
                for index in topic.partition_indexes
            ),
        )
        for topic in wanted.topics
    )
    request.respond(DescribeProducersResponse(topics=topics))


def _describe(broker: ServingBroker, topic: str, index: int) -> PartitionResponse:
    if not is_topic_name(topic):
        return PartitionResponse(index, Code.INVALID_TOPIC_EXCEPTION, f"No topic can be called {topic!r}")
    if topic not in broker.image.topics:
        return PartitionResponse(index, Code.UNKNOWN_TOPIC_OR_PARTITION, f"There is no topic {topic!r}")
    tp = TopicPartition(topic, index)
    partition = broker.partitions.get(tp)
    if partition is None:
        return PartitionResponse(index, broker.code_without_replica(tp))
    return PartitionResponse(
        index,
        active_producers=tuple(ProducerState(*described) for described in partition.log.producers.described()),
    )
