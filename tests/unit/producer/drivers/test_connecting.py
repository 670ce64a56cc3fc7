"""How a connection begins, or does not: the same claims for both drivers, on real sockets of 127.0.0.1."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from producer.commands import AskToken, Connect, Disconnect
from producer.drivers.tokens import RefreshWindow, TokenSource
from tests.unit.producer.drivers.black_hole import black_hole
from tests.unit.producer.drivers.driving import both
from tests.unit.producer.drivers.listener import Listener
from tests.unit.producer.drivers.tls_peers import client_tls, serving


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@both
@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("127.0.0.1", free_port, "Connection refused"),
        ("no-such-host.invalid", lambda: 9092, "no-such-host.invalid: "),
        ("x" * 80 + ".invalid", lambda: 9092, "x" * 80 + ".invalid: "),
    ],
    ids=["nobody listens", "no such name", "no name at all"],
)
def test_a_connection_that_cannot_be_had_is_told_with_a_reason(
    drive: Any, host: str, port: Callable[[], int], reason: str
) -> None:
    with drive(Connect(1, host, port())) as driving:
        told = driving.hear("disconnected")

    assert str(told).startswith(reason)
    assert len(driving.machine.heard) == 1


@both
def test_an_attempt_begins_behind_the_address_that_was_tried_last(drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first address of the name answers nothing: all the time of the first attempt goes there, and no other's."""

    def look_up(_host: str, port: int, *_: Any, **__: Any) -> list[Any]:
        addresses = ("127.0.0.2", "127.0.0.1")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    listener = Listener()
    with black_hole("127.0.0.2", listener.port), drive() as driving:
        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        driving.do(Connect(1, "two.addresses", listener.port))
        for _ in range(10):
            driving.look()
        assert driving.machine.words == []
        driving.do(Disconnect(1, is_patient=False), Connect(2, "two.addresses", listener.port))
        driving.hear("connected")

        assert driving.machine.heard[0][:2] == ("connected", 2)
    listener.finish()


@both
def test_the_system_looks_whether_a_peer_that_is_silent_is_still_there(drive: Any) -> None:
    listener = Listener()
    with drive(Connect(1, "127.0.0.1", listener.port)) as driving:
        driving.hear("connected")
        (connection,) = driving.driver._connections.values()

        assert connection.socket.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    listener.finish()


@both
def test_a_link_local_address_is_reached_by_its_interface(drive: Any) -> None:
    # Nobody listens there. What the system says differs from host to host, but not from what it says without us.
    host, port = f"fe80::1%{socket.if_indextoname(1)}", free_port()
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with pytest.raises(OSError) as expected, socket.socket(family, kind) as plain:
        plain.connect(address)

    with drive(Connect(1, host, port)) as driving:
        told = driving.hear("disconnected")

    assert told == expected.value.strerror


@both
def test_with_tls_the_cipher_agreed_on_is_told_once(drive: Any) -> None:
    secured: list[tuple[int, str, str]] = []

    with (
        serving() as server,
        drive(
            Connect(1, "localhost", server.port), tls=client_tls(), secured=lambda *it: secured.append(it)
        ) as driving,
    ):
        driving.hear("connected")

    ((connection, cipher, protocol),) = secured
    assert (connection, protocol) == (1, "TLSv1.3")
    assert cipher.startswith("TLS_")


class Fixed:
    def random(self) -> float:
        return 0.5


def source(callback: Callable[[], object]) -> TokenSource:
    return TokenSource(callback, RefreshWindow(0.8, 0.05, 60, 300), chance=Fixed())  # type: ignore[arg-type]


@both
@pytest.mark.parametrize(
    ("callback", "word", "what"),
    [
        (lambda: ("token", 3_600), "token", "BearerToken"),
        (lambda: "no pair", "refused", "must return"),
        (lambda: 1 // 0, "refused", "ZeroDivisionError"),
    ],
    ids=["given", "malformed", "raised"],
)
def test_a_token_that_is_asked_for_is_given_or_its_lack_is_told(
    drive: Any, callback: Callable[[], object], word: str, what: str
) -> None:
    listener = Listener()
    with drive(Connect(1, "127.0.0.1", listener.port), tokens=source(callback)) as driving:
        driving.hear("connected")
        driving.do(AskToken(1))
        told = driving.hear(word)
    listener.finish()

    assert what in str(told)
