"""The next step of a member towards its target: give up, then take what is free (Kafka's CurrentAssignmentBuilder)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.transitions import move
from sim.cluster.coordinators.groups.consumer.assignment import NOTHING_OWNED, joined, owns_any
from sim.cluster.coordinators.groups.consumer.member_state import TRANSITIONS, MemberInput, MemberState
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.cluster.coordinators.groups.consumer.assignment import Assignment, Owned
    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember


class Reconciliation:
    """What one step has to go by."""

    __slots__ = ("_claimed", "_owned", "_subscribed", "_target", "_target_epoch")

    def __init__(
        self,
        target: Assignment,
        *,
        target_epoch: int,
        subscribed: Collection[bytes],
        owned: Collection[tuple[bytes, int]],
        claimed: Assignment | None,
    ) -> None:
        """`subscribed` are the topics that the member reads, `owned` what any member has; `claimed` what it says it has."""
        self._target = target
        self._target_epoch = target_epoch
        self._subscribed = subscribed
        self._owned = owned
        self._claimed = claimed

    def step(self, member: ConsumerMember, *, has_new_subscription: bool) -> ConsumerMember:
        """Give the member after the step; the same one if there is none to take."""
        state = member.state
        if state is MemberState.STABLE and member.member_epoch == self._target_epoch:
            return self._without_unread(member) if has_new_subscription else member
        if state is MemberState.UNREVOKED_PARTITIONS and owns_any(self._claimed, member.revoking):
            return self._without_unread(member) if has_new_subscription else member
        if state is MemberState.UNKNOWN:
            if self._claimed is None or self._claimed:
                text = "The consumer group member is in a unknown state. The member must abandon all its partitions and rejoin."
                raise CoordinatorError(Code.FENCED_MEMBER_EPOCH, text)
            member = member._replace(member_epoch=self._target_epoch)
        return self._towards_target(member)

    def _without_unread(self, member: ConsumerMember) -> ConsumerMember:
        """Take from it what it does not read any more, within its epoch."""
        kept = {topic_id: epochs for topic_id, epochs in member.assigned.items() if topic_id in self._subscribed}
        if len(kept) == len(member.assigned):
            return member
        lost = {topic_id: epochs for topic_id, epochs in member.assigned.items() if topic_id not in kept}
        revoking = joined(member.revoking, lost)
        member = member.in_epoch(member.member_epoch)._replace(assigned=kept)
        if owns_any(self._claimed, revoking):
            return _moved(member, MemberInput.MUST_REVOKE)._replace(revoking=revoking)
        return member

    def _towards_target(self, member: ConsumerMember) -> ConsumerMember:
        kept: dict[bytes, dict[int, int]] = {}
        lost: dict[bytes, dict[int, int]] = {}
        for topic_id, epochs in member.assigned.items():
            wanted = self._wanted(topic_id)
            for partition, epoch in epochs.items():
                (kept if partition in wanted else lost).setdefault(topic_id, {})[partition] = epoch
        if lost and owns_any(self._claimed, lost):
            member = _moved(member.in_epoch(member.member_epoch), MemberInput.MUST_REVOKE)
            return member._replace(assigned=kept, revoking=lost)
        has_unreleased = self._take_free(member.revoking, kept)
        given = MemberInput.MUST_WAIT if has_unreleased else MemberInput.REACHED
        return _moved(member.in_epoch(self._target_epoch), given)._replace(assigned=kept, revoking=NOTHING_OWNED)

    def _take_free(self, own: Owned, kept: dict[bytes, dict[int, int]]) -> bool:
        """Add what nobody else has. Returns whether something is left that others have."""
        has_unreleased = False
        for topic_id in self._target:
            for partition in self._wanted(topic_id):
                if partition in kept.get(topic_id, {}):
                    continue
                if (topic_id, partition) in self._owned and partition not in own.get(topic_id, {}):
                    has_unreleased = True
                else:
                    kept.setdefault(topic_id, {})[partition] = self._target_epoch
        return has_unreleased

    def _wanted(self, topic_id: bytes) -> tuple[int, ...]:
        return self._target.get(topic_id, ()) if topic_id in self._subscribed else ()


def _moved(member: ConsumerMember, given: MemberInput) -> ConsumerMember:
    return member._replace(state=move(TRANSITIONS, member.state, given, whose=f"member {member.member_id!r}"))
