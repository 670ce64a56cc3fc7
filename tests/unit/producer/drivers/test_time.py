"""Deadlines in both drivers: none rings early, and what lies in a socket by then is handed over first."""

from __future__ import annotations

import select
import socket
import threading
from typing import Any

import pytest

from producer.commands import Connect
from producer.drivers.clock import now_us
from producer.drivers.sockets import SocketConnection
from tests.unit.producer.drivers.driving import OnSelector, both, pass_us
from tests.unit.producer.drivers.notes import WAIT_S
from tests.unit.producer.drivers.patience import eventually

HOLDS_US = [300, 10_000]


@both
@pytest.mark.parametrize("hold_us", HOLDS_US)
def test_what_lies_in_the_socket_when_time_comes_is_handed_over_before_it_though_the_driver_was_held(
    drive: Any, hold_us: int
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        drive(Connect(1, "127.0.0.1", listening.getsockname()[1])) as driving,
    ):
        driving.hear("connected")
        peer, _ = listening.accept()
        (connection,) = driving.driver._connections.values()

        def answer_meanwhile() -> None:
            pass_us(hold_us)
            peer.sendall(b"answer")
            assert select.select([connection.socket], [], [], WAIT_S)[0]

        driving.ring_late(answer_meanwhile)
        driving.hear("timer")
        peer.close()
        heard = driving.machine.heard[1:3]

    assert heard == [("bytes", 1, b"answer"), ("timer", 0, None)]


@both
def test_what_comes_while_another_connections_bytes_are_taken_is_handed_over_before_time_comes(drive: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        with drive(Connect(1, "127.0.0.1", port)) as driving:
            driving.hear("connected")
            first, _ = listening.accept()
            driving.do(Connect(2, "127.0.0.1", port))
            driving.drive_until(lambda: driving.machine.words == ["connected"] * 2)
            second, _ = listening.accept()
            connection = driving.driver._connections[2]

            def answer_meanwhile() -> None:
                # As a callback of the application's that takes its time, or whoever holds the lock.
                second.sendall(b"second")
                assert select.select([connection.socket], [], [], WAIT_S)[0]
                driving.machine.deadline_us = now_us()

            driving.machine.when_given = answer_meanwhile
            first.sendall(b"first")
            driving.hear("timer")
            heard = driving.machine.heard[2:]
            first.close()
            second.close()

    assert heard == [("bytes", 1, b"first"), ("bytes", 2, b"second"), ("timer", 0, None)]


def test_what_comes_while_the_driver_waits_for_its_lock_is_handed_over_before_time_comes() -> None:
    lock = threading.Lock()
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        OnSelector(Connect(1, *listening.getsockname()), lock=lock) as driving,
    ):
        driving.hear("connected")
        peer, _ = listening.accept()
        (connection,) = driving.driver._connections.values()
        assert isinstance(connection, SocketConnection)
        ours = connection.socket
        assert ours is not None

        def hold() -> None:
            eventually(lambda: driving.driver.sleeps_until_us)
            with lock:
                driving.machine.deadline_us = now_us()
                # It wakes, finds nothing, and wants to tell the machine that time has come.
                eventually(lambda: not driving.driver.sleeps_until_us)
                peer.sendall(b"answer")
                assert select.select([ours], [], [], WAIT_S)[0]

        holder = threading.Thread(target=hold)
        holder.start()
        driving.hear("timer")
        holder.join(WAIT_S)
        peer.close()
        heard = driving.machine.heard[1:3]

    assert heard == [("bytes", 1, b"answer"), ("timer", 0, None)]


@both
def test_a_deadline_rings_once_it_is_there_and_not_before(drive: Any) -> None:
    with drive() as driving:
        begun_us = now_us()
        driving.machine.deadline_us = begun_us + 20_000
        driving.hear("timer")

        assert now_us() - begun_us >= 20_000
