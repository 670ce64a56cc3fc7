"""What a mechanism is to a broker: tokens in, challenges out, and whose word was proved in the end."""

from __future__ import annotations

from typing import Protocol


class AuthenticationRefusedError(Exception):
    """The client is refused, and told why (SaslAuthenticationException): nothing of it says more than Kafka says."""


class InvalidCredentialsError(Exception):
    """The client is refused, and told no more than that (SaslException): the reason could help whoever guesses."""


class BrokenExchangeError(Exception):
    """What came is nothing that Kafka's code expects: it stumbles, and the connection ends at once, without a word."""


class ServerMechanism(Protocol):
    """One broker's part of one exchange."""

    @property
    def is_complete(self) -> bool:
        """Whether the client has proved whose name it gave."""
        ...

    @property
    def authorization_id(self) -> str:
        """That name, once it is proved."""
        ...

    @property
    def expires_ms(self) -> int | None:
        """Until when what was shown is good, on the calendar; None for ever."""
        ...

    def evaluate(self, token: bytes, now_ms: int) -> bytes:
        """Take the client's token at that time of the calendar; give what the client is to be told.

        Raises AuthenticationRefusedError, InvalidCredentialsError and BrokenExchangeError.
        """
        ...
