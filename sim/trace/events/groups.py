"""What a member of a group is told and does: the generation or epoch that it is in, its partitions, and the group's positions.

All of it is a client's word. `epoch` is the generation of a classic group, and the member's epoch by the consumer protocol.
"""

from __future__ import annotations

from typing import NamedTuple


class GroupMemberBegan(NamedTuple):
    """Somebody wants to read a topic as a member of a group."""

    at_us: int
    client: str
    group: str
    topic: str
    protocol: str
    """`classic` or `consumer` (KIP-848)."""
    begin: str
    """Where in a partition in which the group has no position: `earliest` or `latest`."""


class GroupMemberLeft(NamedTuple):
    """A member has given up everything and said that it goes."""

    at_us: int
    client: str
    group: str


class GroupMemberHeard(NamedTuple):
    """The coordinator said that it is a member in this epoch, in answer to what it had sent then."""

    at_us: int
    client: str
    group: str
    member: str
    """Its id."""
    epoch: int
    sent_us: int
    """When the request left that this is the answer to: it was a member at some moment from then on."""


class PartitionAssigned(NamedTuple):
    """A member was told that a partition is its own."""

    at_us: int
    client: str
    group: str
    member: str
    epoch: int
    topic: str
    partition: int


class PartitionGivenUp(NamedTuple):
    """A member has a partition no more."""

    at_us: int
    client: str
    group: str
    member: str
    topic: str
    partition: int
    why: str
    """`revoked` (it was asked to), `lost` (it was told that it is no member any more) or `ended` with the run."""


class PositionCommitted(NamedTuple):
    """A member asks its coordinator to remember how far the group has come."""

    at_us: int
    client: str
    group: str
    commit: int
    """Which of the member's commits, from 1."""
    topic: str
    partition: int
    offset: int
    """The next offset to read."""


class CommitAnswered(NamedTuple):
    """A member was told what became of a position that it had committed."""

    at_us: int
    client: str
    group: str
    commit: int
    topic: str
    partition: int
    offset: int
    code: int
    """Kafka's error code; 0 for a position that is remembered, NETWORK_EXCEPTION where no answer came."""


class PositionFetched(NamedTuple):
    """A member was told how far its group has come in a partition."""

    at_us: int
    client: str
    group: str
    topic: str
    partition: int
    offset: int
    """-1 where the group has no position."""
    sent_us: int
    """When it asked."""
