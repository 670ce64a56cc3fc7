"""OffsetDelete 0: positions of a group go, in partitions that there are (KafkaApis.handleOffsetDeleteRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.offset_delete import (
    OffsetDeleteRequest,
    OffsetDeleteResponse,
    OffsetDeleteResponsePartition,
    OffsetDeleteResponseTopic,
)
from sim.cluster.broker.handlers.groups import group_error
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(OffsetDeleteRequest)
    error = group_error(broker, request, Operation.DELETE, wanted.group_id)
    if error is not None:
        _refuse(request, error)
        return
    known = broker.image.partitions
    refused, passed = [], []
    hidden = broker.rights.refused(request, Operation.READ, ResourceKind.TOPIC, [topic.name for topic in wanted.topics])
    for topic in wanted.topics:
        if topic.name in hidden:
            code = Code.TOPIC_AUTHORIZATION_FAILED
            told = [OffsetDeleteResponsePartition(one.partition_index, code) for one in topic.partitions]
            refused.append(OffsetDeleteResponseTopic(topic.name, tuple(told)))
            continue
        here = [one for one in topic.partitions if TopicPartition(topic.name, one.partition_index) in known]
        gone = [one for one in topic.partitions if TopicPartition(topic.name, one.partition_index) not in known]
        if gone or topic.name not in broker.image.topics:
            told = [OffsetDeleteResponsePartition(one.partition_index, Code.UNKNOWN_TOPIC_OR_PARTITION) for one in gone]
            refused.append(OffsetDeleteResponseTopic(topic.name, tuple(told)))
        if here:
            passed.append(topic._replace(partitions=tuple(here)))
    broker.groups.delete_offsets(
        wanted._replace(topics=tuple(passed)),
        partial(request.work, _answer, request, refused),
        partial(request.work, _refuse, request),
    )


def _refuse(request: Request, code: Code) -> None:
    _answer(request, [], OffsetDeleteResponse(error_code=code))


def _answer(request: Request, refused: list[OffsetDeleteResponseTopic], response: OffsetDeleteResponse) -> None:
    """Answer as OffsetDeleteResponse.Builder does: topics are put together where one of them was refused, and told as asked where none was."""
    if response.error_code == Code.NONE and refused:
        topics: dict[str, OffsetDeleteResponseTopic] = {}
        for topic in (*refused, *response.topics):
            before = topics.get(topic.name)
            partitions = topic.partitions if before is None else before.partitions + topic.partitions
            topics[topic.name] = OffsetDeleteResponseTopic(topic.name, partitions)
        response = response._replace(topics=tuple(topics.values()))
    request.respond(response)
