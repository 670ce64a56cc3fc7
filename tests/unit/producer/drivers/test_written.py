"""A write that is to be reported: when the operating system has taken its last byte, and not before, with either driver."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from typing import Any

import pytest

from producer.commands import Connect, Write
from tests.unit.producer.drivers.driving import Driving, both
from tests.unit.producer.drivers.notes import WAIT_S
from tests.unit.producer.drivers.tls_peers import accept_tls, client_tls

SMALL = b"record"
LARGE = bytes(8_000_000)
"""More than two kernels hold."""
LOOKS = 20


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        one.settimeout(WAIT_S)
        yield one


def look_often(driving: Driving) -> None:
    for _ in range(LOOKS):
        driving.look()


def read_all(driving: Driving, peer: socket.socket, size_bytes: int) -> None:
    """Let the peer read, as the driver goes on."""
    peer.setblocking(False)
    read_bytes = 0

    def is_read() -> bool:
        nonlocal read_bytes
        try:
            while read_bytes < size_bytes:
                read_bytes += len(peer.recv(1 << 20))
        except BlockingIOError:
            return False
        return True

    driving.drive_until(is_read)


@both
def test_what_the_socket_has_room_for_is_reported_at_once(drive: Any, listening: socket.socket) -> None:
    with drive(Connect(1, *listening.getsockname())) as driving:
        driving.hear("connected")

        driving.do(Write(1, SMALL, is_reported=True), Write(1, SMALL), Write(1, SMALL, is_reported=True))

        assert driving.machine.words == ["connected", "written", "written"]


@both
def test_what_the_socket_has_no_room_for_is_reported_when_the_peer_has_read_enough(
    drive: Any, listening: socket.socket
) -> None:
    with drive(Connect(1, *listening.getsockname()), send_buffer_bytes=65_536) as driving:
        driving.hear("connected")
        peer, _ = listening.accept()
        driving.do(Write(1, LARGE, is_reported=True))
        look_often(driving)
        assert driving.machine.words == ["connected"]

        read_all(driving, peer, len(LARGE))
        driving.hear("written")
        peer.close()


@both
def test_a_small_write_behind_a_large_one_waits_for_it(drive: Any, listening: socket.socket) -> None:
    with drive(Connect(1, *listening.getsockname()), send_buffer_bytes=65_536) as driving:
        driving.hear("connected")
        peer, _ = listening.accept()
        driving.do(Write(1, LARGE), Write(1, SMALL, is_reported=True))
        look_often(driving)
        assert driving.machine.words == ["connected"]

        read_all(driving, peer, len(LARGE) + len(SMALL))
        driving.hear("written")
        peer.close()


@both
def test_what_a_connection_breaks_under_is_never_reported(drive: Any, listening: socket.socket) -> None:
    with drive(Connect(1, *listening.getsockname()), send_buffer_bytes=65_536) as driving:
        driving.hear("connected")
        peer, _ = listening.accept()
        driving.do(Write(1, LARGE, is_reported=True))

        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        driving.hear("disconnected")
        look_often(driving)

        assert driving.machine.words == ["connected", "disconnected"]


@both
def test_what_is_written_to_a_connection_that_broke_unheard_is_never_reported(
    drive: Any, listening: socket.socket
) -> None:
    with drive(Connect(1, *listening.getsockname())) as driving:
        driving.hear("connected")
        peer, _ = listening.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()

        driving.do(Write(1, SMALL, is_reported=True), Write(1, SMALL, is_reported=True))
        driving.hear("disconnected")
        look_often(driving)

        assert driving.machine.words == ["connected", "disconnected"]


@both
def test_through_tls_the_last_encrypted_byte_counts(drive: Any, listening: socket.socket) -> None:
    with (
        accept_tls(lambda: listening.accept()[0]),
        drive(
            Connect(1, "localhost", listening.getsockname()[1]), send_buffer_bytes=65_536, tls=client_tls()
        ) as driving,
    ):
        driving.hear("connected")
        driving.do(Write(1, LARGE, is_reported=True))

        driving.hear("written")
