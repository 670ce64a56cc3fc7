"""An admin client, sans-IO: single requests, one after the other, to any broker that can be reached."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from producer.client.client import Client
from producer.client.ruling import END_TRANSACTION, Again, Done, Ruling
from producer.errors import Code
from producer.wire.codec import decode, encode
from sim.clients.consumer.settings import client_settings
from sim.clients.driven_client import DrivenClient

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from producer.chance import Chance
    from producer.client.control import Throttled
    from producer.client.coordinators import CoordinatorKey
    from producer.client.ruling import Ending
    from producer.client.sasl.mechanism import SaslSettings
    from producer.errors import AuthenticationError
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


class AdminClient(DrivenClient):
    """Asks one thing at a time."""

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
        settings = client_settings(client_id, bootstrap, sasl)
        super().__init__(Client(settings, chance=chance, now_us=now_us, observe=observe), now_us)
        self.error = ""
        """Why no broker will listen to this client: who it is was not believed; empty as long as one may."""

    def ask(self, api: ApiKey, request: tuple[Any, ...], now_us: int) -> Question:
        """Ask; go on until `has_ended`."""
        question = Question(api, request)
        self._client.control.ask(question)
        self._advance(now_us)
        return question

    def _turned_away(self, error: AuthenticationError) -> None:
        self.error = str(error)

    def _go_on(self, now_us: int) -> int:
        return self._client.deadline_us(now_us)
