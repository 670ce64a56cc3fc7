"""A registry at some address, asked in real time, one question after the other: for the command line, and for tests of applications."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode
from urllib.request import ProxyHandler, Request, build_opener

from sim.registry.rest.messages import JSON_TYPE

ANSWER_S_MAX = 30.0


class RegistryUnreachableError(Exception):
    """No registry answers there; the message says where, and why."""


class RefusedError(Exception):
    """The registry does not do it; the message is its own."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        """Confluent's error code, or the HTTP status of who has none."""


class RegistryAt:
    """One registry of any make. Every method raises RegistryUnreachableError, RefusedError."""

    def __init__(self, url: str) -> None:
        """As its first line names it: `http://127.0.0.1:8081`."""
        self.url = url.rstrip("/")
        # No proxy of the environment: it would not find this machine's own ports.
        self._opener = build_opener(ProxyHandler({}))

    def get(self, *path: object, **query: object) -> Any:
        """Read something; the parts of its path are quoted here."""
        return self._ask("GET", path, query, None)

    def post(self, *path: object, body: object, **query: object) -> Any:
        """Register, look up or check something."""
        return self._ask("POST", path, query, body)

    def _ask(self, method: str, path: tuple[object, ...], query: dict[str, object], body: object) -> Any:
        target = "/".join(quote(str(part), safe="") for part in path)
        told = {name: "true" if value is True else value for name, value in query.items()}
        asked = urlencode({name: value for name, value in told.items() if value is not None and value is not False})
        data = None if body is None else json.dumps(body).encode()
        try:
            request = Request(  # noqa: S310 - whoever names the registry says what it speaks
                f"{self.url}/{target}{'?' if asked else ''}{asked}", data, {"Content-Type": JSON_TYPE}, method=method
            )
            with self._opener.open(request, timeout=ANSWER_S_MAX) as answer:
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise _refusal(error) from error
        except (URLError, HTTPException, OSError, ValueError) as error:
            raise RegistryUnreachableError(
                f"no registry answers at {self.url}: {getattr(error, 'reason', error)}"
            ) from error


def _refusal(error: HTTPError) -> RefusedError:
    try:
        told = json.load(error)
        return RefusedError(int(told["error_code"]), str(told["message"]))
    except (ValueError, KeyError, TypeError):
        return RefusedError(error.code, f"{error.code} {error.reason}")
