"""The registry's client without a socket: time-outs, other registries, pauses, and answers that are none, in virtual time."""

import json
from typing import Any

import pytest

from producer.commands import Connect, Disconnect, Write
from producer.errors import ConfigError, SchemaRegistryError
from producer.serialization.registry import calls
from producer.serialization.registry.client import NEVER_US, RegistryClient
from producer.serialization.registry.exchange import BODY_BYTES_MAX
from producer.serialization.registry.settings import RegistrySettings, places

SECOND_US = 1_000_000
CALL = calls.by_id(7)


def client(*urls: str, retries_max: int = 3) -> RegistryClient:
    return RegistryClient(RegistrySettings(places(urls or ("http://a:8081",)), retries_max=retries_max))


def response(told: Any, status: int = 200, headers: str = "") -> bytes:
    body = json.dumps(told).encode()
    return f"HTTP/1.1 {status} X\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def open_and_ask(one: RegistryClient, now_us: int = 0) -> int:
    """Ask, and let the connection come up; gives its number."""
    one.ask(CALL, now_us)
    (connect,) = one.take_commands()
    assert isinstance(connect, Connect)
    one.connected(connect.connection, now_us)
    (write,) = one.take_commands()
    assert isinstance(write, Write)
    return connect.connection


def failure(one: RegistryClient) -> SchemaRegistryError:
    ((_, told),) = one.take_answers()
    assert isinstance(told, SchemaRegistryError)
    return told


def test_a_call_connects_asks_and_is_answered_with_its_number() -> None:
    one = client("http://user:secret@a:8081/base/")
    number = one.ask(CALL, 0)

    assert one.take_commands() == [Connect(1, "a", 8081)]
    one.connected(1, 10)
    (write,) = one.take_commands()
    assert isinstance(write, Write)
    head = write.data.decode()
    assert head.startswith("GET /base/schemas/ids/7 HTTP/1.1\r\nHost: a:8081\r\n")
    assert "Authorization: Basic dXNlcjpzZWNyZXQ=\r\n" in head
    one.bytes_received(1, response({"schema": "x"})[:20], 20)
    assert one.take_answers() == []
    one.bytes_received(1, response({"schema": "x"})[20:], 30)
    assert one.take_answers() == [(number, {"schema": "x"})]
    assert one.deadline_us == NEVER_US


def test_the_connection_is_kept_and_calls_go_one_after_the_other() -> None:
    one = client()
    first = open_and_ask(one)
    second, third = one.ask(calls.subjects(), 1), one.ask(calls.versions("s"), 2)
    assert one.take_commands() == []

    one.bytes_received(first, response({}), 3)
    (write,) = one.take_commands()
    assert isinstance(write, Write)
    assert write.data.startswith(b"GET /subjects HTTP/1.1")
    one.bytes_received(first, response(["a"]), 4)
    one.bytes_received(first, response([1]), 5)

    assert [number for number, _ in one.take_answers()] == [1, second, third]


def test_a_body_goes_with_its_length() -> None:
    one = client()
    one.ask(calls.set_level("FULL", "a/b"), 0)
    one.take_commands()
    one.connected(1, 0)

    (write,) = one.take_commands()

    assert isinstance(write, Write)
    assert write.data.startswith(b"PUT /config/a%2Fb HTTP/1.1\r\n")
    assert b"Content-Length: 25\r\n" in write.data
    assert write.data.endswith(b'\r\n\r\n{"compatibility": "FULL"}')


@pytest.mark.parametrize(
    "status, code",
    [
        (404, 40401),
        (404, 40402),
        (404, 40403),
        (409, 409),
        (409, 40901),
        (422, 42201),
        (422, 42203),
        (401, 0),
        (403, 0),
    ],
)
def test_a_refusal_has_the_registry_s_code_and_words(status: int, code: int) -> None:
    one = client()
    connection = open_and_ask(one)

    one.bytes_received(connection, response({"error_code": code, "message": "no"} if code else {}, status), 1)

    error = failure(one)
    assert (error.status, error.error_code, error.detail) == (status, code, "no" if code else "")
    assert str(error) == f"schema registry: GET /schemas/ids/7: {code or status}: {'no' if code else ''}"
    assert not error.is_retriable


def test_who_does_not_answer_is_left_for_the_next_and_once_all_were_tried_a_pause_comes() -> None:
    one = client("http://a:1", "http://b:2")
    open_and_ask(one)
    assert one.deadline_us == 60 * SECOND_US

    one.timer_fired(60 * SECOND_US)
    assert one.take_commands() == [Disconnect(1, is_patient=False), Connect(2, "b", 2)]
    one.disconnected(2, "refused", 61 * SECOND_US)
    assert one.take_commands() == []
    assert one.deadline_us == 62 * SECOND_US
    one.timer_fired(62 * SECOND_US)
    assert one.take_commands() == [Connect(3, "a", 1)]
    one.disconnected(3, "refused", 62 * SECOND_US)
    assert one.take_commands() == [Connect(4, "b", 2)]
    one.disconnected(4, "Connection refused", 62 * SECOND_US)

    error = failure(one)
    assert str(error) == "schema registry: GET /schemas/ids/7 at http://b:2: Connection refused"
    assert error.is_retriable
    assert one.deadline_us == NEVER_US


def test_pauses_double_up_to_the_longest() -> None:
    settings = RegistrySettings(places(["http://a:1"]), retries_max=5, backoff_us=10, backoff_us_max=35)
    one, pauses, now_us = RegistryClient(settings), [], 0
    one.ask(CALL, now_us)
    while (commands := one.take_commands()) or one.deadline_us < NEVER_US:
        if commands:
            (connect,) = commands
            assert isinstance(connect, Connect)
            one.disconnected(connect.connection, "refused", now_us)
        if one.deadline_us < NEVER_US:
            pauses.append(one.deadline_us - now_us)
            now_us = one.deadline_us
            one.timer_fired(now_us)

    assert pauses == [10, 20, 35, 35, 35]
    assert failure(one).detail == "refused"


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_who_cannot_answer_now_is_asked_again_and_believed_at_last(status: int) -> None:
    one = client(retries_max=1)
    connection = open_and_ask(one)

    one.bytes_received(connection, response({"error_code": 50003, "message": "later"}, status), 1)
    assert one.take_answers() == []
    one.timer_fired(one.deadline_us)
    one.take_commands()
    one.connected(2, 2 * SECOND_US)
    one.bytes_received(2, response({"error_code": 50003, "message": "later"}, status), 2 * SECOND_US)

    error = failure(one)
    assert (error.status, error.error_code) == (status, 50003)
    assert error.is_retriable


@pytest.mark.parametrize(
    "data, why",
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "answered what is no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "answered HTTP 200 with what is no JSON: b'hello'"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"[" * 100_000, "what is no JSON"),
        (b"HTTP/1.1 200 OK\r\n" + b"A: " + b"x" * 100_000, "answered what is no HTTP"),
        (b"\xff" * 200_000, "answered what is no HTTP"),
    ],
    ids=["ssh", "text", "nested", "long head", "bytes"],
)
def test_an_answer_that_is_none_ends_the_connection_and_is_told(data: bytes, why: str) -> None:
    one = client(retries_max=0)
    connection = open_and_ask(one)

    one.bytes_received(connection, data, 1)

    assert one.take_commands() == [Disconnect(connection, is_patient=False)]
    assert why in failure(one).detail


def test_an_answer_without_end_is_cut_at_a_bound() -> None:
    one = client(retries_max=0)
    connection = open_and_ask(one)
    one.bytes_received(connection, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", 1)

    pieces = 0
    while one.take_commands() == []:
        one.bytes_received(connection, b"10000\r\n" + bytes(65_536) + b"\r\n", 1)
        pieces += 1

    assert pieces == BODY_BYTES_MAX // 65_536 + 1
    assert failure(one).detail == f"answered more than {BODY_BYTES_MAX} bytes"


def test_half_an_answer_and_the_end_is_a_failed_attempt() -> None:
    one = client(retries_max=0)
    connection = open_and_ask(one)

    one.bytes_received(connection, response({"schema": "x"})[:-3], 1)
    one.disconnected(connection, "Connection reset by peer", 2)

    assert failure(one).detail == "Connection reset by peer"


def test_an_answer_that_ends_with_the_connection_is_one() -> None:
    one = client()
    connection = open_and_ask(one)

    one.bytes_received(connection, b'HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{"a":', 1)
    one.bytes_received(connection, b"1}", 2)
    one.disconnected(connection, "closed", 3)

    assert one.take_answers() == [(1, {"a": 1})]


def test_a_kept_connection_that_ended_meanwhile_costs_no_attempt() -> None:
    one = client(retries_max=0)
    connection = open_and_ask(one)
    one.bytes_received(connection, response({}), 1)
    one.take_answers()
    one.ask(CALL, 2)
    one.take_commands()

    one.disconnected(connection, "Connection reset by peer", 3)
    assert one.take_commands() == [Connect(2, "a", 8081)]
    one.connected(2, 4)
    one.bytes_received(2, response({"b": 2}), 5)

    assert [told for _, told in one.take_answers()] == [{"b": 2}]


def test_one_that_is_closed_behind_an_answer_is_opened_again_for_the_next() -> None:
    one = client()
    connection = open_and_ask(one)
    one.bytes_received(connection, response({}, headers="Connection: close\r\n"), 1)
    assert one.take_commands() == [Disconnect(connection, is_patient=False)]

    one.ask(CALL, 2)

    assert one.take_commands() == [Connect(2, "a", 8081)]


def test_nobody_hears_of_a_call_that_was_forgotten() -> None:
    one = client()
    first = open_and_ask(one)
    second, third = one.ask(CALL, 1), one.ask(calls.subjects(), 1)

    one.forget(second, 2)
    one.forget(1, 3)
    assert one.take_commands() == [Disconnect(first, is_patient=False), Connect(2, "a", 8081)]
    one.bytes_received(first, response({}), 4)
    one.connected(2, 5)
    one.bytes_received(2, response([]), 6)

    assert one.take_answers() == [(third, [])]


def test_time_that_ran_out_after_the_sockets_were_looked_at_waits_for_the_next_look() -> None:
    one = client()
    open_and_ask(one)

    one.timer_fired(61 * SECOND_US, 59 * SECOND_US)

    assert one.take_commands() == []


@pytest.mark.parametrize(
    "url, why",
    [
        ("a:8081", "must be http://host:port"),
        ("ftp://a", "must be http://host:port"),
        ("http://", "must be http://host:port"),
        ("http://a:99999", "Port out of range"),
        ("http://a:1/?x=1", "must be http://host:port"),
        ("http://user:secret@:1", "must be http://host:port"),
    ],
)
def test_a_url_that_is_none_is_refused_without_its_password(url: str, why: str) -> None:
    with pytest.raises(ConfigError, match=r"schema\.registry\.url is ") as refused:
        places([url])

    assert why in str(refused.value)
    assert "secret" not in str(refused.value)


def test_registries_are_of_one_kind_and_there_is_one_at_least() -> None:
    with pytest.raises(ConfigError, match="http and https"):
        places(["http://a", "https://b"])
    with pytest.raises(ConfigError, match="is empty"):
        places([])
    (one,) = places(["https://[::1]/"])
    assert (str(one), one.port) == ("https://[::1]:443", 443)
