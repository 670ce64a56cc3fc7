"""As much of HTTP/1.1 (RFC 9112) as a control port needs: one request a connection, a JSON body with a length, one answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

HEAD_BYTES_MAX = 16_384
BODY_BYTES_MAX = 1_048_576
REQUEST_S_MAX = 10.0
"""How long a client may take to say what it wants."""
OF_THIS_MACHINE = ("127.0.0.1", "localhost")
"""What a request may call this server. A web page in a browser can send requests here, under names of its own."""


class Request(NamedTuple):
    """What a client wants."""

    method: str
    path: str
    """Without what stands behind a question mark."""
    body: Any
    """The JSON value; None without one."""


class Answer(NamedTuple):
    """What it gets."""

    status: HTTPStatus
    body: Any
    """As JSON."""


class RefusedError(Exception):
    """A request that is not answered with what it asks for."""

    def __init__(self, status: HTTPStatus, reason: str) -> None:
        super().__init__(reason)
        self.status = status


Respond = Callable[[Request], Awaitable[Answer]]
"""May raise RefusedError."""


async def serve(respond: Respond, *, host: str, port: int) -> asyncio.Server:
    """Listen. Raises OSError."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            try:
                answer = await _answer(reader, respond)
            except RefusedError as error:
                answer = Answer(error.status, {"error": str(error)})
            writer.write(_written(answer))
            await writer.drain()
        writer.close()

    return await asyncio.start_server(connected, host, port, limit=HEAD_BYTES_MAX)


async def _answer(reader: asyncio.StreamReader, respond: Respond) -> Answer:
    try:
        async with asyncio.timeout(REQUEST_S_MAX):
            request = await _request(reader)
    except TimeoutError:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, f"no whole request within {REQUEST_S_MAX:.0f} s") from None
    return await respond(request)


async def _request(reader: asyncio.StreamReader) -> Request:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("ascii")
        first, *lines = head.removesuffix("\r\n\r\n").split("\r\n")
        method, target, protocol = first.split(" ")
        fields = {
            name.lower(): value.strip() for name, colon, value in (line.partition(":") for line in lines) if colon
        }
        length = int(fields.get("content-length", "0"))
    except asyncio.LimitOverrunError:
        raise RefusedError(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"a head ends within {HEAD_BYTES_MAX} bytes"
        ) from None
    except (asyncio.IncompleteReadError, ValueError):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "this is no HTTP request") from None
    if not protocol.startswith("HTTP/1."):
        raise RefusedError(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, f"{protocol} is not spoken here")
    _check_origin(fields)
    if not 0 <= length <= BODY_BYTES_MAX or "transfer-encoding" in fields:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body says its length, up to {BODY_BYTES_MAX} bytes")
    return Request(method, target.partition("?")[0], await _body(reader, fields, length))


async def _body(reader: asyncio.StreamReader, fields: dict[str, str], length: int) -> Any:
    if not length:
        return None
    if fields.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "a body is application/json")
    try:
        return json.loads(await reader.readexactly(length))
    except asyncio.IncompleteReadError:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "the body is shorter than it says") from None
    except (ValueError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None


def _check_origin(fields: dict[str, str]) -> None:
    """Refuse what a browser sends for a page from elsewhere: the page has another name, or says where it is from."""
    name = fields.get("host", "").partition(":")[0]
    if name not in OF_THIS_MACHINE or "origin" in fields:
        raise RefusedError(HTTPStatus.FORBIDDEN, "only programs of this machine are answered, at 127.0.0.1")


def _written(answer: Answer) -> bytes:
    body = json.dumps(answer.body).encode() + b"\n"
    head = (
        f"HTTP/1.1 {answer.status.value} {answer.status.phrase}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + body
