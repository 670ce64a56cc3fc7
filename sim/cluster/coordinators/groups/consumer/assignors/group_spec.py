"""What an assignor is told of a group (Kafka's GroupSpec, SubscribedTopicDescriber)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sim.cluster.coordinators.groups.consumer.assignment import Assignment


class MemberSpec(NamedTuple):
    """A member."""

    member_id: str
    instance_id: str | None
    topic_ids: tuple[bytes, ...]
    """The topics that it reads, of those that there are."""
    assigned: Assignment
    """What it should have up to now."""


class GroupSpec(NamedTuple):
    """A group, its members in the order in which the coordinator goes through them."""

    members: tuple[MemberSpec, ...]
    are_alike: bool
    """Whether all members read the same."""
    partitions: Mapping[bytes, int]
    """Of each topic that some member reads."""
