"""Requests and answers as HTTP's bytes: whole, in pieces, too large, half, or none at all."""

from __future__ import annotations

import json

import pytest

from sim.registry.registry import Registry
from sim.registry.rest.connection import Connection
from sim.registry.rest.messages import BODY_BYTES_MAX
from tests.registry.asking import ORDER

HEAD = "Host: localhost\r\nContent-Type: application/json\r\n"


def spoken(data: bytes, *, piece: int = 0, registry: Registry | None = None) -> tuple[bytes, Connection, Registry]:
    """Give what is answered to some bytes."""
    registry, connection = registry or Registry(), Connection()
    for begin in range(0, len(data), piece or len(data)):
        request = connection.receive(data[begin : begin + (piece or len(data))])
        while request is not None:
            connection.answer(registry.handle(request))
            request = connection.advance()
    return connection.take_output(), connection, registry


def posted(body: bytes, target: str = "/subjects/s/versions", more: str = "") -> bytes:
    return f"POST {target} HTTP/1.1\r\n{HEAD}{more}Content-Length: {len(body)}\r\n\r\n".encode() + body


def told(answer: bytes) -> tuple[int, object]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


REGISTERING = posted(json.dumps({"schema": ORDER}).encode())


@pytest.mark.parametrize("piece", [0, 1, 7])
def test_a_request_in_pieces_is_the_same_request(piece: int) -> None:
    answer, connection, registry = spoken(REGISTERING, piece=piece)

    assert told(answer)[0] == 200
    assert len(registry.journal) == 1
    assert connection.is_idle
    assert not connection.is_over


def test_requests_sent_at_once_are_answered_in_their_order() -> None:
    asked = b"".join(f"GET {path} HTTP/1.1\r\n{HEAD}\r\n".encode() for path in ("/subjects", "/config", "/mode"))
    answer, *_ = spoken(asked)

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"[]") < answer.index(b"BACKWARD") < answer.index(b"READWRITE")


def test_half_a_request_registers_nothing() -> None:
    for length in range(1, len(REGISTERING), 13):
        answer, connection, registry = spoken(REGISTERING[:length])
        assert answer == b""
        assert connection.receive(b"") is None
        assert connection.is_over
        assert registry.journal == []


def test_who_takes_too_long_is_told_so() -> None:
    _, connection, _ = spoken(REGISTERING[:-5])
    connection.time_out()

    assert told(connection.take_output())[0] == 408
    assert connection.is_over


def test_a_body_in_chunks_is_taken() -> None:
    body = json.dumps({"schema": ORDER}).encode()
    chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (body[:9], body[9:])) + b"0\r\n\r\n"
    asked = f"POST /subjects/s/versions HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks

    assert told(spoken(asked)[0])[0] == 200


def test_who_asks_first_is_told_to_go_on() -> None:
    head, _, body = posted(json.dumps({"schema": ORDER}).encode(), more="Expect: 100-continue\r\n").partition(
        b"\r\n\r\n"
    )
    registry, connection = Registry(), Connection()

    assert connection.receive(head + b"\r\n\r\n") is None
    assert connection.take_output().startswith(b"HTTP/1.1 100 ")
    request = connection.receive(body)
    assert request is not None
    assert registry.handle(request).status == 200


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"what is this\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"GET /subjects HTTP/1.1\r\n\r\n", 400),
        (f"GET /{'x' * 100_000} HTTP/1.1\r\n{HEAD}\r\n".encode(), 431),
        (f"POST /subjects/s HTTP/1.1\r\n{HEAD}Content-Length: {BODY_BYTES_MAX + 1}\r\n\r\n".encode(), 413),
        (f"POST /subjects/s HTTP/1.1\r\n{HEAD}Content-Length: -5\r\n\r\n".encode(), 400),
        (posted(b"<schema/>").replace(b"application/json", b"text/xml"), 415),
        (posted(b"\xff\xfe"), 400),
    ],
)
def test_what_is_no_request_is_answered_and_registers_nothing(asked: bytes, status: int) -> None:
    answer, _, registry = spoken(asked, piece=4_096)

    assert told(answer)[0] == status
    assert registry.journal == []


def test_chunks_without_end_are_ended() -> None:
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    asked = f"POST /subjects/s HTTP/1.1\r\n{HEAD}Transfer-Encoding: chunked\r\n\r\n".encode()
    answer, connection, _ = spoken(asked + chunk * (BODY_BYTES_MAX // 0x10000 + 1))

    assert told(answer)[0] == 413
    assert connection.is_over


@pytest.mark.parametrize(("letters", "code"), [(1_048_000, 0), (1_048_400, 42209), (1_048_600, 42201)])
def test_a_schema_that_no_producer_would_send_is_refused_by_its_size(letters: int, code: int) -> None:
    schema = json.dumps({"type": "record", "name": "R", "doc": "x" * letters, "fields": []})
    _, answer = told(spoken(posted(json.dumps({"schema": schema}).encode()))[0])

    assert isinstance(answer, dict)
    assert answer.get("error_code", 0) == code


@pytest.mark.parametrize("subject", ["%C3%A4%2F%3F%23 ", "a%20b", "%25", "..%2F..", "%E2%98%83" * 200])
def test_a_subject_of_odd_letters_is_one(subject: str) -> None:
    subject = subject.replace(" ", "%20")
    registry = Registry()
    body = json.dumps({"schema": ORDER}).encode()

    assert told(spoken(posted(body, f"/subjects/{subject}/versions"), registry=registry)[0])[0] == 200
    found = spoken(f"GET /subjects/{subject}/versions/1 HTTP/1.1\r\n{HEAD}\r\n".encode(), registry=registry)[0]
    from urllib.parse import unquote

    assert json.loads(found.partition(b"\r\n\r\n")[2])["subject"] == unquote(subject)


def test_head_has_no_body_and_the_connection_goes_on() -> None:
    answer, connection, _ = spoken(f"HEAD /subjects HTTP/1.1\r\n{HEAD}\r\n".encode())

    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")
    assert connection.is_idle
