"""Who is at the other end, found out request by request, before anything else is served (Kafka's SaslServerAuthenticator).

It has no socket and no clock: whole requests in, what to answer and what to do with the connection out.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Any, NamedTuple

from producer.errors import Code, MalformedError, UnsupportedVersionError
from producer.transitions import move
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.frames import frame
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse
from sim.cluster.security.principal import USER, Principal
from sim.cluster.security.sasl.mechanism import (
    AuthenticationRefusedError,
    BrokenExchangeError,
    InvalidCredentialsError,
    ServerMechanism,
)
from sim.cluster.security.sasl.states import TRANSITIONS, SaslServerInput, SaslServerState

_HEADERS_SINCE = 1
"""Since this version of the handshake tokens come in SaslAuthenticate requests (KIP-152); before, they come bare."""


class Fate(Enum):
    """What becomes of the connection."""

    GOES_ON = "goes on"
    AUTHENTICATED = "authenticated"
    FAILED = "failed"
    """The answer, if there is one, is kept back for a while, and the end of the connection comes behind it."""
    BROKEN = "broken"
    """It ends at once: Kafka's code stumbles over what was sent."""


class Verdict(NamedTuple):
    """What one request comes to."""

    fate: Fate
    answer: bytes | None = None
    """A whole frame."""
    reason: str = ""
    """Of a failure, for the broker's own log: never a part of what was sent."""


class SaslServerAuthenticator:
    """One connection's authentication, and those after it."""

    def __init__(
        self,
        mechanisms: tuple[str, ...],
        make: Callable[[str], ServerMechanism],
        *,
        versions: Callable[[int, bytes], tuple[bytes, int, bool]],
        max_reauth_ms: int,
    ) -> None:
        """`make` gives a mechanism's part of a new exchange.

        `versions` answers an ApiVersions request of that version and body: the answer's body, its version, and whether the
        versions are told in it.
        """
        self._mechanisms = mechanisms
        self._make = make
        self._versions = versions
        self._max_reauth_ms = max_reauth_ms
        self._exchange: ServerMechanism | None = None
        self._has_headers = False
        self._is_again = False
        self.state = SaslServerState.INITIAL_REQUEST
        self.mechanism = ""
        """The one that is agreed on."""
        self.principal: Principal | None = None
        """Who is there, once that was proved; a second proof must be of the same."""
        self.session_lifetime_ms: int | None = None
        """How long from the last proof on it holds; None for ever (KIP-368)."""

    def feed(self, given: SaslServerInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose="SASL at a broker")

    @property
    def is_complete(self) -> bool:
        """Whether requests are served."""
        return self.state is SaslServerState.COMPLETE

    def begin_again(self) -> None:
        """A handshake came behind a proof that does not hold for ever: `take` it next."""
        self.feed(SaslServerInput.AUTHENTICATE_AGAIN)
        self._is_again = True
        self._has_headers = False
        self._exchange = None

    def take(self, payload: bytes, now_ms: int) -> Verdict:
        """Take one whole frame's payload, at a time of the calendar."""
        try:
            if self.state is SaslServerState.REAUTH_BAD_MECHANISM:
                return self._refused("another mechanism than before")
            if self.state is SaslServerState.AUTHENTICATE:
                return self._token(payload, now_ms)
            return self._request(payload)
        except (MalformedError, UnsupportedVersionError, BrokenExchangeError) as error:
            self.feed(SaslServerInput.REFUSE)
            return Verdict(Fate.BROKEN, reason=_told(error))

    # -- before a mechanism is agreed on -------------------------------------------------------------------------------

    def _request(self, payload: bytes) -> Verdict:
        header, position = api.decode_request_header(payload)
        if self.state is SaslServerState.INITIAL_REQUEST:
            self.feed(SaslServerInput.SPEAK_KAFKA)
        if header.api_key == ApiKey.API_VERSIONS:
            return self._tell_versions(header, payload[position:])
        if header.api_key == ApiKey.SASL_HANDSHAKE:
            return self._handshake(header, payload[position:])
        # Not kept back as other failures are, but ended at once (seen on 4.3.1).
        raise BrokenExchangeError(f"API {header.api_key} version {header.api_version} during the SASL handshake")

    def _tell_versions(self, header: api.RequestHeader, body: bytes) -> Verdict:
        if self.state is not SaslServerState.HANDSHAKE_OR_VERSIONS_REQUEST:
            raise BrokenExchangeError("ApiVersions where a handshake belongs")
        answer, version, are_told = self._versions(header.api_version, body)
        if are_told:
            self.feed(SaslServerInput.TELL_VERSIONS)
        return Verdict(Fate.GOES_ON, api.encode_response(header.api_key, version, header.correlation_id, answer))

    def _handshake(self, header: api.RequestHeader, body: bytes) -> Verdict:
        api.check_version(ApiKey.SASL_HANDSHAKE, header.api_version)
        wanted = decode(SaslHandshakeRequest, body, header.api_version).mechanism
        self._has_headers = self._has_headers or header.api_version >= _HEADERS_SINCE
        if wanted not in self._mechanisms:
            told = SaslHandshakeResponse(Code.UNSUPPORTED_SASL_MECHANISM, self._mechanisms)
            return self._refused("a mechanism that is not offered", _answer(header, told))
        if self._is_again and wanted != self.mechanism:
            self.feed(SaslServerInput.CHOOSE_ANOTHER)
        else:
            self.feed(SaslServerInput.CHOOSE_MECHANISM)
            self.mechanism = wanted
            self._exchange = self._make(wanted)
        return Verdict(Fate.GOES_ON, _answer(header, SaslHandshakeResponse(Code.NONE, self._mechanisms)))

    # -- tokens --------------------------------------------------------------------------------------------------------

    def _token(self, payload: bytes, now_ms: int) -> Verdict:
        if not self._has_headers:
            return self._bare_token(payload, now_ms)
        header, position = api.decode_request_header(payload)
        if header.api_key != ApiKey.SASL_AUTHENTICATE:
            reason = f"API {header.api_key} version {header.api_version} during the SASL authentication"
            return self._refused(reason, _illegal_state(header, payload[position:]))
        api.check_version(ApiKey.SASL_AUTHENTICATE, header.api_version)
        token = decode(SaslAuthenticateRequest, payload[position:], header.api_version).auth_bytes
        try:
            challenge = self._evaluate(token, now_ms)
        except AuthenticationRefusedError as error:
            return self._refused(_told(error), _failure(header, str(error)))
        except InvalidCredentialsError as error:
            # What is wrong could help whoever guesses: whether there is such a user, for one.
            which = "re-authentication" if self._is_again else "authentication"
            text = (
                f"Authentication failed during {which} due to invalid credentials with SASL mechanism {self.mechanism}"
            )
            return self._refused(_told(error), _failure(header, text))
        answer = SaslAuthenticateResponse(auth_bytes=challenge)
        if self.is_complete:
            answer = answer._replace(session_lifetime_ms=self.session_lifetime_ms or 0)
        return Verdict(self._fate, _answer(header, answer))

    def _bare_token(self, token: bytes, now_ms: int) -> Verdict:
        try:
            challenge = self._evaluate(token, now_ms)
        except AuthenticationRefusedError as error:
            return self._refused(_told(error))
        except InvalidCredentialsError as error:
            raise BrokenExchangeError(str(error)) from error
        return Verdict(self._fate, frame(challenge))

    def _evaluate(self, token: bytes, now_ms: int) -> bytes:
        exchange = self._exchange
        assert exchange is not None, "a mechanism is agreed on"
        challenge = exchange.evaluate(token, now_ms)
        if exchange.is_complete:
            self._proved(Principal(USER, exchange.authorization_id), exchange.expires_ms, now_ms)
        return challenge

    def _proved(self, principal: Principal, expires_ms: int | None, now_ms: int) -> None:
        before = self.principal
        if self._is_again and before is not None and principal != before:
            raise AuthenticationRefusedError(
                f"Cannot change principals during re-authentication from "
                f"{before.kind}.{before.name}: {principal.kind}.{principal.name}"
            )
        left_ms = None if expires_ms is None else max(0, expires_ms - now_ms)
        limits = [one for one in (left_ms, self._max_reauth_ms or None) if one is not None]
        self.session_lifetime_ms = min(limits) if limits else None
        self.principal = principal
        self.feed(SaslServerInput.PROVED)

    @property
    def _fate(self) -> Fate:
        return Fate.AUTHENTICATED if self.is_complete else Fate.GOES_ON

    def _refused(self, reason: str, answer: bytes | None = None) -> Verdict:
        self.feed(SaslServerInput.REFUSE)
        return Verdict(Fate.FAILED, answer, reason)


def _answer(header: api.RequestHeader, message: tuple[Any, ...]) -> bytes:
    body = encode(message, header.api_version)
    return api.encode_response(header.api_key, header.api_version, header.correlation_id, body)


def _failure(header: api.RequestHeader, text: str) -> bytes:
    return _answer(header, SaslAuthenticateResponse(Code.SASL_AUTHENTICATION_FAILED, text))


def _illegal_state(header: api.RequestHeader, body: bytes) -> bytes | None:
    """Write ILLEGAL_SASL_STATE in the answer of whatever API it is, where that has a place for an error of the whole request.

    Raises MalformedError and UnsupportedVersionError for a request that cannot be read.
    """
    key = next((one for one in ApiKey if one == header.api_key), None)
    if key is None:
        return None
    lowest, highest = key.versions
    if not lowest <= header.api_version <= highest:
        raise UnsupportedVersionError(f"{key.name} version {header.api_version}")
    decode(key.message("request"), body, header.api_version)
    response = key.message("response")
    if "error_code" not in response._fields:
        return None
    return _answer(header, response(error_code=Code.ILLEGAL_SASL_STATE))


def _told(error: Exception) -> str:
    """Say what went wrong, for the trace: texts of decoders may quote what was sent, so of those only the kind is told."""
    is_ours = isinstance(error, (AuthenticationRefusedError, InvalidCredentialsError, BrokenExchangeError))
    return str(error) if is_ours else type(error).__name__
