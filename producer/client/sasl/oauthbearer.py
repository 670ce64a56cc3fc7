"""OAUTHBEARER (RFC 7628, KIP-255): a token that somebody else gave."""

from __future__ import annotations

from producer.client.sasl.mechanism import ChallengeError

_SEPARATOR = b"\x01"
GIVE_IN = _SEPARATOR
"""A client told why it failed has this to say, and hears the verdict then (RFC 7628, 3.2.3)."""


class OAuthBearer:
    """The token, and at most one explanation of the server's."""

    __slots__ = ("_is_refused", "_token")

    def __init__(self, token: str) -> None:
        self._token = token
        self._is_refused = False

    def open(self) -> bytes:
        """Give the token."""
        return _SEPARATOR.join((b"n,,", b"auth=Bearer " + self._token.encode(), b"", b""))

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
