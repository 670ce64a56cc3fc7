"""EndTxn: commit or abort. Prepared on all replicas of the coordinator's log, it is answered; markers follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import END_TRANSACTION, Done, Ending, Ruling
from producer.records import NO_IDENTITY, NO_PRODUCER_ID, ProducerIdentity
from producer.transactions.rulings import ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.end_txn import EndTxnRequest, EndTxnResponse

if TYPE_CHECKING:
    from collections.abc import Callable

V1_VERSION_MAX = 4
"""From the next version on each end brings a new epoch (KIP-890)."""


class EndTxn:
    """A request of the transaction coordinator; ended well, `given` is the next transaction's identity, if it brings one."""

    __slots__ = ("_ended", "_identity", "_is_committed", "_may_bump", "at_most", "given", "target")

    api = ApiKey.END_TXN
    priority = END_TRANSACTION

    def __init__(
        self,
        transactional_id: str,
        *,
        identity: ProducerIdentity,
        is_committed: bool,
        is_v2: bool,
        may_bump: bool,
        ended: Callable[[EndTxn, Ending], object],
    ) -> None:
        """`is_committed` False aborts."""
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.TRANSACTION, transactional_id)
        self.at_most: int | None = None if is_v2 else V1_VERSION_MAX
        self.given = NO_IDENTITY
        self._identity = identity
        self._is_committed = is_committed
        self._may_bump = may_bump
        self._ended = ended

    def encode(self, version: int) -> bytes:
        """Give the body of the request."""
        assert self.target is not None
        producer_id, epoch = self._identity
        return encode(EndTxnRequest(self.target.key, producer_id, epoch, self._is_committed), version)

    def decode(self, body: bytes, version: int) -> EndTxnResponse:
        """Read an answer. Raises MalformedError."""
        return decode(EndTxnResponse, body, version)

    def take(self, told: EndTxnResponse) -> Ruling:
        """Keep the next identity, or the reason why it did not end."""
        ruling = ruling_of(self.api, told.error_code, may_bump=self._may_bump)
        if isinstance(ruling, Done) and told.producer_id != NO_PRODUCER_ID:
            self.given = ProducerIdentity(told.producer_id, told.producer_epoch)
        return ruling

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._ended(self, ending)
