"""ConsumerGroupDescribe: a group by the consumer protocol as it was committed (ConsumerGroup.asDescribedGroup)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages import consumer_group_describe as messages
from sim.cluster.coordinators.groups.consumer.assignment import joined, without_epochs
from sim.cluster.coordinators.groups.consumer.assignors import DEFAULT_ASSIGNOR
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.consumer_group import ConsumerGroup
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.topics import Topics
    from sim.cluster.coordinators.groups.registry import Groups

_CLASSIC, _CONSUMER = 0, 1
"""Which protocol a member speaks."""


def describe_consumer_group(groups: Groups, topics: Topics, group_id: str) -> messages.DescribedGroup:
    """Describe a group, or say why it cannot be."""
    try:
        group = groups.existing_consumer(group_id, is_committed=True)
    except CoordinatorError as error:
        return messages.DescribedGroup(error_code=error.code, error_message=error.text, group_id=group_id)
    members = group.committed_members()
    return messages.DescribedGroup(
        group_id=group_id,
        group_state=group.state_name,
        group_epoch=group.epoch.get(is_committed=True).epoch,
        assignment_epoch=group.target_epoch.get(is_committed=True).epoch,
        assignor_name=group.preferred_assignor(members) or DEFAULT_ASSIGNOR,
        members=tuple([_described(group, topics, member) for member in members]),
    )


def _described(group: ConsumerGroup, topics: Topics, member: ConsumerMember) -> messages.Member:
    return messages.Member(
        member_id=member.member_id,
        instance_id=member.instance_id,
        rack_id=member.rack_id,
        member_epoch=member.member_epoch,
        client_id=member.client_id,
        client_host=member.client_host,
        subscribed_topic_names=member.topic_names,
        subscribed_topic_regex=member.topic_regex,
        # It answers for what it has to give up until it has.
        assignment=_named(topics, without_epochs(joined(member.assigned, member.revoking))),
        target_assignment=_named(topics, group.target_of(member.member_id, is_committed=True)),
        member_type=_CONSUMER if member.classic is None else _CLASSIC,
    )


def _named(topics: Topics, assignment: Assignment) -> messages.Assignment:
    named = [(topic_id, topics.name_of(topic_id), assignment[topic_id]) for topic_id in sorted(assignment)]
    return messages.Assignment(
        tuple([messages.TopicPartitions(topic_id, name, them) for topic_id, name, them in named if name is not None])
    )
