"""InitProducerId of a transactional id: an id and an epoch that fence whoever had it before; later, the next epoch (KIP-360)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import BUMP_EPOCH, INIT_PRODUCER_ID, Done, Ending, Ruling
from producer.errors import Code, MalformedError
from producer.records import NO_IDENTITY, ProducerIdentity
from producer.transactions.rulings import ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

if TYPE_CHECKING:
    from collections.abc import Callable

BUMPS_SINCE = 3
"""From this version on a producer may ask for the next epoch of the id that it has (KIP-360)."""


class InitTransactionalId:
    """A request of the transaction coordinator; ended well, `given` is the identity, and `can_bump` says whether there is another."""

    __slots__ = ("_ended", "_timeout_ms", "can_bump", "current", "given", "priority", "target")

    api = ApiKey.INIT_PRODUCER_ID
    at_most: int | None = None

    def __init__(
        self,
        transactional_id: str,
        *,
        timeout_ms: int,
        current: ProducerIdentity = NO_IDENTITY,
        ended: Callable[[InitTransactionalId, Ending], object],
    ) -> None:
        """With `current` the next epoch of that identity is asked for."""
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.TRANSACTION, transactional_id)
        self.priority = INIT_PRODUCER_ID if current == NO_IDENTITY else BUMP_EPOCH
        self.current = current
        self.given = NO_IDENTITY
        self.can_bump = False
        self._timeout_ms = timeout_ms
        self._ended = ended

    def encode(self, version: int) -> bytes:
        """Give the body of the request."""
        assert self.target is not None
        self.can_bump = version >= BUMPS_SINCE
        current = self.current if self.can_bump else NO_IDENTITY
        return encode(InitProducerIdRequest(self.target.key, self._timeout_ms, *current), version)

    def decode(self, body: bytes, version: int) -> InitProducerIdResponse:
        """Read an answer. Raises PeerError, also for an id that none can have."""
        told = decode(InitProducerIdResponse, body, version)
        if told.error_code == Code.NONE and (told.producer_id < 0 or told.producer_epoch < 0):
            msg = f"InitProducerId gave the id {told.producer_id} and the epoch {told.producer_epoch}"
            raise MalformedError(msg)
        return told

    def take(self, told: InitProducerIdResponse) -> Ruling:
        """Keep the identity, or the reason why there is none."""
        ruling = ruling_of(self.api, told.error_code, may_bump=self.can_bump)
        if isinstance(ruling, Done):
            self.given = ProducerIdentity(told.producer_id, told.producer_epoch)
        return ruling

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._ended(self, ending)
