"""What can be asked of a served cluster beside Kafka's protocol: faults, its state, verdicts, its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import parse_qsl

from sim.faults import FaultTextError
from sim.faults.schedule import At, Entry, parse_entry
from sim.serve.http import Answer, RefusedError, Request
from sim.serve.openapi import OPENAPI
from sim.serve.state import view_of
from sim.serve.stretch import events_from

if TYPE_CHECKING:
    from sim.serve.attempt import Attempt
    from sim.serve.simulation import Simulation

FAULTS, EVENTS = "/faults", "/events"
DIGITS_MAX = 18
SHOWN_MAX = 80
"""How much of a body that is wrong is said again."""


class Governed(Protocol):
    """A server, as its control port sees it."""

    @property
    def simulation(self) -> Simulation:
        """The world that is served."""
        ...

    @property
    def lag_us(self) -> int:
        """How far it is behind the clock on the wall."""
        ...

    async def strike(self, entry: Entry) -> Attempt:
        """Let a fault strike, at once or when its moment comes."""
        ...

    async def heal(self) -> None:
        """End every fault that has struck."""
        ...

    def stop(self) -> None:
        """End in good order."""
        ...


class Control:
    """Answers requests about one server."""

    def __init__(self, server: Governed) -> None:
        self._server = server
        self._answers: dict[tuple[str, str], Callable[[Any], Awaitable[Any]]] = {
            ("GET", "/"): self._describe,
            ("GET", "/openapi.json"): self._describe,
            ("GET", "/cluster"): self._cluster,
            ("GET", FAULTS): self._faults,
            ("POST", FAULTS): self._strike,
            ("POST", "/heal"): self._heal,
            ("GET", EVENTS): self._events,
            ("GET", "/verdicts"): self._verdicts,
            ("POST", "/shutdown"): self._shut_down,
        }

    @property
    def routes(self) -> list[tuple[str, str]]:
        """What can be asked: method and path."""
        return list(self._answers)

    async def respond(self, request: Request) -> Answer:
        """Answer one request. Raises RefusedError."""
        method, path, body, query = request
        answer = self._answers.get((method, path))
        if answer is not None:
            return Answer(HTTPStatus.OK, await answer(query if path == EVENTS else body))
        allowed = [one for one, where in self._answers if where == path]
        if allowed:
            raise RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, f"{path} takes {', '.join(allowed)}")
        paths = ", ".join(dict.fromkeys(where for _, where in self._answers))
        raise RefusedError(HTTPStatus.NOT_FOUND, f"there is no {path}; there are {paths}")

    async def _describe(self, _: Any) -> Any:
        return OPENAPI

    async def _cluster(self, _: Any) -> Any:
        return view_of(self._server.simulation, lag_us=self._server.lag_us).as_json()

    async def _faults(self, _: Any) -> Any:
        return {"faults": [one.as_json() for one in self._server.simulation.attempts]}

    async def _strike(self, body: Any) -> Any:
        return (await self._server.strike(_entry(body))).as_json()

    async def _heal(self, _: Any) -> Any:
        await self._server.heal()
        return await self._cluster(None)

    async def _events(self, query: str) -> Any:
        return events_from(self._server.simulation.trace, _first_wanted(query)).as_json()

    async def _verdicts(self, _: Any) -> Any:
        return self._server.simulation.judge().as_json()

    async def _shut_down(self, _: Any) -> Any:
        self._server.stop()
        return self._server.simulation.judge().as_json()


def entry_named(text: str) -> Entry:
    """Read a fault, which strikes at once, or a whole line of a schedule, which says when. Raises FaultTextError."""
    if text.startswith(("at ", "after ")):
        return parse_entry(text)
    return parse_entry(f"{At(0)}: {text}")


def _first_wanted(query: str) -> int:
    text = dict(parse_qsl(query)).get("from", "0")
    if not text.isdecimal() or len(text) > DIGITS_MAX:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"from={text[:SHOWN_MAX]} is the number of no event")
    return int(text)


def _entry(body: Any) -> Entry:
    text = body.get("fault") if isinstance(body, dict) else None
    if not isinstance(text, str):
        given = repr(body)
        shown = given if len(given) <= SHOWN_MAX else f"{given[:SHOWN_MAX]}…"
        raise RefusedError(HTTPStatus.BAD_REQUEST, f'the body is {shown}, expected {{"fault": "crash b1"}}')
    try:
        return entry_named(text)
    except FaultTextError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from None
