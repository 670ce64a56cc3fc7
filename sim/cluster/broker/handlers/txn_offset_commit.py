"""TxnOffsetCommit 0 to 5: positions that count when a transaction commits, to the group's coordinator.

Kafka: KafkaApis.handleTxnOffsetCommitRequest. Since version 5 the group's partition need not be in the transaction: it is added.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
    TxnOffsetCommitResponsePartition,
    TxnOffsetCommitResponseTopic,
)
from sim.cluster.broker.handlers.transactions import id_error
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_LOADING_SINCE = 2
"""Producers before that fall over COORDINATOR_LOAD_IN_PROGRESS (KAFKA-7296)."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, when the positions are written."""
    wanted = request.decode(TxnOffsetCommitRequest)
    rights = broker.rights
    error = id_error(broker, request, Operation.WRITE, wanted.transactional_id)
    if error is None and not rights.allows(request, Operation.READ, ResourceKind.GROUP, wanted.group_id):
        error = Code.GROUP_AUTHORIZATION_FAILED
    if error is not None:
        _refuse(request, [], wanted.topics, error)
        return
    refused, passed = [], []
    hidden = rights.refused(request, Operation.READ, ResourceKind.TOPIC, [topic.name for topic in wanted.topics])
    for topic in wanted.topics:
        if topic.name in hidden:
            refused.append(_told(topic, Code.TOPIC_AUTHORIZATION_FAILED))
            continue
        here = tuple([
            asked
            for asked in topic.partitions
            if TopicPartition(topic.name, asked.partition_index) in broker.image.partitions
        ])  # fmt: skip
        gone = tuple([asked for asked in topic.partitions if asked not in here])
        if gone:
            refused.append(_told(topic._replace(partitions=gone), Code.UNKNOWN_TOPIC_OR_PARTITION))
        if here:
            passed.append(topic._replace(partitions=here))
    if not passed:
        _answer(request, refused, TxnOffsetCommitResponse())
    else:
        broker.groups.commit_in_transaction(
            wanted._replace(topics=tuple(passed)),
            request.version,
            partial(request.work, _answer, request, refused),
            partial(request.work, _refuse, request, refused, passed),
        )


def _told(topic: TxnOffsetCommitRequestTopic, code: Code) -> TxnOffsetCommitResponseTopic:
    partitions = tuple([TxnOffsetCommitResponsePartition(one.partition_index, code) for one in topic.partitions])
    return TxnOffsetCommitResponseTopic(topic.name, partitions)


def _refuse(
    request: Request,
    refused: Iterable[TxnOffsetCommitResponseTopic],
    topics: Iterable[TxnOffsetCommitRequestTopic],
    code: Code,
) -> None:
    if code is Code.COORDINATOR_LOAD_IN_PROGRESS and request.version < _LOADING_SINCE:
        code = Code.COORDINATOR_NOT_AVAILABLE
    _answer(request, refused, TxnOffsetCommitResponse(topics=tuple([_told(topic, code) for topic in topics])))


def _answer(
    request: Request, refused: Iterable[TxnOffsetCommitResponseTopic], response: TxnOffsetCommitResponse
) -> None:
    """Answer with what was refused before anybody looked, and with what the coordinator says; each topic once."""
    topics: dict[str, TxnOffsetCommitResponseTopic] = {}
    for topic in (*refused, *response.topics):
        before = topics.get(topic.name)
        topics[topic.name] = (
            topic if before is None else before._replace(partitions=before.partitions + topic.partitions)
        )
    request.respond(TxnOffsetCommitResponse(topics=tuple(topics.values())))
