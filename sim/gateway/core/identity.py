"""As whom a client logs in, read off what passes: the name in its SASL messages, once the broker has taken its proof.

PLAIN and SCRAM name the user. A bearer's token does not say which of its claims the broker goes by: who logs in with one stays anonymous
here, and has no rights but everybody's.
"""

from __future__ import annotations

from producer.errors import Code

ANONYMOUS = "User:ANONYMOUS"
_NUL = b"\0"


class Identity:
    """The principal of one session. A proof never stays here, nor a name that the broker has refused."""

    def __init__(self, principal: str = ANONYMOUS) -> None:
        self.principal = principal
        self._mechanism = ""
        self._claimed = ""

    def shakes_hands(self, mechanism: str) -> None:
        """The client asks for a mechanism."""
        self._mechanism, self._claimed = mechanism, ""

    def proves(self, token: bytes) -> None:
        """The client sends a message of its mechanism; the first one that names somebody counts."""
        if not self._claimed:
            self._claimed = _named(self._mechanism, token)

    def is_answered(self, error_code: int, token: bytes) -> None:
        """The broker answers, and may ask for more: SCRAM's challenge names a nonce first."""
        if error_code != Code.NONE:
            self._claimed = ""
        elif self._claimed and not token.startswith(b"r="):
            self.principal = f"User:{self._claimed}"


def _named(mechanism: str, token: bytes) -> str:
    try:
        if mechanism == "PLAIN":
            parts = token.split(_NUL)
            return (parts[0] or parts[1]).decode() if len(parts) == len(("as", "who", "proof")) else ""
        if mechanism.startswith("SCRAM-"):
            fields = token.decode().split(",")
            name = next((field[2:] for field in fields if field.startswith("n=")), "")
            return name.replace("=2C", ",").replace("=3D", "=")
    except UnicodeDecodeError:
        return ""
    return ""
