"""DescribeTopicPartitions 0: topics by name, page by page, with the replicas that may still be elected (KIP-966).

Kafka: DescribeTopicPartitionsRequestHandler. Topics come in the order of their names, and a page ends within one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import is_topic_name
from producer.wire.messages.describe_topic_partitions import (
    Cursor,
    DescribeTopicPartitionsRequest,
    DescribeTopicPartitionsResponse,
    DescribeTopicPartitionsResponsePartition,
    DescribeTopicPartitionsResponseTopic,
)
from sim.cluster.internal_topics import is_internal
from sim.cluster.metadata_states import NO_LEADER
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.metadata_states import PartitionState

PARTITIONS_MAX = 2_000
"""Of one page (max.request.partition.size.limit)."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(DescribeTopicPartitionsRequest)
    code = _refusal(wanted)
    if code is not Code.NONE:
        refused = tuple(DescribeTopicPartitionsResponseTopic(code, topic.name) for topic in wanted.topics)
        request.respond(DescribeTopicPartitionsResponse(topics=refused))
    else:
        request.respond(_page(broker, request, wanted))


def _refusal(wanted: DescribeTopicPartitionsRequest) -> Code:
    """Whether the whole request is refused: for a cursor that is none, or an empty name."""
    cursor = wanted.cursor
    if cursor is not None:
        is_asked_for = not wanted.topics or any(topic.name == cursor.topic_name for topic in wanted.topics)
        if not is_asked_for or cursor.partition_index < 0:
            return Code.INVALID_REQUEST
    # Kafka falls over a name that is empty, and says so of every topic (seen on 4.3.1).
    return Code.NONE if all(topic.name for topic in wanted.topics) else Code.UNKNOWN_SERVER_ERROR


def _page(
    broker: ServingBroker, request: Request, wanted: DescribeTopicPartitionsRequest
) -> DescribeTopicPartitionsResponse:
    image, rights = broker.image, broker.rights
    first, start = wanted.cursor or Cursor()
    asked = {topic.name for topic in wanted.topics}
    names = sorted(asked or set(image.topics))
    hidden = rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names, is_told=bool(asked))
    left = max(1, min(wanted.response_partition_limit, PARTITIONS_MAX))
    topics: list[DescribeTopicPartitionsResponseTopic] = []
    # Whether one that may not be described exists is not said; who asks for all does not hear of it.
    unknown: list[DescribeTopicPartitionsResponseTopic] = [
        DescribeTopicPartitionsResponseTopic(Code.TOPIC_AUTHORIZATION_FAILED, name)
        for name in names
        if name in hidden and name in asked and name >= first
    ]
    following = None
    for name in (name for name in names if name >= first and name not in hidden):
        known = image.topics.get(name)
        operations = rights.operations(request, ResourceKind.TOPIC, name)
        if known is None:
            code = Code.UNKNOWN_TOPIC_OR_PARTITION if is_topic_name(name) else Code.INVALID_TOPIC_EXCEPTION
            text = DescribeTopicPartitionsResponseTopic(code, name)
            unknown.append(text._replace(is_internal=is_internal(name), topic_authorized_operations=operations))
            continue
        if left == 0:
            following = Cursor(name, 0)
            break
        states = [state for _, state in sorted(image.partitions_of.get(name, {}).items())]
        begin = start if name == first else 0
        told = states[begin : begin + left]
        topics.append(
            DescribeTopicPartitionsResponseTopic(
                0,
                name,
                known.topic_id,
                is_internal(name),
                tuple(_partition(broker, state) for state in told),
                operations,
            )
        )
        left -= len(told)
        if begin + len(told) < len(states):
            following = Cursor(name, begin + len(told))
            break
    return DescribeTopicPartitionsResponse(topics=(*unknown, *topics), next_cursor=following)


def _partition(broker: ServingBroker, state: PartitionState) -> DescribeTopicPartitionsResponsePartition:
    image = broker.image
    last_known = () if state.last_known_leader == NO_LEADER else (state.last_known_leader,)
    return DescribeTopicPartitionsResponsePartition(
        0,
        state.tp.partition,
        state.leader if image.is_alive(state.leader) else NO_LEADER,
        state.leader_epoch,
        state.replicas,
        state.isr,
        state.eligible_leader_replicas,
        last_known,
        tuple(replica for replica in state.replicas if image.is_offline(state, replica)),
    )
