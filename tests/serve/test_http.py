"""HTTP on the control port: connections that are kept, bodies in chunks, requests one behind the other, and clients that dawdle."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

import h11
import pytest

from sim.serve.http import BODY_BYTES_MAX, CONNECTIONS_MAX, Answer, Listening, Request
from tests.knocking import TURNS, close_amid_knocks

HEAD = b"Host: localhost\r\nContent-Type: application/json\r\n"
LIMIT_S = 30
SHORT_S = 0.2
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[Any]]


async def echo(request: Request) -> Answer:
    if request.path == "/bug":
        raise LookupError("no such thing")
    return Answer(HTTPStatus.OK, list(request[:3]))


def talked(talk: Talk, *, request_s_max: float = LIMIT_S) -> Any:
    """What comes of a talk with a server that says what it was asked."""

    async def both() -> Any:
        listening = Listening(echo, request_s_max=request_s_max)
        await listening.open("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", listening.port)
        try:
            async with asyncio.timeout(LIMIT_S):
                return await talk(reader, writer)
        finally:
            writer.close()
            await listening.close()
            await asyncio.sleep(0)

    return asyncio.run(both())


async def answer(reader: asyncio.StreamReader, client: h11.Connection) -> tuple[int, Any]:
    """Read one answer."""
    status, body = 0, b""
    while True:
        event = client.next_event()
        if event is h11.NEED_DATA:
            client.receive_data(await reader.read(1_000))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage):
            return status, json.loads(body)
        elif isinstance(event, h11.ConnectionClosed):
            return status, None


def asking(data: bytes, *, answers: int = 1) -> Talk:
    """Send bytes, and read so many answers; then whether the connection ended."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        writer.write(data)
        client = h11.Connection(h11.CLIENT)
        found = []
        for _ in range(answers):
            client.send(h11.Request(method="GET", target="/", headers=[("Host", "localhost")]))
            client.send(h11.EndOfMessage())
            found.append(await answer(reader, client))
            if client.their_state is h11.DONE:
                client.start_next_cycle()
        return found

    return talk


def test_a_connection_is_kept_and_requests_one_behind_the_other_are_answered_in_their_order() -> None:
    one, two = (b"GET /%d HTTP/1.1\r\n" % number + HEAD + b"\r\n" for number in (1, 2))

    assert talked(asking(one + two, answers=2)) == [(200, ["GET", "/1", None]), (200, ["GET", "/2", None])]


def test_a_body_in_chunks_is_read() -> None:
    head = b"POST /faults?x=1 HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"

    found = talked(asking(head + b'5\r\n{"a":\r\n3\r\n 1}\r\n0\r\n\r\n'))

    assert found == [(200, ["POST", "/faults", {"a": 1}])]


def test_a_body_in_chunks_that_does_not_end_is_refused_and_the_answer_arrives() -> None:
    head = b"POST /faults HTTP/1.1\r\n" + HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b" " * 65_536 + b"\r\n"

    ((status, told),) = talked(asking(head + chunk * (BODY_BYTES_MAX // 65_536 + 2)))

    assert status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    assert f"{BODY_BYTES_MAX} are allowed" in told["error"]


@pytest.mark.parametrize("begin", [b"GET", b"POST /faults HTTP/1.1\r\n" + HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_who_does_not_end_a_request_is_told_so_in_time(begin: bytes) -> None:
    ((status, told),) = talked(asking(begin), request_s_max=SHORT_S)

    assert (status, told["error"]) == (HTTPStatus.REQUEST_TIMEOUT, f"no whole request within {SHORT_S:g} s")


def test_who_asks_nothing_is_left_without_a_word() -> None:
    async def silent(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> bytes:
        return await reader.read()

    assert talked(silent, request_s_max=SHORT_S) == b""


def test_a_request_that_comes_byte_by_byte_is_answered() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Any:
        for byte in b"GET /slow HTTP/1.1\r\n" + HEAD + b"\r\n":
            writer.write(bytes([byte]))
            await writer.drain()
        return await asking(b"")(reader, writer)

    assert talked(slow) == [(200, ["GET", "/slow", None])]


def test_a_bug_of_ours_is_told_and_the_next_request_answered(caplog: pytest.LogCaptureFixture) -> None:
    bug, next_one = (b"GET %s HTTP/1.1\r\n" % path + HEAD + b"\r\n" for path in (b"/bug", b"/"))

    first, second = talked(asking(bug + next_one, answers=2))

    assert first == (500, {"error": "a bug of ours: LookupError: no such thing"})
    assert second == (200, ["GET", "/", None])
    assert "LookupError" in caplog.text


@pytest.mark.parametrize(
    "content_type, told",
    [(b"text/plain", "Content-Type is 'text/plain', must be application/json"), (b"", "Content-Type is '', must be")],
)
def test_a_body_of_another_type_is_refused_by_name(content_type: bytes, told: str) -> None:
    request = (
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: " + content_type + b"\r\nContent-Length: 2\r\n\r\n{}"
    )

    ((status, body),) = talked(asking(request))

    assert status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    assert told in body["error"]


def test_more_connections_than_are_allowed_are_refused_with_a_word() -> None:
    async def many() -> tuple[int, Any]:
        listening = Listening(echo)
        await listening.open("127.0.0.1", 0)
        opened = [await asyncio.open_connection("127.0.0.1", listening.port) for _ in range(CONNECTIONS_MAX + 1)]
        try:
            client = h11.Connection(h11.CLIENT)
            client.send(h11.Request(method="GET", target="/", headers=[("Host", "localhost")]))
            return await answer(opened[-1][0], client)
        finally:
            for _, writer in opened:
                writer.close()
            await listening.close()
            await asyncio.sleep(0)

    status, told = asyncio.run(many())

    assert (status, told["error"]) == (503, f"{CONNECTIONS_MAX} connections are open")


def test_head_has_no_body() -> None:
    async def head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        writer.write(b"HEAD / HTTP/1.1\r\n" + HEAD + b"Connection: close\r\n\r\n")
        return await reader.read()

    assert talked(head).endswith(b"\r\n\r\n")


@pytest.mark.parametrize("turns", TURNS)
def test_who_knocks_while_it_closes_is_turned_away(turns: int) -> None:
    listening = Listening(echo)

    async def open_port() -> tuple[str, int]:
        await listening.open("127.0.0.1", 0)
        return "127.0.0.1", listening.port

    close_amid_knocks(open_port, listening.close, turns)
