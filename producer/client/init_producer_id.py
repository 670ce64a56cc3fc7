"""Asking for a producer id: of whichever broker is ready, again after a back-off, or never more once it is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.identity import Identity, IdentityInput, IdentityState
from producer.errors import Code, ErrorCode, MalformedError, PeerError, UnsupportedVersionError, error_code
from producer.records import ProducerIdentity
from producer.wire import init_producer_id as wire
from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.client.links import Links
    from producer.client.requests import Answer, Loss


class InitProducerId:
    """Brings an `Identity` from NONE to ASSIGNED, or to REFUSED."""

    __slots__ = ("_chance", "_denial", "_failures", "_identity", "_links", "_not_before_us", "_retry_backoff_max_us",
                 "_retry_backoff_us")  # fmt: skip

    def __init__(
        self,
        identity: Identity,
        *,
        links: Links,
        chance: Chance,
        retry_backoff_us: int,
        retry_backoff_max_us: int,
    ) -> None:
        self._identity = identity
        self._links = links
        self._chance = chance
        self._retry_backoff_us = retry_backoff_us
        self._retry_backoff_max_us = retry_backoff_max_us
        self._failures = 0
        self._not_before_us = 0
        self._denial: ErrorCode | None = None

    def advance(self, now_us: int) -> None:
        """Ask, if an id is wanted and a broker is ready."""
        if self._identity.state is not IdentityState.NONE or now_us < self._not_before_us:
            return
        node_id = self._links.any_ready(now_us)
        if node_id is None:
            return
        self._identity.feed(IdentityInput.ASK)
        asked = wire.InitProducerIdRequest()
        try:
            self._links.send(
                node_id,
                ApiKey.INIT_PRODUCER_ID,
                lambda version: wire.encode_request(asked, version),
                asker=self,
                now_us=now_us,
            )
        except UnsupportedVersionError:
            self._identity.refuse(error_code(Code.UNSUPPORTED_VERSION))

    def answered(self, answer: Answer, now_us: int) -> None:
        """Take the answer to the request."""
        try:
            given = wire.decode_response(answer.body, answer.request.version)
            if given.error_code == Code.NONE and (given.producer_id < 0 or given.producer_epoch < 0):
                msg = f"InitProducerId gave the id {given.producer_id} and the epoch {given.producer_epoch}"
                raise MalformedError(msg)
        except PeerError as nonsense:
            self._links.break_link(answer.node_id, answer.request.connection, str(nonsense), now_us)
            self._ask_again(now_us)
            return
        self._links.throttle(answer, given.throttle_time_ms, now_us)
        error = error_code(given.error_code)
        if error.code == Code.NONE:
            self._identity.assign(ProducerIdentity(given.producer_id, given.producer_epoch))
            self._failures = 0
        elif error.retriable or error.authorization:
            # A missing right may be granted while this producer lives: who waits hears of it, and it asks again.
            self._denial = error if error.authorization else None
            self._ask_again(now_us)
        else:
            self._identity.refuse(error)

    def lost(self, loss: Loss, now_us: int) -> None:  # noqa: ARG002 - however it was lost
        """Ask again: an id that was given all the same is never used."""
        self._ask_again(now_us)

    def take_denial(self) -> ErrorCode | None:
        """Take the right that was missing when an id was asked for last; what waits fails with it."""
        denial, self._denial = self._denial, None
        return denial

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received; `NEVER_US` for never."""
        if self._identity.state is not IdentityState.NONE:
            return NEVER_US
        return self._not_before_us if self._not_before_us > now_us else self._links.next_try_us(now_us)

    def _ask_again(self, now_us: int) -> None:
        self._identity.feed(IdentityInput.ASK_AGAIN)
        self._failures += 1
        self._not_before_us = now_us + backoff_us(
            self._retry_backoff_us, self._retry_backoff_max_us, self._failures, self._chance
        )
