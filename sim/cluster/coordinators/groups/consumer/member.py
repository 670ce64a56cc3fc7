"""One member of a group by the consumer protocol, as its records have it (Kafka's ConsumerGroupMember)."""

from __future__ import annotations

from typing import NamedTuple

from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_OWNED, Owned
from sim.cluster.coordinators.groups.consumer.member_state import MemberState
from sim.cluster.coordinators.groups.consumer.records import ClassicMemberMetadata

JOINING_EPOCH = 0
LEFT_EPOCH = -1
LEFT_FOR_A_WHILE_EPOCH = -2
"""Of a static member that will be back."""


class ConsumerMember(NamedTuple):
    """A member. Every change makes another."""

    member_id: str
    member_epoch: int = JOINING_EPOCH
    previous_epoch: int = -1
    """The one before: who did not hear of the new one may still come with it."""
    state: MemberState = MemberState.STABLE
    instance_id: str | None = None
    rack_id: str | None = None
    rebalance_timeout_ms: int = -1
    """How long it may take to give up partitions."""
    client_id: str = ""
    client_host: str = ""
    topic_names: tuple[str, ...] = ()
    """In alphabetical order, each once."""
    topic_regex: str = ""
    server_assignor: str | None = None
    assigned: Owned = NOTHING_OWNED
    revoking: Owned = NOTHING_OWNED
    """What it has to give up, and has not yet."""
    classic: ClassicMemberMetadata | None = None
    """Set while it speaks the classic protocol to this group."""

    def is_reconciled_to(self, assignment_epoch: int) -> bool:
        """Whether it has what that target gives it."""
        return self.state is MemberState.STABLE and self.member_epoch == assignment_epoch

    def in_epoch(self, epoch: int) -> ConsumerMember:
        """Give it in an epoch, the one it was in behind it."""
        return self._replace(member_epoch=epoch, previous_epoch=self.member_epoch)

    def epoch_of(self, topic_id: bytes, partition: int) -> int | None:
        """Since when it has a partition, be it one that it has to give up; None if it has not."""
        epoch = self.assigned.get(topic_id, {}).get(partition)
        return self.revoking.get(topic_id, {}).get(partition) if epoch is None else epoch
