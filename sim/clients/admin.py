"""An admin client, sans-IO: single requests, one after the other, to any broker that can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from producer.client.backoff import NEVER_US
from producer.client.client import Client
from producer.client.ruling import END_TRANSACTION, Again, Done, Ruling
from producer.errors import Code
from producer.wire.codec import decode, encode
from sim.clients.consumer.settings import client_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.chance import Chance
    from producer.client.control import Throttled
    from producer.client.coordinators import CoordinatorKey
    from producer.client.ruling import Ending
    from producer.client.sasl.mechanism import SaslSettings
    from producer.commands import BearerToken, Command
    from producer.wire.api import ApiKey

_PASSING = (Code.NOT_CONTROLLER, Code.REQUEST_TIMED_OUT)
"""What another attempt may mend, where a whole answer says it."""


class Question:
    """One request, and its answer once there is one."""

    priority = END_TRANSACTION
    target: CoordinatorKey | None = None
    at_most: int | None = None

    def __init__(self, api: ApiKey, request: tuple[Any, ...]) -> None:
        self.api = api
        self._request = request
        self.answer: Any = None
        """What was answered, in the API's own message; None if there will never be an answer."""
        self.error = ""
        """Why there is none."""
        self.has_ended = False

    def encode(self, version: int) -> bytes:
        """Give the body of the request."""
        return encode(self._request, version)

    def decode(self, body: bytes, version: int) -> Throttled:
        """Read the body of the answer. Raises PeerError."""
        return cast("Throttled", decode(self.api.message("response"), body, version))

    def take(self, told: Any) -> Ruling:
        """Keep the answer; what it says of each of its items is for whoever asked."""
        if getattr(told, "error_code", 0) in _PASSING:
            return Again()
        self.answer = told
        return Done()

    def ended(self, ending: Ending, now_us: int) -> None:  # noqa: ARG002 - whenever it was
        """It is over: with an answer, or because no broker speaks the API."""
        self.has_ended = True
        if not isinstance(ending, Done):
            self.error = ending.error.name


class AdminClient:
    """Asks one thing at a time; driven as `producer.commands.Driven` says."""

    def __init__(
        self,
        *,
        bootstrap: Sequence[tuple[str, int]],
        chance: Chance,
        now_us: int,
        client_id: str = "admin-1",
        sasl: SaslSettings | None = None,
        observe: Callable[[Any], object] | None = None,
    ) -> None:
        self.deadline_us = now_us
        self._client = Client(
            client_settings(client_id, bootstrap, sasl), chance=chance, now_us=now_us, observe=observe
        )
        self.error = ""
        """Why no broker will listen to this client: who it is was not believed; empty as long as one may."""
        self._is_closed = False

    def ask(self, api: ApiKey, request: tuple[Any, ...], now_us: int) -> Question:
        """Ask; go on until `has_ended`."""
        question = Question(api, request)
        self._client.control.ask(question)
        self._advance(now_us)
        return question

    def close(self, now_us: int) -> None:
        """End the connections."""
        self._is_closed = True
        self._client.close(now_us)
        self.deadline_us = NEVER_US

    # -- the driver's contract ---------------------------------------------------------------------------------------

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

    def written(self, connection: int, now_us: int) -> None:
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
            self.error = str(refusal.error)
        self._client.connections.tell(now_us)
        self.deadline_us = self._client.deadline_us(now_us)
