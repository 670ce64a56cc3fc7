"""HTTP/1.1 for a control port, as h11 speaks it: bounded requests with JSON in them, answers in JSON, one after the other on a connection."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import Any, NamedTuple

import h11

from sim.ports.listener import Listener

LOG = logging.getLogger(__name__)

HEAD_BYTES_MAX = 16_384
BODY_BYTES_MAX = 1_048_576
READ_BYTES = 65_536
REQUEST_S_MAX = 10.0
"""How long a client may take to say what it wants, and to begin with that on a connection that is kept."""
ANSWER_S_MAX = 10.0
"""How long it may take to read the answer."""
LINGER_S_MAX = 1.0
"""How long what a refused client still sends is read: unread, it would break the connection before the answer is there."""
CONNECTIONS_MAX = 100
OF_THIS_MACHINE = ("127.0.0.1", "localhost")
"""What a request may call this server. A web page in a browser can send requests here, under names of its own."""
SPOKEN = (b"1.0", b"1.1")


class Request(NamedTuple):
    """What a client wants."""

    method: str
    path: str
    """Without what stands behind a question mark."""
    body: Any
    """The JSON value; None without one."""
    query: str = ""
    """What stands behind the question mark."""


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


class Listening:
    """An open port. `close` ends the connections as well."""

    def __init__(self, respond: Respond, *, request_s_max: float = REQUEST_S_MAX) -> None:
        self._respond = respond
        self._request_s_max = request_s_max
        self._listener: Listener
        self._clients: dict[_Client, None] = {}
        self._nobody_is_here = asyncio.Event()
        self._nobody_is_here.set()

    async def open(self, host: str, port: int) -> None:
        """Listen; 0 for any port that is free. Raises OSError, its `filename` the port that is not."""
        self._listener = Listener(host, port)
        self._listener.begin(lambda: _Client(self))

    @property
    def port(self) -> int:
        return self._listener.port

    async def close(self) -> None:
        """Accept nobody any more, and end every connection; an answer that is written is still sent."""
        await self._listener.close()
        for client in self._clients:
            client.talk.cancel()
        try:
            async with asyncio.timeout(LINGER_S_MAX):
                await self._nobody_is_here.wait()
        except TimeoutError:
            for client in tuple(self._clients):
                client.writer.transport.abort()
            await self._nobody_is_here.wait()

    def admit(self, client: _Client) -> None:
        """A client connected."""
        self._clients[client] = None
        self._nobody_is_here.clear()

    def dismiss(self, client: _Client) -> None:
        """A client's socket is closed, and its talk over."""
        del self._clients[client]
        if not self._clients:
            self._nobody_is_here.set()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client until either side has enough; one too many is refused."""
        connection = _Connection(reader, writer, self._respond, self._request_s_max)
        with suppress(OSError, TimeoutError):
            if len(self._clients) > CONNECTIONS_MAX:
                await connection.refuse(HTTPStatus.SERVICE_UNAVAILABLE, f"{CONNECTIONS_MAX} connections are open")
            else:
                await connection.serve()


class _Client(asyncio.StreamReaderProtocol):
    """One client's socket."""

    def __init__(self, listening: Listening) -> None:
        super().__init__(asyncio.StreamReader(), self._begin)
        self._listening = listening
        self.writer: asyncio.StreamWriter
        self.talk: asyncio.Task[None]

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._listening.admit(self)
        super().connection_made(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # Either of them may be the last.
        self.talk.add_done_callback(lambda _: self._listening.dismiss(self))

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.talk = asyncio.get_running_loop().create_task(self._listening.talk(reader, writer))
        # Not in the task: cancelled before its first step it would close nothing.
        self.talk.add_done_callback(lambda _: writer.close())


class _Connection:
    """One client's requests, each answered before the next is read."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, respond: Respond, request_s_max: float
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._respond = respond
        self._request_s_max = request_s_max
        self._is_head = False
        """Whether the request wants no body in its answer."""
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=HEAD_BYTES_MAX)

    async def serve(self) -> None:
        """Answer until either side has enough."""
        while True:
            answer = await self._answer()
            if answer is None:
                return
            await self._send(answer)
            if self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
                await self._linger()
                return
            self._http.start_next_cycle()

    async def refuse(self, status: HTTPStatus, reason: str) -> None:
        """Answer what was not read, and end."""
        await self._send(Answer(status, {"error": reason}))
        await self._linger()

    async def _answer(self) -> Answer | None:
        """Give the answer to the next request; None if there is none."""
        try:
            async with asyncio.timeout(self._request_s_max):
                request = await self._request()
            return None if request is None else await self._respond(request)
        except TimeoutError:
            if self._http.their_state is h11.IDLE and not self._http.trailing_data[0]:
                return None
            return _refusal(HTTPStatus.REQUEST_TIMEOUT, f"no whole request within {self._request_s_max:g} s")
        except RefusedError as error:
            return _refusal(error.status, str(error))
        except h11.RemoteProtocolError as error:
            return _refusal(HTTPStatus(error.error_status_hint), f"this is no HTTP request: {error}")
        except Exception as error:
            LOG.exception("the control port failed on a request")
            return _refusal(HTTPStatus.INTERNAL_SERVER_ERROR, f"a bug of ours: {type(error).__name__}: {error}")

    async def _request(self) -> Request | None:
        head = await self._event()
        if not isinstance(head, h11.Request):
            return None  # the client has closed
        self._is_head = head.method == b"HEAD"
        fields = {bytes(name).decode("ascii"): bytes(value).decode("latin-1") for name, value in head.headers}
        if head.http_version not in SPOKEN:
            version = bytes(head.http_version).decode("ascii")
            raise RefusedError(
                HTTPStatus.HTTP_VERSION_NOT_SUPPORTED, f"HTTP/{version} is not spoken here, but HTTP/1.1"
            )
        _check_origin(fields)
        claimed = int(fields.get("content-length", "0"))
        if claimed > BODY_BYTES_MAX:
            raise _too_large(claimed)
        path, _, query = bytes(head.target).decode("ascii").partition("?")
        return Request(bytes(head.method).decode("ascii"), path, _json(await self._body(), fields), query)

    async def _body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._event(), h11.Data):
            body += event.data
            if len(body) > BODY_BYTES_MAX:
                raise _too_large(len(body))
        return bytes(body)

    async def _event(self) -> Any:
        """Give what the client says next."""
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                self._write(h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[]))
            self._http.receive_data(await self._reader.read(READ_BYTES))
        return event

    async def _send(self, answer: Answer) -> None:
        body = json.dumps(answer.body).encode() + b"\n"
        headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
        if self._http.their_state is not h11.DONE:
            # What is left of a request that was refused is no next one.
            headers.append(("Connection", "close"))
        self._write(h11.Response(status_code=answer.status, headers=headers, reason=answer.status.phrase.encode()))
        if not self._is_head:
            self._write(h11.Data(data=body))
        self._write(h11.EndOfMessage())
        async with asyncio.timeout(ANSWER_S_MAX):
            await self._writer.drain()

    def _write(self, event: Any) -> None:
        self._writer.write(self._http.send(event) or b"")

    async def _linger(self) -> None:
        """End this side, and read a little of what the client has yet to say, for it to read the answer."""
        with suppress(OSError, TimeoutError):
            self._writer.write_eof()
            async with asyncio.timeout(LINGER_S_MAX):
                while await self._reader.read(READ_BYTES):
                    pass


def _refusal(status: HTTPStatus, reason: str) -> Answer:
    return Answer(status, {"error": reason})


def _too_large(size: int) -> RefusedError:
    return RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a body of {size} bytes, {BODY_BYTES_MAX} are allowed")


def _json(body: bytes, fields: dict[str, str]) -> Any:
    if not body:
        return None
    content_type = fields.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type is {content_type!r}, must be application/json"
        )
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"the body is no JSON: {error}") from None


def _check_origin(fields: dict[str, str]) -> None:
    """Refuse what a browser sends for a page from elsewhere: the page has another name, or says where it is from."""
    host = fields.get("host", "")
    if host.partition(":")[0] not in OF_THIS_MACHINE:
        raise RefusedError(HTTPStatus.FORBIDDEN, f"Host is {host!r}: only who asks 127.0.0.1 or localhost is answered")
    if "origin" in fields:
        raise RefusedError(HTTPStatus.FORBIDDEN, f"Origin is {fields['origin']!r}: no web page is answered")
