"""One broker and the connection to it: set-up, API versions, SASL, requests in flight, back-off after a loss.

`TRANSITIONS` is the life of the connection. A link outlives its connections: it numbers them, and remembers how often
in a row the set-up failed.
"""

from __future__ import annotations

from collections import deque
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from producer.client.requests import Asker, InFlight
from producer.client.sasl.exchange import SaslExchange, SaslState
from producer.errors import (
    TLS_REFUSED,
    AuthenticationError,
    Code,
    MalformedError,
    PeerError,
    UnsupportedVersionError,
)
from producer.transitions import move
from producer.wire import api_versions
from producer.wire.api import (
    SUPPORTED,
    ApiKey,
    VersionRange,
    choose_version,
    encode_request,
    read_correlation_id,
    response_body,
)
from producer.wire.frames import FrameReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.sasl.exchange import Ask
    from producer.client.sasl.mechanism import SaslSettings

SOFTWARE_NAME = "acklab"
SOFTWARE_VERSION = "0.1.0"
"""Told to brokers in ApiVersions (KIP-511); a test holds it equal to the distribution's version."""

THROTTLED_SINCE = {
    ApiKey.PRODUCE: 6,
    ApiKey.FETCH: 8,
    ApiKey.METADATA: 6,
    ApiKey.API_VERSIONS: 2,
    ApiKey.INIT_PRODUCER_ID: 1,
}
"""From which version on a throttled broker answers at once, and the client waits (KIP-219)."""

REQUESTS_QUEUED_MAX = 1 << 20
"""Far above any in-flight limit: a link that gets there has a bug."""


class LinkState(Enum):
    DOWN = "down"
    CONNECTING = "connecting"
    NEGOTIATING = "negotiating"
    """Connected; the broker was asked for its API versions."""
    AUTHENTICATING = "authenticating"
    """A SASL exchange is under way: the first one, or another before the session ends (KIP-368)."""
    READY = "ready"


class LinkInput(Enum):
    CONNECT = "connect"
    CONNECTED = "connected"
    AGREED = "agreed"
    AUTHENTICATE = "authenticate"
    AUTHENTICATED = "authenticated"
    LOST = "lost"


TRANSITIONS: dict[tuple[LinkState, LinkInput], LinkState] = {
    (LinkState.DOWN, LinkInput.CONNECT): LinkState.CONNECTING,
    (LinkState.CONNECTING, LinkInput.CONNECTED): LinkState.NEGOTIATING,
    (LinkState.CONNECTING, LinkInput.LOST): LinkState.DOWN,
    (LinkState.NEGOTIATING, LinkInput.AGREED): LinkState.READY,
    (LinkState.NEGOTIATING, LinkInput.AUTHENTICATE): LinkState.AUTHENTICATING,
    (LinkState.NEGOTIATING, LinkInput.LOST): LinkState.DOWN,
    (LinkState.AUTHENTICATING, LinkInput.AUTHENTICATED): LinkState.READY,
    (LinkState.AUTHENTICATING, LinkInput.LOST): LinkState.DOWN,
    (LinkState.READY, LinkInput.AUTHENTICATE): LinkState.AUTHENTICATING,
    (LinkState.READY, LinkInput.LOST): LinkState.DOWN,
}


SET_UP_APIS = frozenset((ApiKey.API_VERSIONS, ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE))
"""Requests that the link makes for itself: nobody else waits for their answers."""


class Answered(NamedTuple):
    """A request and the body of its answer."""

    request: InFlight
    body: bytes


class Received(NamedTuple):
    """What came of some bytes."""

    answers: list[Answered]
    reply: bytes
    """What to send back while versions are agreed and SASL is spoken."""
    failure: PeerError | AuthenticationError | None
    """The broker breaks the protocol, or it and the client do not trust each other."""


class BrokerLink:
    """The way to one broker. It makes bytes and reads bytes; `Brokers` decides when."""

    __slots__ = ("_client_id", "_correlation_id", "_exchange", "_reader", "_sasl", "_versions", "answered",
                 "authenticate_at_us", "connection", "failures", "host", "in_flight", "last_used_us", "node_id", "port",
                 "renewing_since_us", "retry_at_us", "session_lifetime_us", "setup_deadline_us", "setup_failures", "state",
                 "throttled_until_us", "tried_at_us")  # fmt: skip

    def __init__(self, *, node_id: int, host: str, port: int, client_id: str, sasl: SaslSettings | None = None) -> None:
        self.node_id = node_id
        """Below -1 for a bootstrap server, whose id is not known."""
        self.host = host
        self.port = port
        self.state = LinkState.DOWN
        self.connection = 0
        self.in_flight: deque[InFlight] = deque()
        self.answered = 0
        """Answers received, on all connections."""
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
        """When the session should be renewed; 0 for never. `Brokers` sets it."""
        self.renewing_since_us: int | None = None
        """Since when the session is being renewed. `Brokers` sets it."""
        self.throttled_until_us = 0
        self.last_used_us = 0
        self._client_id = client_id
        self._sasl = sasl
        self._exchange: SaslExchange | None = None
        self._correlation_id = 0
        self._reader = FrameReader()
        self._versions: dict[int, VersionRange] = {}

    def feed(self, given: LinkInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"link to broker {self.node_id}")

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def is_coming_up(self) -> bool:
        """Whether it is on its way to being ready."""
        return self.state not in (LinkState.DOWN, LinkState.READY)

    def begin(self, connection: int, *, now_us: int, setup_deadline_us: int) -> None:
        """A connection was asked for."""
        self.feed(LinkInput.CONNECT)
        self.connection = connection
        self.tried_at_us = now_us
        self.setup_deadline_us = setup_deadline_us
        self._reader = FrameReader()
        self._versions = {}
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
            self.state is LinkState.AUTHENTICATING
            and self._exchange is not None
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

    def take_token(self, token: str, now_us: int, *, timeout_us: int) -> bytes:
        """Take the OAuth token that was wanted; give the first request. Raises AuthenticationError."""
        assert self._exchange is not None
        return self._send_ask(self._exchange.take_token(token), now_us, timeout_us)

    def refused(self, reason: str) -> AuthenticationError:
        """Give the error for what was refused outside of our requests: by TLS, or by who should give a token."""
        if self.awaits_token:
            assert self._exchange is not None
            return self._exchange.refused(Code.SASL_AUTHENTICATION_FAILED, reason)
        return AuthenticationError(self.address, "TLS", TLS_REFUSED, reason)

    def throttle(self, request: InFlight, throttle_time_ms: int, now_us: int) -> None:
        """Send nothing for so long, if the answer to the request asks for it: older versions' brokers wait themselves."""
        if request.version >= THROTTLED_SINCE.get(request.api, 0):
            self.throttled_until_us = max(self.throttled_until_us, now_us + throttle_time_ms * 1_000)

    def lose(self, now_us: int) -> list[InFlight]:
        """The connection is over: give the requests that nobody will answer, oldest first."""
        if self.state is LinkState.CONNECTING:
            self.setup_failures += 1
        self.feed(LinkInput.LOST)
        self.failures += 1
        self.tried_at_us = now_us
        unanswered = list(self.in_flight)
        self.in_flight.clear()
        return unanswered

    def version_of(self, api: ApiKey) -> int:
        """Give the version to speak on this connection. Raises UnsupportedVersionError naming both ranges."""
        return choose_version(api, self._versions)

    def request(
        self,
        api: ApiKey,
        encode: Callable[[int], bytes],
        *,
        now_us: int,
        timeout_us: int,
        asker: Asker | None,
        is_answered: bool = True,
    ) -> tuple[InFlight, bytes]:
        """Number a request and give its bytes; `encode` makes the body in the version given.

        Raises UnsupportedVersionError if the broker does not speak the API.
        """
        assert self.state is LinkState.READY, f"request on a link that is {self.state.value}"
        version = self.version_of(api)
        return self._number(api, version, encode(version), now_us, timeout_us, asker, is_answered=is_answered)

    def received(self, data: bytes, now_us: int, *, timeout_us: int) -> Received:
        """Take bytes from the broker. A `failure` in what is given means that the connection is of no more use."""
        self.last_used_us = now_us
        answers: list[Answered] = []
        reply = b""
        try:
            for payload in self._reader.feed(data):
                request = self._answered_by(payload)
                body = response_body(request.api, request.version, payload)
                self.in_flight.popleft()
                self.answered += 1
                if request.api is ApiKey.API_VERSIONS:
                    reply += self._agree(request, body, now_us, timeout_us)
                elif request.api in SET_UP_APIS:
                    reply += self._go_on(request, body, now_us, timeout_us)
                else:
                    answers.append(Answered(request, body))
        except (PeerError, AuthenticationError) as failure:
            # What was answered before it is answered all the same.
            return Received(answers, b"", failure)
        return Received(answers, reply, None)

    def _answered_by(self, payload: bytes) -> InFlight:
        """Give the request in flight that this answers. Raises MalformedError if it is not the oldest."""
        correlation_id = read_correlation_id(payload)
        if not self.in_flight or self.in_flight[0].correlation_id != correlation_id:
            waited_for = self.in_flight[0].correlation_id if self.in_flight else "none"
            msg = f"broker {self.node_id} answered correlation id {correlation_id}, awaited {waited_for}"
            raise MalformedError(msg)
        return self.in_flight[0]

    def _agree(self, request: InFlight, body: bytes, now_us: int, timeout_us: int) -> bytes:
        refused = int.from_bytes(body[:2], "big") == Code.UNSUPPORTED_VERSION
        if refused and request.version > 0:
            # Lower each time, so that a broker which refuses what it offers is not asked for ever.
            version = min(_lower_version(body), request.version - 1)
            return self._ask_versions(version, now_us, timeout_us)
        answer = api_versions.decode_response(body, request.version)
        if answer.error_code:
            msg = f"broker {self.node_id} refused ApiVersions {request.version} with code {answer.error_code}"
            raise PeerError(msg)
        self._versions = {api_key: VersionRange(low, high) for api_key, low, high in answer.api_versions}
        self.throttle(request, answer.throttle_time_ms, now_us)
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
        asked = api_versions.ApiVersionsRequest(SOFTWARE_NAME, SOFTWARE_VERSION)
        body = api_versions.encode_request(asked, version)
        _, frame = self._number(ApiKey.API_VERSIONS, version, body, now_us, timeout_us, None, is_answered=True)
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
        assert len(self.in_flight) < REQUESTS_QUEUED_MAX
        self._correlation_id = (self._correlation_id + 1) & 0x7FFFFFFF
        sent = InFlight(
            api, version, self._correlation_id, self.connection, now_us, now_us + timeout_us, asker
        )  # fmt: skip
        if is_answered:
            self.in_flight.append(sent)
        self.last_used_us = now_us
        return sent, encode_request(api, version, sent.correlation_id, self._client_id, body)


def _lower_version(body: bytes) -> int:
    """Read from a refusal (error 35, version 0 body) which ApiVersions version the broker does speak (KIP-511)."""
    try:
        ranges = {key: VersionRange(low, high) for key, low, high in api_versions.decode_response(body, 0).api_versions}
        return choose_version(ApiKey.API_VERSIONS, ranges)
    except (MalformedError, UnsupportedVersionError):
        # Some peers say no without a list, or garble it; every broker speaks version 0.
        return 0
