"""AddOffsetsToTxn: the coordinator learns that a group's offsets belong to the transaction (V1), before they are committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import ADD_TO_TRANSACTION, Ending, Ruling
from producer.transactions.rulings import ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.add_offsets_to_txn import AddOffsetsToTxnRequest, AddOffsetsToTxnResponse

if TYPE_CHECKING:
    from producer.records import ProducerIdentity
    from producer.transactions.offsets import SendOffsets


class AddOffsets:
    """A request of the transaction coordinator."""

    __slots__ = ("_identity", "_may_bump", "_offsets", "target")

    api = ApiKey.ADD_OFFSETS_TO_TXN
    priority = ADD_TO_TRANSACTION
    at_most: int | None = None

    def __init__(
        self, transactional_id: str, *, identity: ProducerIdentity, offsets: SendOffsets, may_bump: bool
    ) -> None:
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.TRANSACTION, transactional_id)
        self._identity = identity
        self._offsets = offsets
        self._may_bump = may_bump

    def encode(self, version: int) -> bytes:
        """Give the body of the request."""
        assert self.target is not None
        producer_id, epoch = self._identity
        group_id = self._offsets.group.group_id
        return encode(AddOffsetsToTxnRequest(self.target.key, producer_id, epoch, group_id), version)

    def decode(self, body: bytes, version: int) -> AddOffsetsToTxnResponse:
        """Read an answer. Raises MalformedError."""
        return decode(AddOffsetsToTxnResponse, body, version)

    def take(self, told: AddOffsetsToTxnResponse) -> Ruling:
        """Say what the answer means; nothing is asked again for a call that is over."""
        return self._offsets.unless_over(ruling_of(self.api, told.error_code, may_bump=self._may_bump))

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._offsets.added(ending)
