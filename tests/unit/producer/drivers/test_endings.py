"""How a connection ends: the same claims for both drivers, on real sockets of 127.0.0.1."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from producer.commands import Connect, Disconnect, Write
from producer.drivers import link, sockets
from tests.unit.producer.drivers.driving import both
from tests.unit.producer.drivers.listener import Listener
from tests.unit.producer.drivers.notes import LARGE, WAIT_S
from tests.unit.producer.drivers.patience import Stopwatch
from tests.unit.producer.drivers.tls_peers import accept_tls, client_tls, hanging_up, refusing_tls


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.finish()


@contextmanager
def accepting() -> Iterator[tuple[int, Callable[[], socket.socket]]]:
    """A port, and a way to get the server's side of the next connection to it."""
    accepted: list[socket.socket] = []

    def accept() -> socket.socket:
        one, _ = listening.accept()
        one.settimeout(WAIT_S)
        accepted.append(one)
        return one

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(WAIT_S)
        yield listening.getsockname()[1], accept
        for one in accepted:
            with suppress(OSError):
                one.close()


def reset(peer: socket.socket) -> None:
    """Close without lingering, which resets the connection."""
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


# -- ours --------------------------------------------------------------------------------------------------------------


@both
def test_what_was_written_before_the_end_still_arrives_whole(drive: Any, listener: Listener) -> None:
    with drive(Connect(1, "127.0.0.1", listener.port)) as driving:
        driving.hear("connected")
        driving.do(Write(1, LARGE), Write(1, b"end"), Disconnect(1))
        driving.drive_until(lambda: listener.is_over)

    assert bytes(listener.received) == LARGE + b"end"


@both
def test_the_end_of_a_driver_leaves_time_for_last_words(drive: Any, listener: Listener) -> None:
    with drive(Connect(1, "127.0.0.1", listener.port)) as driving:
        driving.hear("connected")
        driving.do(Write(1, LARGE), Write(1, b"end"))
    listener.finish()

    assert bytes(listener.received) == LARGE + b"end"


@both
def test_bytes_that_nobody_reads_any_more_do_not_destroy_the_last_words(drive: Any) -> None:
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        peer = accept()
        peer.sendall(bytes(100_000))
        driving.do(Write(1, LARGE), Disconnect(1))
        peer.sendall(bytes(100_000))
        peer.setblocking(False)

        received = bytearray()

        def is_whole() -> bool:
            with suppress(BlockingIOError):
                received.extend(peer.recv(1 << 20))
            return len(received) >= len(LARGE)

        driving.drive_until(is_whole)
        assert received == LARGE
        heard = driving.machine.words

    assert set(heard) <= {"connected", "bytes"}


@both
def test_with_tls_the_peer_hears_that_it_was_all(drive: Any) -> None:
    with (
        accepting() as (port, accept),
        accept_tls(accept) as told,
        drive(Connect(1, "localhost", port), tls=client_tls()) as driving,
    ):
        driving.hear("connected")
        driving.do(Write(1, LARGE), Disconnect(1))
        driving.drive_until(lambda: told)

    # An end without close_notify would have been an error: anybody could have cut the rest off.
    assert told == [LARGE]


@both
def test_nothing_is_heard_after_the_machine_ended_it(drive: Any, listener: Listener) -> None:
    with drive(Connect(1, "127.0.0.1", listener.port)) as driving:
        assert driving.hear("bytes") == b"hello"
        driving.do(Disconnect(1))
        driving.drive_until(lambda: listener.is_over)

    assert driving.machine.words == ["connected", "bytes"]


@both
def test_a_peer_that_never_ends_its_side_is_left_when_patience_is_over(
    drive: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "ENDING_US_MAX", 50_000)
    monkeypatch.setattr(link, "ENDING_US_MAX", 50_000)
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        peer = accept()
        driving.do(Disconnect(1))
        assert peer.recv(1) == b""

        driving.drive_until(lambda: not driving.driver._connections)
        assert driving.machine.words == ["connected"]


@both
def test_the_end_of_a_driver_waits_no_longer_than_a_second_for_a_peer_that_never_ends(drive: Any) -> None:
    with accepting() as (port, accept):
        driving = drive(Connect(1, "127.0.0.1", port))
        driving.hear("connected")
        accept()
        began_s = time.monotonic()
        with Stopwatch():
            driving.end()

    assert time.monotonic() - began_s > 0.9


@both
def test_ending_what_the_peer_has_reset_meanwhile_is_no_error(drive: Any) -> None:
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        reset(accept())
        driving.do(Disconnect(1))

    assert driving.machine.words[:1] == ["connected"]
    assert set(driving.machine.words[1:]) <= {"disconnected"}


@both
def test_the_machine_may_give_up_before_the_connection_is_there(drive: Any) -> None:
    with accepting() as (port, _), drive(Connect(1, "127.0.0.1", port), Disconnect(1)) as driving:
        for _ in range(5):
            driving.look()

    assert driving.machine.heard == []


# -- the peer's --------------------------------------------------------------------------------------------------------


@both
def test_an_end_by_the_peer_is_told(drive: Any) -> None:
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        accept().close()

        assert driving.hear("disconnected") == "closed by peer"


@both
def test_an_end_by_the_peer_is_told_at_once_though_it_does_not_take_what_was_written(drive: Any) -> None:
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        peer = accept()
        driving.do(Write(1, LARGE))
        peer.shutdown(socket.SHUT_WR)

        assert driving.hear("disconnected") == "closed by peer"


@both
def test_a_reset_is_told_with_the_systems_words(drive: Any) -> None:
    with accepting() as (port, accept), drive(Connect(1, "127.0.0.1", port)) as driving:
        driving.hear("connected")
        reset(accept())

        assert driving.hear("disconnected") == "Connection reset by peer"


@both
def test_with_tls_the_peers_word_is_enough_and_its_socket_need_not_end(drive: Any) -> None:
    with (
        accepting() as (port, accept),
        accept_tls(accept, says=b"bye") as told,
        drive(Connect(1, "localhost", port), tls=client_tls()) as driving,
    ):
        assert driving.hear("disconnected") == "closed by peer"
        assert told == [], "its socket is still open"

    assert driving.machine.received == b"bye"


@both
def test_with_tls_an_end_amid_the_handshake_is_told_as_that(drive: Any) -> None:
    with (
        accepting() as (port, accept),
        hanging_up(accept),
        drive(Connect(1, "localhost", port), tls=client_tls()) as driving,
    ):
        assert driving.hear("disconnected") == "closed by peer in the TLS handshake"


@both
def test_a_server_of_tls_1_3_that_refuses_us_while_we_write_has_refused_us(drive: Any) -> None:
    with (
        accepting() as (port, accept),
        refusing_tls(accept),
        drive(Connect(1, "localhost", port), tls=client_tls()) as driving,
    ):
        driving.hear("connected")
        for _ in range(20):
            driving.do(Write(1, LARGE))
        driving.drive_until(lambda: {"refused", "disconnected"} & set(driving.machine.words))

    assert driving.machine.words == ["connected", "refused"]
    assert "it ended the TLS handshake with the alert" in str(driving.machine.heard[-1][2])
