"""Deadlines in both drivers: none rings early, and what lies in a socket by then is handed over first."""

from __future__ import annotations

import select
import socket
from typing import Any

from producer.commands import Connect
from producer.drivers.clock import now_us
from tests.unit.producer.drivers.driving import both, pass_us
from tests.unit.producer.drivers.notes import WAIT_S

HOLD_US = 10_000


@both
def test_what_lies_in_the_socket_when_time_comes_is_handed_over_before_it_though_the_driver_was_held(
    drive: Any,
) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listening,
        drive(Connect(1, "127.0.0.1", listening.getsockname()[1])) as driving,
    ):
        driving.hear("connected")
        peer, _ = listening.accept()
        (connection,) = driving.driver._connections.values()

        def answer_meanwhile() -> None:
            pass_us(HOLD_US)
            peer.sendall(b"answer")
            assert select.select([connection.socket], [], [], WAIT_S)[0]

        driving.ring_late(answer_meanwhile)
        driving.hear("timer")
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
