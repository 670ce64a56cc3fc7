"""The socket driver on real sockets of 127.0.0.1: order, backpressure, endings."""

import socket
import threading
from collections.abc import Iterator

import pytest

from producer.commands import Command, Connect, Disconnect, Write
from producer.drivers.sockets import SocketDriver

NEVER_US = 2**62
WAIT_S = 10
LARGE = bytes(range(256)) * 40_000


class Notes:
    """A machine that does what the test says, and notes what it hears."""

    def __init__(self, *commands: Command) -> None:
        self.deadline_us = NEVER_US
        self.commands = list(commands)
        self.heard: list[tuple[str, int, object]] = []

    def connected(self, connection: int, now_us: int) -> None:
        self.heard.append(("connected", connection, None))

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        self.heard.append(("disconnected", connection, reason))

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        self.heard.append(("refused", connection, reason))

    def token_given(self, connection: int, token: str, now_us: int) -> None:
        self.heard.append(("token", connection, token))

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        self.heard.append(("bytes", connection, data))

    def timer_fired(self, now_us: int) -> None:
        self.heard.append(("timer", 0, None))
        self.deadline_us = NEVER_US

    def take_commands(self) -> list[Command]:
        commands, self.commands = self.commands, []
        return commands


class Listener:
    """A server that keeps whatever one client sends."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.received = bytearray()
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        client, _ = self.socket.accept()
        with client:
            client.sendall(b"hello")
            while data := client.recv(65_536):
                self.received += data

    def finish(self) -> None:
        self.thread.join(WAIT_S)
        self.socket.close()
        assert not self.thread.is_alive()


@pytest.fixture
def listener() -> Iterator[Listener]:
    one = Listener()
    yield one
    one.finish()


def poll_until(driver: SocketDriver, machine: Notes, word: str) -> None:
    for _ in range(200):
        if any(heard[0] == word for heard in machine.heard):
            return
        driver.poll(50_000)
    raise AssertionError(f"never heard {word!r}: {machine.heard}")


def test_what_was_written_before_the_end_still_arrives_whole(listener: Listener) -> None:
    machine = Notes(Connect(1, "127.0.0.1", listener.port))
    driver = SocketDriver(machine)
    poll_until(driver, machine, "connected")

    machine.commands = [Write(1, LARGE), Write(1, b"end"), Disconnect(1)]
    driver.poll(0)
    driver.close()
    listener.finish()

    assert bytes(listener.received) == LARGE + b"end"


def test_bytes_arrive_and_an_end_by_the_peer_is_told(listener: Listener) -> None:
    machine = Notes(Connect(1, "127.0.0.1", listener.port))
    driver = SocketDriver(machine)
    poll_until(driver, machine, "bytes")
    machine.commands = [Disconnect(1)]
    driver.poll(0)
    listener.finish()
    driver.close()

    assert ("bytes", 1, b"hello") in machine.heard


def test_nobody_listening_is_told_with_a_reason() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    machine = Notes(Connect(1, "127.0.0.1", port))
    driver = SocketDriver(machine)

    poll_until(driver, machine, "disconnected")
    driver.close()

    assert machine.heard == [("disconnected", 1, "Connection refused")]


def test_a_name_that_does_not_exist_is_told_with_the_name() -> None:
    machine = Notes(Connect(1, "no-such-host.invalid", 9092))
    driver = SocketDriver(machine)

    poll_until(driver, machine, "disconnected")
    driver.close()

    assert "no-such-host.invalid" in str(machine.heard[0][2])


def test_a_deadline_rings_and_a_wake_ends_the_wait() -> None:
    machine = Notes()
    driver = SocketDriver(machine)
    machine.deadline_us = 0
    driver.poll()
    assert machine.heard == [("timer", 0, None)]

    waker = threading.Thread(target=driver.wake)
    waker.start()
    driver.poll()
    waker.join(WAIT_S)
    driver.close()
