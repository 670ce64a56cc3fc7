"""The control port of a served cluster, from Python: for tests of applications in any language.

>>> control = Control("http://127.0.0.1:9091")  # doctest: +SKIP
>>> control.strike("crash leader(orders-0)").fate  # doctest: +SKIP
<Fate.FIRED: 'fired'>
"""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, Request, build_opener

from sim.serve.attempt import Attempt, Fate
from sim.serve.state import ClusterView
from sim.serve.stretch import Stretch

ANSWER_S_MAX = 30.0


class ControlError(Exception):
    """The control port cannot be reached, or it refused what it was asked; the message says which, and why."""


class RefusedByServerError(ControlError):
    """The server answered, and does not do what it was asked."""


class Control:
    """Speaks to one server. Every method raises ControlError."""

    def __init__(self, url: str) -> None:
        """As the server's first line names it: `http://127.0.0.1:9091`."""
        self.url = url.rstrip("/")
        # No proxy of the environment: it would not find this machine's own ports.
        self._opener = build_opener(ProxyHandler({}))

    def strike(self, fault: str) -> Attempt:
        """Let a fault strike at once, as `crash b1`; or later, as `at 2s: crash b1` or `after BatchAppended#3: pause b1`."""
        return _attempt(self._ask("POST", "/faults", {"fault": fault}))

    def faults(self) -> list[Attempt]:
        """Give every fault that was asked for, the story's first, and what became of it."""
        return [_attempt(one) for one in self._ask("GET", "/faults")["faults"]]

    def heal(self) -> ClusterView:
        """End every fault that has struck: brokers up, links open, disks whole, no rules. What waits for its moment still comes."""
        return ClusterView.from_json(self._ask("POST", "/heal"))

    def cluster(self) -> ClusterView:
        """Give the cluster as it is now."""
        return ClusterView.from_json(self._ask("GET", "/cluster"))

    def events(self, first: int) -> Stretch:
        """Give what happened from event `first` on, as far as it is still there, and no more than one answer takes."""
        given = self._ask("GET", f"/events?from={first}")
        try:
            return Stretch.from_json(given)
        except (KeyError, TypeError) as error:
            raise ControlError(
                f"{self.url} tells events that are none here: is it another version? ({error})"
            ) from error

    def verdicts(self) -> dict[str, Any]:
        """Say what became of what was acknowledged so far; `state` is holds, violated or inconclusive."""
        found: dict[str, Any] = self._ask("GET", "/verdicts")
        return found

    def shut_down(self) -> dict[str, Any]:
        """End the server. Gives the last verdicts."""
        found: dict[str, Any] = self._ask("POST", "/shutdown")
        return found

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        request = Request(  # noqa: S310 - whoever names the server says what it speaks
            self.url + path, data, {"Content-Type": "application/json"}, method=method
        )
        try:
            with self._opener.open(request, timeout=ANSWER_S_MAX) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise RefusedByServerError(_reason(error)) from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise ControlError(f"no answer from {self.url}: {getattr(error, 'reason', error)}") from error


def _attempt(given: dict[str, Any]) -> Attempt:
    return Attempt(given["number"], given["fault"], Fate(given["fate"]), given["reason"])


def _reason(error: HTTPError) -> str:
    try:
        return str(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return f"{error.code} {error.reason}"
