"""A request and its answer, as values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, unquote

from sim.registry.core.errors import RegistryCode, RegistryError
from sim.registry.core.outcome import Text

JSON_TYPE = "application/vnd.schemaregistry.v1+json"
"""What this registry answers in."""
BODY_BYTES_MAX = 4_194_304
"""A schema of a million characters, each of them escaped, is within it."""


class Request(NamedTuple):
    """What a client asks."""

    method: str
    target: str
    """Path and query, as they were sent."""
    body: bytes = b""
    content_type: str = ""
    is_forwarded: bool = False
    """Whether another registry passes it on: it goes no further."""


class Reply(NamedTuple):
    """What it gets."""

    status: HTTPStatus
    body: bytes
    content_type: str = JSON_TYPE


class Asked(NamedTuple):
    """A request, read."""

    method: str
    path: tuple[str, ...]
    """Its parts, percent-decoded: a part may hold a slash."""
    query: Mapping[str, str]
    """Of a name that is given twice, the last."""
    body: bytes
    parameters: tuple[tuple[str, str], ...] = ()
    """The same with every one of them, in their order."""

    def every(self, name: str) -> list[str]:
        """Give all values of a parameter that may be given more than once."""
        return [value for one, value in self.parameters if one == name]

    def flag(self, name: str) -> bool:
        """Whether a parameter is `true`, in whatever letters (java.lang.Boolean)."""
        return self.query.get(name, "").lower() == "true"

    def number(self, name: str, default: int) -> int:
        """Give a parameter that is a number. Raises RegistryError 404 for another one, as JAX-RS does."""
        told = self.query.get(name)
        if told is None:
            return default
        try:
            return int(told[:20])
        except ValueError:
            raise no_such_place() from None

    def page(self, found: list[Any]) -> list[Any]:
        """Give what `offset` and `limit` leave of a list; a limit below 1 is none."""
        offset, limit = max(0, self.number("offset", 0)), self.number("limit", -1)
        return found[offset : offset + limit] if limit > 0 else found[offset:]

    def json(self) -> Mapping[str, Any]:
        """Read the body. Raises RegistryError 400, 422."""
        try:
            told = json.loads(self.body or b"null")
        except (ValueError, RecursionError) as error:
            raise RegistryError(RegistryCode.BAD_REQUEST, f"the body is no JSON: {error}") from None
        if told is None:
            raise RegistryError(RegistryCode.UNPROCESSABLE, "the body must not be null")
        if not isinstance(told, dict):
            raise RegistryError(
                RegistryCode.BAD_REQUEST, f"the body is a JSON {type(told).__name__}, must be an object"
            )
        return told


def read_request(request: Request) -> Asked:
    """Take a request apart. Raises RegistryError 404 for a path that is no UTF-8, 415."""
    target = request.target
    if target.startswith(("http://", "https://")):
        # As a proxy is asked: what is before the path names this server.
        target = f"/{target.partition('://')[2].partition('/')[2]}"
    path, _, query = target.partition("?")
    try:
        parts = tuple([unquote(part, errors="strict") for part in path.split("/")[1:]])
        told = tuple(parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=100))
    except (UnicodeDecodeError, ValueError):
        raise no_such_place() from None
    while parts and not parts[-1]:
        parts = parts[:-1]
    if request.body and not _is_json(request.content_type):
        raise RegistryError(
            RegistryCode.UNSUPPORTED_MEDIA_TYPE, f"HTTP 415 Unsupported Media Type: {request.content_type!r}"
        )
    return Asked(request.method, parts, dict(told), request.body, told)


def _is_json(content_type: str) -> bool:
    told = content_type.partition(";")[0].strip().lower()
    return told in ("application/json", "application/octet-stream") or (
        told.startswith("application/vnd.schemaregistry") and told.endswith("json")
    )


def no_such_place() -> RegistryError:
    return RegistryError(RegistryCode.NOT_FOUND, "HTTP 404 Not Found")


def answer(told: Any) -> Reply:
    """Give what was asked for."""
    if isinstance(told, Text):
        return Reply(HTTPStatus.OK, told.encode())
    return Reply(HTTPStatus.OK, json.dumps(told, ensure_ascii=False).encode())


def refusal(error: RegistryError) -> Reply:
    """Give an error as Confluent does."""
    told = {"error_code": int(error.code), "message": error.message}
    return Reply(error.code.status, json.dumps(told, ensure_ascii=False, default=str).encode())
