"""OAUTHBEARER (RFC 7628, KIP-255): a token that somebody else gave, and what travels beside it (KIP-342)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.sasl.mechanism import ChallengeError

if TYPE_CHECKING:
    from producer.commands import BearerToken

_SEPARATOR = b"\x01"
GIVE_IN = _SEPARATOR
"""A client told why it failed has this to say, and hears the verdict then (RFC 7628, 3.2.3)."""


class OAuthBearer:
    """The token, and at most one explanation of the server's."""

    __slots__ = ("_is_refused", "_token")

    def __init__(self, token: BearerToken) -> None:
        self._token = token
        self._is_refused = False

    def open(self) -> bytes:
        """Give the token, and its extensions."""
        pairs = [("auth", f"Bearer {self._token.text}"), *self._token.extensions]
        return _SEPARATOR.join((b"n,,", *(f"{name}={value}".encode() for name, value in pairs), b"", b""))

    def answer(self, challenge: bytes) -> bytes | None:
        """Nothing is left to say, unless the server explains a refusal."""
        if not challenge:
            if self._is_refused:
                msg = "a success after the server had explained why not"
                raise ChallengeError(msg)
            return None
        if self._is_refused:
            msg = "a second explanation of why the token is refused"
            raise ChallengeError(msg)
        self._is_refused = True
        return GIVE_IN
