"""One broker and the connection to it: set-up, API versions, SASL, bytes of requests and answers, back-off after a loss.

A link outlives its connections: it numbers them, and remembers how often in a row the set-up failed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.client import agreement, link_state
from producer.client.agreement import NO_AGREEMENT
from producer.client.backoff import NEVER_US
from producer.client.in_flight import InFlightRequests
from producer.client.link_state import LinkInput, LinkState
from producer.client.requests import Answered, Asker, InFlight, Received
from producer.client.sasl.exchange import SaslExchange, SaslState
from producer.config.addresses import written_address
from producer.error_codes import TLS_REFUSED, Code
from producer.errors import AuthenticationError, PeerError, UnsupportedVersionError
from producer.transitions import move
from producer.wire.api import (
    SUPPORTED,
    ApiKey,
    encode_request,
    response_body,
)
from producer.wire.frames import FrameReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.agreement import FinalizedFeatures
    from producer.client.sasl.exchange import Ask
    from producer.client.sasl.mechanism import SaslSettings
    from producer.commands import BearerToken

# Asked for with each request; to find a member in its enumeration takes Python 3.11 five times as long.
_CONNECTING = LinkState.CONNECTING

IDLE = "idle"

SET_UP_APIS = frozenset((ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE))
"""Requests that the link makes for itself: nobody else waits for their answers."""


class Overdue(NamedTuple):
    """Why a connection is to be ended, and what that means for the requests on it."""

    reason: str
    code: Code


class BrokerLink:
    """The way to one broker. It makes bytes and reads bytes; `Links` and `Connections` decide when."""

    __slots__ = ("_agreement", "_client_id", "_exchange", "_moves_to", "_reader", "_sasl", "armed_us", "authenticate_at_us",
                 "connection", "failures", "host", "in_flight", "last_used_us", "node_id", "port", "renewing_since_us",
                 "retry_at_us", "session_lifetime_us", "setup_deadline_us", "setup_failures", "state", "tried_at_us")  # fmt: skip

    def __init__(self, *, node_id: int, host: str, port: int, client_id: str, sasl: SaslSettings | None = None) -> None:
        self.node_id = node_id
        """Below -1 for a bootstrap server, whose id is not known."""
        self.host = host
        self.port = port
        self.state = LinkState.DOWN
        self.connection = 0
        self.in_flight = InFlightRequests()
        self.failures = 0
        """Losses in a row, without an agreed connection between them."""
        self.setup_failures = 0
        """Connections in a row that did not come up."""
        self.tried_at_us = 0
        """When a connection was begun or lost last."""
        self.retry_at_us = 0
        self.setup_deadline_us = 0
        """Until when the connection, or a token for it, is waited for."""
        self.session_lifetime_us = 0
        """How long the broker lets the session live that was begun last; 0 for ever."""
        self.authenticate_at_us = 0
        """When the session should be renewed; 0 for never. `Connections` sets it."""
        self.renewing_since_us: int | None = None
        """Since when the session is being renewed. `Connections` sets it."""
        self.last_used_us = 0
        self.armed_us = NEVER_US
        """When `Connections` looks at it next."""
        self._moves_to: tuple[str, int] | None = None
        self._client_id = client_id
        self._sasl = sasl
        self._exchange: SaslExchange | None = None
        self._reader = FrameReader()
        self._agreement = NO_AGREEMENT

    def __str__(self) -> str:
        return f"link to broker {self.node_id}"

    def feed(self, given: LinkInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(link_state.TRANSITIONS, self.state, given, whose=self)

    @property
    def address(self) -> str:
        return written_address(self.host, self.port)

    @property
    def is_coming_up(self) -> bool:
        """Whether it is on its way to being ready."""
        return self.state not in (LinkState.DOWN, LinkState.READY)

    def learn_address(self, host: str, port: int) -> None:
        """Take the broker's address: at once, or when the connection to the one known before ends."""
        self._moves_to = (host, port)
        if self.state is LinkState.DOWN:
            self.move()

    def move(self) -> None:
        """Go over to another address, if one was learned: nothing is held against it."""
        if self._moves_to not in (None, (self.host, self.port)):
            assert self._moves_to is not None
            self.host, self.port = self._moves_to
            self.failures = self.setup_failures = 0
            self.tried_at_us = self.retry_at_us = self.in_flight.throttled_until_us = 0

    def due_us(self, now_us: int, *, idle_max_us: int) -> int:
        """When something about its connection is due: a time-out, idleness, the end of a pause that was asked for."""
        if self.state is _CONNECTING:
            return self.setup_deadline_us
        due_us = self.in_flight.deadline_us
        if due_us == NEVER_US:
            due_us = self.last_used_us + idle_max_us
        if now_us < self.in_flight.throttled_until_us < due_us:
            due_us = self.in_flight.throttled_until_us
        return min(due_us, self.setup_deadline_us) if self.awaits_token else due_us

    def overdue(self, now_us: int, *, idle_max_us: int) -> Overdue | None:
        """Why its connection is to be ended by now, if it is."""
        is_connecting = self.state is LinkState.CONNECTING
        if (is_connecting or self.awaits_token) and now_us >= self.setup_deadline_us:
            what = "connection set-up" if is_connecting else "waiting for an OAuth token"
            return Overdue(f"{what} timed out", Code.NETWORK_EXCEPTION)
        if is_connecting:
            return None
        deadline_us = self.in_flight.deadline_us
        if now_us >= deadline_us:
            return Overdue("a request timed out", Code.REQUEST_TIMED_OUT)
        if deadline_us == NEVER_US and now_us >= self.last_used_us + idle_max_us:
            return Overdue(IDLE, Code.NETWORK_EXCEPTION)
        return None

    def begin(self, connection: int, *, now_us: int, setup_deadline_us: int) -> None:
        """A connection was asked for."""
        self.feed(LinkInput.CONNECT)
        self.connection = connection
        self.tried_at_us = now_us
        self.setup_deadline_us = setup_deadline_us
        self.armed_us = NEVER_US
        self._reader = FrameReader()
        self._agreement = NO_AGREEMENT
        self._exchange = None
        self.session_lifetime_us = 0
        self.authenticate_at_us = 0
        self.renewing_since_us = None

    def negotiate(self, now_us: int, *, timeout_us: int) -> bytes:
        """The connection is up: give the request that asks for the broker's API versions."""
        self.feed(LinkInput.CONNECTED)
        self.setup_failures = 0
        return self._ask_versions(SUPPORTED[ApiKey.API_VERSIONS].highest, now_us, timeout_us)

    @property
    def awaits_token(self) -> bool:
        """Whether an OAuth token is wanted before anything else can happen."""
        return (
            self._exchange is not None
            and self.state is LinkState.AUTHENTICATING
            and self._exchange.state is SaslState.AWAITING_TOKEN
        )

    def authenticate(self, now_us: int, *, timeout_us: int) -> bytes:
        """Begin a SASL exchange; give its first request, nothing if `awaits_token`. Raises AuthenticationError.

        Requests in flight are answered first: a broker takes one at a time.
        """
        assert self._sasl is not None
        self.feed(LinkInput.AUTHENTICATE)
        self.authenticate_at_us = 0
        self.setup_deadline_us = now_us + timeout_us
        self._exchange = SaslExchange(self._sasl, address=self.address)
        return self._send_ask(self._exchange.begin(), now_us, timeout_us)

    def take_token(self, token: BearerToken, now_us: int, *, timeout_us: int) -> bytes:
        """Take the OAuth token that was wanted; give the first request. Raises AuthenticationError."""
        assert self._exchange is not None
        return self._send_ask(self._exchange.take_token(token), now_us, timeout_us)

    def refused(self, reason: str) -> AuthenticationError:
        """Give the error for what was refused outside of our requests: by TLS, or by who should give a token."""
        if self.awaits_token:
            assert self._exchange is not None
            return self._exchange.refused(Code.SASL_AUTHENTICATION_FAILED, reason)
        return AuthenticationError(self.address, "TLS", TLS_REFUSED, reason)

    def lose(self, now_us: int) -> list[InFlight]:
        """The connection is over: give the requests that nobody will answer, oldest first."""
        if self.state is LinkState.CONNECTING:
            self.setup_failures += 1
        self.feed(LinkInput.LOST)
        self.failures += 1
        self.tried_at_us = now_us
        return self.in_flight.lose()

    def version_of(self, api: ApiKey, at_most: int | None = None) -> int:
        """Give the version to speak on this connection. Raises UnsupportedVersionError, saying what both sides speak."""
        return self._agreement.version_of(api, at_most)

    @property
    def finalized_features(self) -> FinalizedFeatures | None:
        """As told on the latest connection; None before that, and from a broker that tells none."""
        return self._agreement.finalized_features

    def request(
        self,
        api: ApiKey,
        encode: Callable[[int], bytes],
        *,
        now_us: int,
        timeout_us: int,
        asker: Asker,
        at_most: int | None = None,
        is_answered: bool = True,
    ) -> tuple[InFlight, bytes]:
        """Number a request and give its bytes; `encode` makes the body in the version given, which `at_most` caps.

        Raises UnsupportedVersionError if the broker does not speak the API.
        """
        assert self.state is LinkState.READY, f"request on a link that is {self.state.value}"
        version = self.version_of(api, at_most)
        return self._number(api, version, encode(version), now_us, timeout_us, asker, is_answered=is_answered)

    def received(self, data: bytes, now_us: int, *, timeout_us: int) -> Received:
        """Take bytes from the broker. A `failure` in what is given means that the connection is of no more use."""
        self.last_used_us = now_us
        answers: list[Answered] = []
        reply = b""
        try:
            for payload in self._reader.feed(data):
                request = self.in_flight.answered_by(payload, node_id=self.node_id)
                body = response_body(request.api, request.version, payload)
                self.in_flight.answer_taken()
                if request.api is ApiKey.API_VERSIONS:
                    reply += self._agree(request, body, now_us, timeout_us)
                elif request.api in SET_UP_APIS:
                    reply += self._go_on(request, body, now_us, timeout_us)
                else:
                    answers.append(Answered(request, body))
            if self._reader.is_malformed:
                self._reader.feed(b"")
        except (PeerError, AuthenticationError) as failure:
            # What was answered before it is answered all the same.
            return Received(answers, b"", failure)
        return Received(answers, reply, None)

    def _agree(self, request: InFlight, body: bytes, now_us: int, timeout_us: int) -> bytes:
        told = agreement.read(body, request.version, node_id=self.node_id)
        if isinstance(told, int):
            return self._ask_versions(told, now_us, timeout_us)
        self._agreement = told
        self.in_flight.throttle(request, told.throttle_time_ms, now_us)
        if self._sasl is not None:
            return self.authenticate(now_us, timeout_us=timeout_us)
        self.feed(LinkInput.AGREED)
        self.failures = 0
        return b""

    def _go_on(self, request: InFlight, body: bytes, now_us: int, timeout_us: int) -> bytes:
        """Take one more step in the SASL exchange."""
        assert self._exchange is not None
        ask = self._exchange.handle(request.api, request.version, body)
        if ask is not None:
            return self._send_ask(ask, now_us, timeout_us)
        self.session_lifetime_us = max(0, self._exchange.session_lifetime_ms) * 1_000
        self._exchange = None
        self.feed(LinkInput.AUTHENTICATED)
        self.failures = 0
        return b""

    def _send_ask(self, ask: Ask | None, now_us: int, timeout_us: int) -> bytes:
        if ask is None:
            return b""
        assert self._exchange is not None
        try:
            version = self.version_of(ask.api)
        except UnsupportedVersionError as error:
            raise self._exchange.refused(Code.UNSUPPORTED_VERSION, str(error)) from error
        _, frame = self._number(ask.api, version, ask.encode(version), now_us, timeout_us, None, is_answered=True)
        return frame

    def _ask_versions(self, version: int, now_us: int, timeout_us: int) -> bytes:
        _, frame = self._number(
            ApiKey.API_VERSIONS, version, agreement.ask(version), now_us, timeout_us, None, is_answered=True
        )
        return frame

    def _number(
        self,
        api: ApiKey,
        version: int,
        body: bytes,
        now_us: int,
        timeout_us: int,
        asker: Asker | None,
        *,
        is_answered: bool,
    ) -> tuple[InFlight, bytes]:
        sent = self.in_flight.add(
            api,
            version,
            connection=self.connection,
            now_us=now_us,
            timeout_us=timeout_us,
            asker=asker,
            is_answered=is_answered,
        )
        self.last_used_us = now_us
        return sent, encode_request(api, version, sent.correlation_id, self._client_id, body)
