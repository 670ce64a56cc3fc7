"""InitProducerId of a transactional id: an id and an epoch that fence whoever had it before; later, the next epoch (KIP-360)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.coordinators import CoordinatorKey, CoordinatorType
from producer.client.ruling import BUMP_EPOCH, INIT_PRODUCER_ID, Done, Ending, Ruling
from producer.errors import Code, MalformedError, UnsupportedVersionError
from producer.records import NO_IDENTITY, ProducerIdentity
from producer.transactions.prepared import PreparedTransaction
from producer.transactions.rulings import ruling_of
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

if TYPE_CHECKING:
    from collections.abc import Callable

BUMPS_SINCE = 3
"""From this version on a producer may ask for the next epoch of the id that it has (KIP-360)."""

TWO_PHASES_SINCE = 6
"""From this version on somebody else may decide how a transaction ends (KIP-939): ahead of Apache Kafka, which offers 5."""

NOTHING_PREPARED = PreparedTransaction()


class InitTransactionalId:
    """A request of the transaction coordinator; ended well, `given` is the identity, and `can_bump` says whether there is another.

    `ongoing` is then what was kept open, if anything was.
    """

    __slots__ = ("_ended", "_timeout_ms", "can_bump", "current", "given", "is_two_phase", "keeps", "ongoing", "priority",
                 "target")  # fmt: skip

    api = ApiKey.INIT_PRODUCER_ID
    at_most: int | None = None

    def __init__(
        self,
        transactional_id: str,
        *,
        timeout_ms: int,
        current: ProducerIdentity = NO_IDENTITY,
        is_two_phase: bool = False,
        keeps: bool = False,
        ended: Callable[[InitTransactionalId, Ending], object],
    ) -> None:
        """With `current` the next epoch of that identity is asked for. `is_two_phase`: transactions have no time-out.

        `keeps`: what is open is not aborted (KIP-939).
        """
        self.target: CoordinatorKey | None = CoordinatorKey(CoordinatorType.TRANSACTION, transactional_id)
        self.priority = INIT_PRODUCER_ID if current == NO_IDENTITY else BUMP_EPOCH
        self.current = current
        self.given = NO_IDENTITY
        self.ongoing = NOTHING_PREPARED
        self.can_bump = False
        self.is_two_phase = is_two_phase
        self.keeps = keeps
        self._timeout_ms = timeout_ms
        self._ended = ended

    def encode(self, version: int) -> bytes:
        """Give the body of the request. Raises UnsupportedVersionError if the broker knows nothing of two phases."""
        assert self.target is not None
        if (self.is_two_phase or self.keeps) and version < TWO_PHASES_SINCE:
            msg = f"INIT_PRODUCER_ID version {version} knows no two-phase commit, {TWO_PHASES_SINCE} does (KIP-939)"
            raise UnsupportedVersionError(msg)
        self.can_bump = version >= BUMPS_SINCE
        producer_id, epoch = self.current if self.can_bump else NO_IDENTITY
        request = InitProducerIdRequest(
            self.target.key, self._timeout_ms, producer_id, epoch, self.is_two_phase, self.keeps
        )
        return encode(request, version)

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
            if self.keeps:
                self.ongoing = PreparedTransaction(told.ongoing_txn_producer_id, told.ongoing_txn_producer_epoch)
        return ruling

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Tell whose request it was."""
        self._ended(self, ending)
