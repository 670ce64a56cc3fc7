"""OffsetCommit 2 to 10: positions in partitions that there are, to the group's coordinator; topics by id since version 10.

Kafka: KafkaApis.handleOffsetCommitRequest.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestTopic,
    OffsetCommitResponse,
    OffsetCommitResponsePartition,
    OffsetCommitResponseTopic,
)
from sim.cluster.broker.handlers.groups import group_error
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.trace.events import OffsetCommitAnswered, OffsetCommitReceived

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_TOPIC_IDS_SINCE = 10


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, when the positions are committed."""
    wanted = request.decode(OffsetCommitRequest)
    error = group_error(broker, request, Operation.READ, wanted.group_id)
    if error is not None:
        _refuse(request, [], wanted.topics, error)
        return
    refused, passed = [], []
    hidden = broker.rights.refused(request, Operation.READ, ResourceKind.TOPIC, _names(broker, request, wanted))
    for topic in wanted.topics:
        known, unknown, code = _sorted_out(broker, request.version, topic, hidden)
        # A topic that is not there is told of even without partitions.
        if unknown.partitions or unknown is topic:
            refused.append(_told(unknown, code))
        if known.partitions:
            passed.append(known)
    if not passed:
        _answer(request, refused, OffsetCommitResponse())
    else:
        _tell_received(broker, request, wanted.group_id, passed)
        broker.groups.commit(
            wanted._replace(topics=tuple(passed)),
            request.version,
            partial(request.work, _decide, broker, request, wanted.group_id, refused),
            partial(request.work, _decide_against, broker, request, wanted.group_id, refused, passed),
        )


def _names(broker: ServingBroker, request: Request, wanted: OffsetCommitRequest) -> list[str]:
    """Give the names of the topics, as far as there are any for their ids."""
    if request.version < _TOPIC_IDS_SINCE:
        return [topic.name for topic in wanted.topics]
    states = [broker.image.topic_of_id.get(topic.topic_id) for topic in wanted.topics]
    return [state.name for state in states if state is not None]


def _sorted_out(
    broker: ServingBroker, version: int, topic: OffsetCommitRequestTopic, hidden: set[str]
) -> tuple[OffsetCommitRequestTopic, OffsetCommitRequestTopic, Code]:
    """Give what there is of a topic, what there is not, and why not; of `hidden` ones it is not said whether they exist."""
    by_id = version >= _TOPIC_IDS_SINCE
    state = broker.image.topic_of_id.get(topic.topic_id) if by_id else broker.image.topics.get(topic.name)
    name = topic.name if not by_id else "" if state is None else state.name
    if name in hidden:
        return topic._replace(partitions=()), topic, Code.TOPIC_AUTHORIZATION_FAILED
    if state is None:
        code = Code.UNKNOWN_TOPIC_ID if by_id else Code.UNKNOWN_TOPIC_OR_PARTITION
        return topic._replace(partitions=()), topic, code
    topic = topic._replace(name=state.name, topic_id=state.topic_id)
    here = [
        one for one in topic.partitions if TopicPartition(state.name, one.partition_index) in broker.image.partitions
    ]
    gone = [
        one
        for one in topic.partitions
        if TopicPartition(state.name, one.partition_index) not in broker.image.partitions
    ]
    return (
        topic._replace(partitions=tuple(here)),
        topic._replace(partitions=tuple(gone)),
        Code.UNKNOWN_TOPIC_OR_PARTITION,
    )


def _tell_received(
    broker: ServingBroker, request: Request, group: str, topics: Iterable[OffsetCommitRequestTopic]
) -> None:
    now_us, asked = broker.world.now_us, (request.client, request.connection, request.correlation_id)
    for topic in topics:
        for one in topic.partitions:
            place = (group, topic.name, one.partition_index)
            broker.trace.emit(OffsetCommitReceived(now_us, broker.broker_id, *asked, *place, one.committed_offset))


def _decide(
    broker: ServingBroker,
    request: Request,
    group: str,
    refused: Sequence[OffsetCommitResponseTopic],
    response: OffsetCommitResponse,
) -> None:
    """The coordinator has decided: tell of it, and answer."""
    now_us, asked = broker.world.now_us, (request.client, request.connection, request.correlation_id)
    for topic in response.topics:
        for one in topic.partitions:
            place = (group, topic.name, one.partition_index)
            broker.trace.emit(OffsetCommitAnswered(now_us, broker.broker_id, *asked, *place, one.error_code))
    _answer(request, refused, response)


def _decide_against(
    broker: ServingBroker,
    request: Request,
    group: str,
    refused: Sequence[OffsetCommitResponseTopic],
    topics: Iterable[OffsetCommitRequestTopic],
    code: Code,
) -> None:
    told = OffsetCommitResponse(topics=tuple(_told(topic, code) for topic in topics))
    _decide(broker, request, group, refused, told)


def _told(topic: OffsetCommitRequestTopic, code: Code) -> OffsetCommitResponseTopic:
    partitions = tuple(OffsetCommitResponsePartition(one.partition_index, code) for one in topic.partitions)
    return OffsetCommitResponseTopic(topic.name, topic.topic_id, partitions)


def _refuse(
    request: Request,
    refused: Sequence[OffsetCommitResponseTopic],
    topics: Iterable[OffsetCommitRequestTopic],
    code: Code,
) -> None:
    _answer(request, refused, OffsetCommitResponse(topics=tuple(_told(topic, code) for topic in topics)))


def _answer(request: Request, refused: Sequence[OffsetCommitResponseTopic], response: OffsetCommitResponse) -> None:
    """Answer with what was refused before anybody looked, and with what the coordinator says.

    Where something was refused, each topic stands there once (OffsetCommitResponse.Builder.merge).
    """
    if not refused:
        request.respond(response)
        return
    topics: dict[tuple[str, bytes], OffsetCommitResponseTopic] = {}
    for topic in (*refused, *response.topics):
        key = topic.name, topic.topic_id
        before = topics.get(key)
        topics[key] = topic if before is None else before._replace(partitions=before.partitions + topic.partitions)
    request.respond(OffsetCommitResponse(topics=tuple(topics.values())))
