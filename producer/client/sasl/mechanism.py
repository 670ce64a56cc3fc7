"""What a mechanism is to the exchange: tokens out, challenges in, and who it is that wants in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.config.security import SecurityConfig

PLAIN = "PLAIN"
SCRAM_SHA_256 = "SCRAM-SHA-256"
SCRAM_SHA_512 = "SCRAM-SHA-512"
OAUTHBEARER = "OAUTHBEARER"


class SaslSettings(NamedTuple):
    """By which mechanism, and as whom."""

    mechanism: str
    username: str = ""
    password: str = ""
    """Never shown: no message and no event carries it."""
    nonces: Chance | None = None
    """Where SCRAM draws its nonces: nobody may guess them, so real drivers give a source fit for secrets."""

    def __repr__(self) -> str:
        """Leave the password out."""
        return f"SaslSettings({self.mechanism!r}, {self.username!r})"


def sasl_settings(config: SecurityConfig, nonces: Chance | None) -> SaslSettings | None:
    """Take from a configuration what an exchange needs; None without SASL."""
    if not config.uses_sasl:
        return None
    assert config.sasl_mechanism is not None, "SASL without a mechanism passes no check"
    return SaslSettings(config.sasl_mechanism, *config.credentials, nonces)


class ChallengeError(Exception):
    """The server's challenge is not what the mechanism allows; the message says what is wrong with it."""


class Mechanism(Protocol):
    """One client's part of one exchange."""

    def open(self) -> bytes:
        """Give the first token."""
        ...

    def answer(self, challenge: bytes) -> bytes | None:
        """Give the next token, or None when nothing is left to say: whoever is there has proved what it must.

        Raises ChallengeError.
        """
        ...
