"""Asking for a producer id: again after a back-off, or never more once it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.identity import Identity, IdentityInput, IdentityState
from producer.client.ruling import INIT_PRODUCER_ID, Abortable, Again, Done, Ending, Fatal, Ruling
from producer.errors import Code, ErrorCode, MalformedError, error_code
from producer.records import ProducerIdentity
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.init_producer_id import InitProducerIdRequest, InitProducerIdResponse

if TYPE_CHECKING:
    from producer.client.control import Control
    from producer.client.coordinators import CoordinatorKey

# Without a transactional id the time-out is not looked at; Java's producer sends this one.
_NEW_ID = InitProducerIdRequest(transactional_id=None, transaction_timeout_ms=60_000)


class InitProducerId:
    """A request of any broker that brings an `Identity` from NONE to ASSIGNED, or to REFUSED."""

    __slots__ = ("_denial", "_identity")

    api = ApiKey.INIT_PRODUCER_ID
    priority = INIT_PRODUCER_ID
    target: CoordinatorKey | None = None
    at_most: int | None = None

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._denial: ErrorCode | None = None

    def ask_if_wanted(self, control: Control) -> None:
        """Queue the request, if an id is wanted and was not asked for yet."""
        if self._identity.state is IdentityState.NONE:
            self._identity.feed(IdentityInput.ASK)
            control.ask(self)

    def take_denial(self) -> ErrorCode | None:
        """Take the right that was missing when an id was asked for last; what waits fails with it."""
        denial, self._denial = self._denial, None
        return denial

    # -- as a requester ----------------------------------------------------------------------------------------------

    def encode(self, version: int) -> bytes:
        """Give the body of the request: a new id, without a transaction."""
        return encode(_NEW_ID, version)

    def decode(self, body: bytes, version: int) -> InitProducerIdResponse:
        """Read an answer. Raises PeerError, also for an id that none can have."""
        told = decode(InitProducerIdResponse, body, version)
        if told.error_code == Code.NONE and (told.producer_id < 0 or told.producer_epoch < 0):
            msg = f"InitProducerId gave the id {told.producer_id} and the epoch {told.producer_epoch}"
            raise MalformedError(msg)
        return told

    def take(self, told: InitProducerIdResponse) -> Ruling:
        """Take the id, or the reason why there is none."""
        error = error_code(told.error_code)
        if error.code == Code.NONE:
            self._identity.assign(ProducerIdentity(told.producer_id, told.producer_epoch))
            return Done()
        if error.authorization:
            # A missing right may be granted while this producer lives: who waits hears of it, and it is asked again.
            self._denial = error
        return Again() if error.retriable or error.authorization else Fatal(error)

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """Refuse every record, if no id will ever be given."""
        if isinstance(ending, Abortable | Fatal):
            self._identity.refuse(ending.error)
