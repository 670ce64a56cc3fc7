"""PLAIN (RFC 4616): name and password in one token, readable by whoever sees the connection."""

from __future__ import annotations

from producer.client.sasl.mechanism import ChallengeError


class Plain:
    """One token, and nothing to prove for the server."""

    __slots__ = ("_password", "_username")

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password

    def open(self) -> bytes:
        """Give the one token; no authorization id, so the server takes the name for it."""
        return b"\0".join((b"", self._username.encode(), self._password.encode()))

    def answer(self, challenge: bytes) -> bytes | None:
        """Nothing is left to say."""
        if challenge:
            msg = f"a challenge of {len(challenge)} bytes, where PLAIN has none"
            raise ChallengeError(msg)
        return None
