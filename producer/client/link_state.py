"""The life of the connection that a link has: one table."""

from __future__ import annotations

from producer.transitions import Symbol


class LinkState(Symbol):
    DOWN = "down"
    CONNECTING = "connecting"
    NEGOTIATING = "negotiating"
    """Connected; the broker was asked for its API versions."""
    AUTHENTICATING = "authenticating"
    """A SASL exchange is under way: the first one, or another before the session ends (KIP-368)."""
    READY = "ready"


class LinkInput(Symbol):
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
