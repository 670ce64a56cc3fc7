"""CreatePartitions at the controller: each topic for itself (ControllerApis, ReplicationControlManager.createPartitions)."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.create_partitions import (
    CreatePartitionsRequest,
    CreatePartitionsResponse,
    CreatePartitionsTopic,
    CreatePartitionsTopicResult,
)
from sim.cluster.controller.apis.deadline import check_deadline
from sim.cluster.controller.assignment import check_assignment
from sim.cluster.controller.placement import place
from sim.cluster.envelope import RefusedError
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.controller.decisions import Decisions
    from sim.cluster.metadata_states import TopicState
    from sim.cluster.security.rights import Asker

RECORDS_MAX = 100_000
"""New partitions of one request. Apache Kafka was seen to take 10,002, and to fall over 989,995."""


def handle(decisions: Decisions, wanted: CreatePartitionsRequest, asker: Asker) -> CreatePartitionsResponse:
    """Add what can be, unless it is only to be validated. Raises RefusedError for the whole of a request."""
    check_deadline(wanted.timeout_ms)
    times = Counter(topic.name for topic in wanted.topics)
    results = [
        CreatePartitionsTopicResult(name, Code.INVALID_REQUEST, "Duplicate topic name.")
        for name, count in times.items()
        if count > 1
    ]
    once = [topic for topic in wanted.topics if times[topic.name] == 1]
    refused = decisions.rights.refused(asker, Operation.ALTER, ResourceKind.TOPIC, [topic.name for topic in once])
    results += [
        CreatePartitionsTopicResult(topic.name, Code.TOPIC_AUTHORIZATION_FAILED)
        if topic.name in refused
        else _result_of(decisions, topic, is_real=not wanted.validate_only)
        for topic in once
    ]
    decisions.metadata.commit()
    return CreatePartitionsResponse(results=tuple(results))


def _result_of(decisions: Decisions, topic: CreatePartitionsTopic, *, is_real: bool) -> CreatePartitionsTopicResult:
    try:
        known = decisions.metadata.topics.get(topic.name)
        if known is None:
            raise RefusedError(Code.UNKNOWN_TOPIC_OR_PARTITION)
        replicas = _replicas(decisions, known, topic)
    except RefusedError as error:
        return CreatePartitionsTopicResult(topic.name, *error.refusal)
    if is_real:
        decisions.replication.put_partitions(known, replicas)
    return CreatePartitionsTopicResult(topic.name)


def _replicas(decisions: Decisions, known: TopicState, topic: CreatePartitionsTopic) -> tuple[tuple[int, ...], ...]:
    states = decisions.replication.partitions_of(known.name)
    additional = int(topic.count) - len(states)
    if additional <= 0:
        text = f"The topic {known.name} has {len(states)} partition(s) already; {topic.count} would be no increase."
        raise RefusedError(Code.INVALID_PARTITIONS, text)
    if additional > RECORDS_MAX:
        raise RefusedError(Code.UNKNOWN_SERVER_ERROR)
    replication_factor = len(states[0].replicas)
    if topic.assignments is not None and len(topic.assignments) != additional:
        text = f"{additional} partition(s) are to be added, and {len(topic.assignments)} assignment(s) are given."
        raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, text)
    decisions.permits.take(additional)
    if topic.assignments is None:
        return place(
            decisions.metadata.usable_brokers(),
            decisions.placement_of(known.name),
            partitions=additional,
            replication_factor=replication_factor,
        )
    replicas = tuple(assignment.broker_ids for assignment in topic.assignments)
    for number, brokers in enumerate(replicas, len(states)):
        check_assignment(decisions.metadata, brokers, replication_factor)
        if not any(decisions.metadata.is_active(broker) for broker in brokers):
            text = f"No broker of partition {number} is in service: {brokers}"
            raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, text)
    return replicas
