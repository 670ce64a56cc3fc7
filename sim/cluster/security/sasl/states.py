"""The order in which a client may say what, before anything is served to it (Kafka's SaslServerAuthenticator.SaslState)."""

from __future__ import annotations

from producer.transitions import Symbol


class SaslServerState(Symbol):
    INITIAL_REQUEST = "initial request"
    """Nothing was said yet."""
    HANDSHAKE_OR_VERSIONS_REQUEST = "handshake or versions request"
    """It speaks Kafka's protocol."""
    HANDSHAKE_REQUEST = "handshake request"
    """It was told the versions; only a handshake may follow."""
    AUTHENTICATE = "authenticate"
    """The mechanism is agreed on; tokens follow."""
    COMPLETE = "complete"
    FAILED = "failed"
    REAUTH_PROCESS_HANDSHAKE = "re-authentication: process handshake"
    """Somebody who is known begins again (KIP-368)."""
    REAUTH_BAD_MECHANISM = "re-authentication: bad mechanism"
    """By another mechanism than before: that is told with the next request."""


class SaslServerInput(Symbol):
    SPEAK_KAFKA = "speak Kafka's protocol"
    TELL_VERSIONS = "tell versions"
    CHOOSE_MECHANISM = "choose mechanism"
    CHOOSE_ANOTHER = "choose another mechanism"
    PROVED = "proved"
    AUTHENTICATE_AGAIN = "authenticate again"
    REFUSE = "refuse"


_S, _I = SaslServerState, SaslServerInput

TRANSITIONS: dict[tuple[SaslServerState, SaslServerInput], SaslServerState] = {
    (_S.INITIAL_REQUEST, _I.SPEAK_KAFKA): _S.HANDSHAKE_OR_VERSIONS_REQUEST,
    (_S.HANDSHAKE_OR_VERSIONS_REQUEST, _I.TELL_VERSIONS): _S.HANDSHAKE_REQUEST,
    (_S.HANDSHAKE_OR_VERSIONS_REQUEST, _I.CHOOSE_MECHANISM): _S.AUTHENTICATE,
    (_S.HANDSHAKE_REQUEST, _I.CHOOSE_MECHANISM): _S.AUTHENTICATE,
    (_S.AUTHENTICATE, _I.PROVED): _S.COMPLETE,
    (_S.COMPLETE, _I.AUTHENTICATE_AGAIN): _S.REAUTH_PROCESS_HANDSHAKE,
    (_S.REAUTH_PROCESS_HANDSHAKE, _I.CHOOSE_MECHANISM): _S.AUTHENTICATE,
    (_S.REAUTH_PROCESS_HANDSHAKE, _I.CHOOSE_ANOTHER): _S.REAUTH_BAD_MECHANISM,
    **{(state, _I.REFUSE): _S.FAILED for state in _S if state not in {_S.COMPLETE, _S.FAILED}},
}
