"""TxnOffsetCommit: the group's coordinator keeps offsets until the transaction ends, and counts them if it is committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import ADD_TO_TRANSACTION, Abortable, Again, Done, Ending, Fatal, Refind, Ruling
from producer.errors import UnsupportedVersionError
from producer.records import TopicPartition
from producer.transactions.rulings import ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.txn_offset_commit import (
    TxnOffsetCommitRequest,
    TxnOffsetCommitRequestPartition,
    TxnOffsetCommitRequestTopic,
    TxnOffsetCommitResponse,
)

if TYPE_CHECKING:
    from producer.records import ProducerIdentity
    from producer.transactions.offsets import SendOffsets

V1_VERSION_MAX = 4
"""From the next version on the group's coordinator adds itself to the transaction (KIP-890)."""
_MEMBERS_SINCE = 3
"""Before it, a request cannot say who the consumer is (KIP-447)."""


class TxnOffsetCommit:
    """A request of the group's coordinator. What it refuses for the moment is asked for again, the rest is not."""

    __slots__ = ("_identity", "_left", "_may_bump", "_offsets", "_transactional_id", "at_most", "target")

    api = ApiKey.TXN_OFFSET_COMMIT
    priority = ADD_TO_TRANSACTION

    def __init__(
        self,
        transactional_id: str,
        *,
        identity: ProducerIdentity,
        offsets: SendOffsets,
        is_v2: bool,
        may_bump: bool,
    ) -> None:
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.GROUP, offsets.group.group_id)
        self.at_most: int | None = None if is_v2 else V1_VERSION_MAX
        self._transactional_id = transactional_id
        self._identity = identity
        self._offsets = offsets
        self._may_bump = may_bump
        self._left = dict(offsets.offsets)
        """What was not taken yet."""

    def encode(self, version: int) -> bytes:
        """Give the body of the request. Raises UnsupportedVersionError if the broker cannot tell a member from a zombie."""
        group_id, generation_id, member_id, instance_id = self._offsets.group
        if version < _MEMBERS_SINCE and (generation_id, member_id, instance_id) != (-1, "", None):
            msg = f"TXN_OFFSET_COMMIT version {version} takes no member of group {group_id!r} (KIP-447)"
            raise UnsupportedVersionError(msg)
        topics: dict[str, list[TxnOffsetCommitRequestPartition]] = {}
        for (topic, partition), (offset, leader_epoch, metadata) in self._left.items():
            one = TxnOffsetCommitRequestPartition(partition, offset, leader_epoch, metadata)
            topics.setdefault(topic, []).append(one)
        asked = tuple(TxnOffsetCommitRequestTopic(name, tuple(ones)) for name, ones in topics.items())
        producer_id, epoch = self._identity
        request = TxnOffsetCommitRequest(
            self._transactional_id, group_id, producer_id, epoch, generation_id, member_id, instance_id, asked
        )
        return encode(request, version)

    def decode(self, body: bytes, version: int) -> TxnOffsetCommitResponse:
        """Read an answer. Raises MalformedError."""
        return decode(TxnOffsetCommitResponse, body, version)

    def take(self, told: TxnOffsetCommitResponse) -> Ruling:
        """Say what the answer means; nothing is asked again for a call that is over."""
        return self._offsets.unless_over(self._ruling(told))

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._offsets.committed(ending)

    def _ruling(self, told: TxnOffsetCommitResponse) -> Ruling:
        moves = False
        for topic in told.topics:
            for index, code in topic.partitions:
                if TopicPartition(topic.name, index) not in self._left:
                    continue
                ruling = ruling_of(self.api, code, may_bump=self._may_bump)
                if isinstance(ruling, Abortable | Fatal):
                    return ruling
                if isinstance(ruling, Done):
                    self._left.pop(TopicPartition(topic.name, index), None)
                moves = moves or isinstance(ruling, Refind)
        if not self._left:
            return Done()
        return Refind() if moves else Again()
