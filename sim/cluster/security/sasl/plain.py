"""PLAIN at a broker: one token with a name and a password (RFC 4616; Kafka's PlainSaslServer)."""

from __future__ import annotations

import hmac
from collections.abc import Callable

from sim.cluster.security.sasl.mechanism import AuthenticationRefusedError

_PARTS = 3
_SPLITS_MAX = 3
"""Kafka looks at four parts at most: a fifth counts as part of the fourth."""


class PlainServer:
    """One token decides."""

    def __init__(self, password_of: Callable[[str], str | None]) -> None:
        """`password_of` gives what a user must know, None for nobody."""
        self._password_of = password_of
        self.is_complete = False
        self.authorization_id = ""
        self.expires_ms: int | None = None

    def evaluate(self, token: bytes, now_ms: int) -> bytes:  # noqa: ARG002 - passwords do not expire
        """Take the token, and say nothing more. Raises AuthenticationRefusedError."""
        parts = token.decode(errors="replace").split("\0", _SPLITS_MAX)
        if len(parts) != _PARTS:
            msg = f"Invalid SASL/PLAIN response: expected {_PARTS} tokens, got {len(parts)}"
            raise AuthenticationRefusedError(msg)
        wanted, username, password = parts
        if not username:
            raise AuthenticationRefusedError("Authentication failed: username not specified")
        if not password:
            raise AuthenticationRefusedError("Authentication failed: password not specified")
        known = self._password_of(username)
        # Compared for a user that there is not, too: how long it takes says nothing.
        is_right = hmac.compare_digest(password.encode(), (known or "").encode())
        if known is None or not is_right:
            raise AuthenticationRefusedError("Authentication failed: Invalid username or password")
        if wanted not in {"", username}:
            raise AuthenticationRefusedError(
                "Authentication failed: Client requested an authorization id that is different from username"
            )
        self.authorization_id = username
        self.is_complete = True
        return b""
