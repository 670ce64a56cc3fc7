"""ConsumerGroupDescribe 0 to 1: groups by the consumer protocol, each with an error of its own.

Kafka: KafkaApis.handleConsumerGroupDescribe, GroupCoordinatorService.consumerGroupDescribe.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.consumer_group_describe import (
    ConsumerGroupDescribeRequest,
    ConsumerGroupDescribeResponse,
    DescribedGroup,
)
from sim.cluster.broker.handlers.groups import consumer_protocol_error
from sim.cluster.coordinators.shard import CoordinatorError
from sim.cluster.features import GROUP
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(ConsumerGroupDescribeRequest)
    are_told = wanted.include_authorized_operations
    # Those without a name are told of first: nobody has to be asked. Where no group is described, each is refused in its place.
    is_on = bool(broker.image.features.get(GROUP.name))
    group_ids = sorted(wanted.group_ids, key=bool) if is_on else wanted.group_ids
    groups = [_described(broker, request, group_id, are_told=are_told) for group_id in group_ids]
    request.respond(ConsumerGroupDescribeResponse(groups=tuple(groups)))


def _described(broker: ServingBroker, request: Request, group_id: str, *, are_told: bool) -> DescribedGroup:
    error = consumer_protocol_error(broker, request)
    if error is not None:
        return DescribedGroup(error_code=error, group_id=group_id)
    if not broker.rights.allows(request, Operation.DESCRIBE, ResourceKind.GROUP, group_id):
        return DescribedGroup(error_code=Code.GROUP_AUTHORIZATION_FAILED, group_id=group_id)
    if not group_id:
        return DescribedGroup(error_code=Code.INVALID_GROUP_ID, group_id=group_id)
    try:
        group = broker.groups.describe_consumer_group(group_id)
    except CoordinatorError as refusal:
        return DescribedGroup(error_code=refusal.code, group_id=group_id)
    if _has_hidden_topics(broker, request, group):
        text = "The group has described topic(s) that the client is not authorized to describe."
        return DescribedGroup(Code.TOPIC_AUTHORIZATION_FAILED, text, group_id)
    if are_told and group.error_code == Code.NONE:
        operations = broker.rights.operations(request, ResourceKind.GROUP, group_id)
        return group._replace(authorized_operations=operations)
    return group


def _has_hidden_topics(broker: ServingBroker, request: Request, group: DescribedGroup) -> bool:
    """Whether a member reads, or is to read, a topic that may not be described."""
    names = [
        topic.topic_name
        for member in group.members
        for assignment in (member.assignment, member.target_assignment)
        for topic in assignment.topic_partitions
    ]
    return bool(broker.rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names))
