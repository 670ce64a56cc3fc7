"""One authentication on one connection: the mechanism's tokens inside SaslHandshake and SaslAuthenticate (KIP-152)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.client.sasl.mechanism import OAUTHBEARER, PLAIN, ChallengeError, Mechanism, SaslSettings
from producer.client.sasl.oauthbearer import OAuthBearer
from producer.client.sasl.plain import Plain
from producer.client.sasl.scram import Scram, draw_nonce
from producer.client.sasl.scram_keys import HASHES
from producer.errors import AuthenticationError, Code, error_code
from producer.transitions import Symbol, move
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages.sasl_authenticate import SaslAuthenticateRequest, SaslAuthenticateResponse
from producer.wire.messages.sasl_handshake import SaslHandshakeRequest, SaslHandshakeResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.commands import BearerToken


class SaslState(Symbol):
    NEW = "new"
    AWAITING_TOKEN = "awaiting token"  # noqa: S105 - a state's name
    """The driver was asked for an OAuth token."""
    HANDSHAKING = "handshaking"
    """The broker was told the mechanism."""
    EXCHANGING = "exchanging"
    """A token is under way."""
    DONE = "done"
    REFUSED = "refused"


class SaslInput(Symbol):
    ASK_TOKEN = "ask token"  # noqa: S105 - an input's name
    SHAKE_HANDS = "shake hands"
    ACCEPTED = "accepted"
    CHALLENGED = "challenged"
    COMPLETED = "completed"
    REFUSE = "refuse"


TRANSITIONS: dict[tuple[SaslState, SaslInput], SaslState] = {
    (SaslState.NEW, SaslInput.ASK_TOKEN): SaslState.AWAITING_TOKEN,
    (SaslState.NEW, SaslInput.SHAKE_HANDS): SaslState.HANDSHAKING,
    (SaslState.AWAITING_TOKEN, SaslInput.SHAKE_HANDS): SaslState.HANDSHAKING,
    (SaslState.AWAITING_TOKEN, SaslInput.REFUSE): SaslState.REFUSED,
    (SaslState.HANDSHAKING, SaslInput.ACCEPTED): SaslState.EXCHANGING,
    (SaslState.HANDSHAKING, SaslInput.REFUSE): SaslState.REFUSED,
    (SaslState.EXCHANGING, SaslInput.CHALLENGED): SaslState.EXCHANGING,
    (SaslState.EXCHANGING, SaslInput.COMPLETED): SaslState.DONE,
    (SaslState.EXCHANGING, SaslInput.REFUSE): SaslState.REFUSED,
}


class Ask(NamedTuple):
    """A request that the exchange wants sent."""

    api: ApiKey
    encode: Callable[[int], bytes]
    """Makes the body in the version given."""


class SaslExchange:
    """Gives requests, takes their answers, and ends in DONE, or in an AuthenticationError."""

    __slots__ = ("_address", "_mechanism", "_settings", "session_lifetime_ms", "state")

    def __init__(self, settings: SaslSettings, *, address: str) -> None:
        self.state = SaslState.NEW
        self.session_lifetime_ms = 0
        """When DONE: how long the broker lets the session live; 0 for ever (KIP-368)."""
        self._settings = settings
        self._address = address
        self._mechanism: Mechanism | None = None

    def feed(self, given: SaslInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"SASL with {self._address}")

    def begin(self) -> Ask | None:
        """Give the first request; None if a token is wanted first: then call `take_token`."""
        if self._settings.mechanism == OAUTHBEARER:
            self.feed(SaslInput.ASK_TOKEN)
            return None
        return self._shake_hands(_mechanism(self._settings))

    def take_token(self, token: BearerToken) -> Ask:
        """Take the OAuth token that was wanted; give the first request."""
        return self._shake_hands(OAuthBearer(token))

    def handle(self, api: ApiKey, version: int, body: bytes) -> Ask | None:
        """Take the answer to the last request; give the next one, or None when DONE.

        Raises AuthenticationError if the broker refuses, or is not to be trusted; MalformedError for nonsense.
        """
        if api is ApiKey.SASL_HANDSHAKE:
            return self._take_handshake(decode(SaslHandshakeResponse, body, version))
        return self._take_challenge(decode(SaslAuthenticateResponse, body, version))

    def refused(self, code: int, detail: str) -> AuthenticationError:
        """End it. Gives the error that says why."""
        self.feed(SaslInput.REFUSE)
        settings = self._settings
        return AuthenticationError(
            self._address, settings.mechanism, error_code(code), detail, username=settings.username
        )

    def _shake_hands(self, mechanism: Mechanism) -> Ask:
        self.feed(SaslInput.SHAKE_HANDS)
        self._mechanism = mechanism
        asked = SaslHandshakeRequest(self._settings.mechanism)
        return Ask(ApiKey.SASL_HANDSHAKE, lambda version: encode(asked, version))

    def _take_handshake(self, answer: SaslHandshakeResponse) -> Ask:
        if answer.error_code:
            offered = ", ".join(answer.mechanisms) or "no mechanism at all"
            raise self.refused(answer.error_code, f"the broker offers {offered}")
        assert self._mechanism is not None
        self.feed(SaslInput.ACCEPTED)
        return _ask(self._mechanism.open())

    def _take_challenge(self, answer: SaslAuthenticateResponse) -> Ask | None:
        if answer.error_code:
            raise self.refused(answer.error_code, answer.error_message or "the broker gave no reason")
        assert self._mechanism is not None
        try:
            token = self._mechanism.answer(answer.auth_bytes)
        except ChallengeError as error:
            raise self.refused(Code.SASL_AUTHENTICATION_FAILED, f"the broker is not to be trusted: {error}") from error
        if token is not None:
            self.feed(SaslInput.CHALLENGED)
            return _ask(token)
        self.feed(SaslInput.COMPLETED)
        self.session_lifetime_ms = answer.session_lifetime_ms
        return None


def _mechanism(settings: SaslSettings) -> Mechanism:
    if settings.mechanism == PLAIN:
        return Plain(settings.username, settings.password)
    assert settings.nonces is not None, "SCRAM needs a source of nonces: the driver gives it"
    nonce = draw_nonce(settings.nonces)
    return Scram(HASHES[settings.mechanism], settings.username, settings.password, nonce=nonce)


def _ask(token: bytes) -> Ask:
    asked = SaslAuthenticateRequest(token)
    return Ask(ApiKey.SASL_AUTHENTICATE, lambda version: encode(asked, version))
