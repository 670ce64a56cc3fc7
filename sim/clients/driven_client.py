"""What a reader and an admin client share: a client of the cluster, and how whoever has the clock and the sockets drives it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US

if TYPE_CHECKING:
    from producer.client.client import Client
    from producer.commands import BearerToken, Command
    from producer.errors import AuthenticationError


class DrivenClient(ABC):
    """Driven as `producer.commands.Driven` says. Who derives from it says what else is to be done: `_go_on`, `_turned_away`."""

    def __init__(self, client: Client, now_us: int) -> None:
        self.deadline_us = now_us
        self._client = client
        self._is_closed = False

    def close(self, now_us: int) -> None:
        """End the connections."""
        self._is_closed = True
        self._client.close(now_us)
        self.deadline_us = NEVER_US

    def connected(self, connection: int, now_us: int) -> None:
        """A connection asked for by `Connect` is up."""
        self._client.connections.connected(connection, now_us)
        self._advance(now_us)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        """A connection could not be had, or ended."""
        self._client.connections.disconnected(connection, reason, now_us)
        self._advance(now_us)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        """The two sides of a connection do not trust each other (TLS), or no token is to be had; it is closed."""
        self._client.connections.refused(connection, reason, now_us)
        self._advance(now_us)

    def token_given(self, connection: int, token: BearerToken, now_us: int) -> None:
        """The OAuth token asked for by `AskToken`."""
        self._client.connections.token_given(connection, token, now_us)
        self._advance(now_us)

    def written(self, connection: int, now_us: int) -> None:  # noqa: B027 - it may stay as it is
        """Of no interest: every request is answered."""

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        """Bytes came in."""
        self._client.connections.bytes_received(connection, data, now_us)
        self._advance(now_us)

    def timer_fired(self, now_us: int, seen_us: int | None = None) -> None:
        """Time has come; `seen_us` as in `Driven`."""
        self._client.time_out(now_us, now_us if seen_us is None else seen_us)
        self._advance(now_us)

    def take_commands(self) -> list[Command]:
        """Take what the driver has to do, in order."""
        return self._client.connections.take_commands()

    def _advance(self, now_us: int) -> None:
        if self._is_closed:
            return
        self._client.advance(now_us)
        for refusal in self._client.connections.take_refusals():
            self._turned_away(refusal.error)
        self._client.connections.tell(now_us)
        self.deadline_us = self._go_on(now_us)

    @abstractmethod
    def _turned_away(self, error: AuthenticationError) -> None:
        """Take it that no broker will listen to this client."""

    @abstractmethod
    def _go_on(self, now_us: int) -> int:
        """Do what can be done now, and give when something is due again."""
