"""The asyncio driver on real sockets of 127.0.0.1: order, backpressure, endings; no thread of its own."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, Self, TypeVar

import pytest

from producer.commands import AskToken, Command, Connect, Disconnect, Write
from producer.config.config import ProducerConfig
from producer.drivers.sockets import now_us
from producer.drivers.tls import client_context
from producer.drivers.tokens import Given, RefreshWindow, TokenSource
from producer.drivers.transports import TransportDriver

CERTIFICATES = Path(__file__).parents[3] / "certificates"
NEVER_US = 2**62
WAIT_S = 10
LARGE = bytes(range(256)) * 40_000

T = TypeVar("T")


class Notes:
    """A machine that does what the test says, and notes what it hears."""

    def __init__(self, *commands: Command) -> None:
        self.deadline_us = NEVER_US
        self.commands = list(commands)
        self.heard: list[tuple[str, int, object]] = []
        self.fails_on: str | None = None

    def connected(self, connection: int, now_us: int) -> None:
        self._note("connected", connection, None)

    def disconnected(self, connection: int, reason: str, now_us: int) -> None:
        self._note("disconnected", connection, reason)

    def refused(self, connection: int, reason: str, now_us: int) -> None:
        self._note("refused", connection, reason)

    def token_given(self, connection: int, token: str, now_us: int) -> None:
        self._note("token", connection, token)

    def bytes_received(self, connection: int, data: bytes, now_us: int) -> None:
        self._note("bytes", connection, data)

    def timer_fired(self, now_us: int) -> None:
        self._note("timer", 0, None)
        self.deadline_us = NEVER_US

    def take_commands(self) -> list[Command]:
        commands, self.commands = self.commands, []
        return commands

    def _note(self, word: str, connection: int, what: object) -> None:
        self.heard.append((word, connection, what))
        if word == self.fails_on:
            raise AssertionError("a planted bug")


class Driving:
    """A driver, the machine it drives, and what came of it."""

    def __init__(self, *commands: Command, **settings: Any) -> None:
        self.machine = Notes(*commands)
        self.crashes: list[Exception] = []
        self.settled = 0
        self.driver = TransportDriver(self.machine, settled=self._settle, crashed=self.crashes.append, **settings)
        self.driver.settle()

    def _settle(self) -> None:
        self.settled += 1

    def do(self, *commands: Command) -> None:
        self.machine.commands += commands
        self.driver.settle()

    async def hear(self, word: str) -> object:
        """Wait until the machine heard a word; give what came with it."""
        until_us = now_us() + WAIT_S * 1_000_000
        while now_us() < until_us:
            for heard, _, what in self.machine.heard:
                if heard == word:
                    return what
            await asyncio.sleep(0.001)
        raise AssertionError(f"never heard {word!r}: {self.machine.heard}")

    async def end(self) -> None:
        self.driver.stop()
        await self.driver.ended()


class Listener:
    """A server that greets, and keeps whatever one client sends."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.is_over = asyncio.Event()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *raised: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"hello")
        while data := await reader.read(65_536):
            self.received += data
        writer.close()
        self.is_over.set()


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


def test_what_was_written_before_the_end_still_arrives_whole() -> None:
    async def story() -> bytes:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port))
            await driving.hear("connected")
            driving.do(Write(1, LARGE), Write(1, b"end"), Disconnect(1))
            await listener.is_over.wait()
            await driving.end()
            return bytes(listener.received)

    assert run(story()) == LARGE + b"end"


def test_bytes_arrive_and_nothing_is_heard_after_the_machine_ended_it() -> None:
    async def story() -> Notes:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port))
            assert await driving.hear("bytes") == b"hello"
            driving.do(Disconnect(1))
            await listener.is_over.wait()
            await driving.end()
            return driving.machine

    assert [heard[0] for heard in run(story()).heard] == ["connected", "bytes"]


def test_what_arrived_while_the_loop_was_busy_is_read_before_the_timer_fires() -> None:
    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            driving = Driving(Connect(1, "127.0.0.1", listening.getsockname()[1]))
            accepted, _ = await loop.sock_accept(listening)
            await driving.hear("connected")
            began_us = now_us()

            def answer_and_be_busy() -> None:
                accepted.send(b"answer")
                be_busy(until_us=now_us() + 100_000)

            # Both are due when the first stretch of work ends, so both run in one round of the loop, behind one look at
            # the sockets.
            loop.call_at(loop.time() + 0.001, answer_and_be_busy)
            driving.machine.deadline_us = began_us + 2_000
            driving.driver.arm()
            loop.call_soon(lambda: be_busy(until_us=began_us + 20_000))
            await driving.hear("timer")
            accepted.close()
            await driving.end()
            return [word for word, _, _ in driving.machine.heard]

    assert run(story())[:3] == ["connected", "bytes", "timer"]


def be_busy(*, until_us: int) -> None:
    """Keep the event loop from anything else."""
    while now_us() < until_us:
        pass


def test_an_end_by_the_peer_is_told() -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async def story() -> object:
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            driving = Driving(Connect(1, "127.0.0.1", server.sockets[0].getsockname()[1]))
            told = await driving.hear("disconnected")
            await driving.end()
            return told

    assert run(story()) == "closed by peer"


def test_ending_what_the_peer_has_reset_meanwhile_is_no_error() -> None:
    async def story() -> Driving:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            driving = Driving(Connect(1, "127.0.0.1", listening.getsockname()[1]))
            accepted, _ = await asyncio.get_running_loop().sock_accept(listening)
            await driving.hear("connected")
            # No linger: closing resets, and asyncio has no chance to notice before we end our side.
            accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            accepted.close()
            driving.do(Disconnect(1))
            await driving.end()
            return driving

    driving = run(story())

    assert driving.crashes == []
    assert [word for word, _, _ in driving.machine.heard] == ["connected"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.mark.parametrize(
    ("host", "port", "reason"),
    [
        ("127.0.0.1", free_port, "Connection refused"),
        ("no-such-host.invalid", lambda: 9092, "no-such-host.invalid: "),
        ("x" * 80 + ".invalid", lambda: 9092, "x" * 80 + ".invalid: "),
    ],
    ids=["nobody listens", "no such name", "no name at all"],
)
def test_a_connection_that_cannot_be_had_is_told_with_a_reason(host: str, port: Callable[[], int], reason: str) -> None:
    async def story() -> str:
        driving = Driving(Connect(1, host, port()))
        told = await driving.hear("disconnected")
        await driving.end()
        return str(told)

    assert run(story()).startswith(reason)


def test_the_machine_may_give_up_before_the_connection_is_there() -> None:
    async def story() -> Notes:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port), Disconnect(1))
            await asyncio.sleep(0.05)
            await driving.end()
            return driving.machine

    assert run(story()).heard == []


def test_a_deadline_rings_once_it_is_there_and_not_before() -> None:
    async def story() -> int:
        driving = Driving()
        begun_us = now_us()
        driving.machine.deadline_us = begun_us + 20_000
        driving.driver.arm()
        await driving.hear("timer")
        await driving.end()
        return now_us() - begun_us

    assert run(story()) >= 20_000


def test_a_deadline_that_moves_back_does_not_ring_early() -> None:
    async def story() -> list[tuple[str, int, object]]:
        driving = Driving()
        driving.machine.deadline_us = now_us() + 5_000
        driving.driver.arm()
        driving.machine.deadline_us = NEVER_US
        await asyncio.sleep(0.03)
        await driving.end()
        return driving.machine.heard

    assert run(story()) == []


def test_a_bug_of_the_machine_is_told_and_nothing_is_driven_any_more() -> None:
    async def story() -> Driving:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port))
            driving.machine.fails_on = "bytes"
            await driving.hear("bytes")
            driving.machine.commands = [Write(1, b"never")]
            driving.driver.settle()
            await driving.driver.ended()
            await listener.is_over.wait()
            assert not listener.received
            return driving

    assert [str(crash) for crash in run(story()).crashes] == ["a planted bug"]


def secured(trusting: str) -> ssl.SSLContext:
    config = ProducerConfig.from_properties(
        {
            "bootstrap.servers": "unused:1",
            "security.protocol": "SSL",
            "ssl.truststore.location": str(CERTIFICATES / trusting),
        }
    )
    context = client_context(config)
    assert context is not None
    return context


async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Greet, give back what comes in, and say goodbye."""
    writer.write(b"hello")
    writer.write(await reader.readexactly(len(LARGE)))
    await writer.drain()
    writer.close()


async def serve_tls(certificate: str = "server.pem") -> asyncio.Server:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / certificate)
    return await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)


def test_with_tls_bytes_pass_both_ways_and_the_end_is_told() -> None:
    async def story() -> tuple[bytes, object]:
        server = await serve_tls()
        driving = Driving(Connect(1, "127.0.0.1", server.sockets[0].getsockname()[1]), tls=secured("ca.pem"))
        await driving.hear("connected")
        driving.do(Write(1, LARGE))
        told = await driving.hear("disconnected")
        await driving.end()
        server.close()
        heard = [what for word, _, what in driving.machine.heard if word == "bytes"]
        return b"".join(what for what in heard if isinstance(what, bytes)), told

    assert run(story()) == (b"hello" + LARGE, "closed by peer")


@pytest.mark.parametrize(
    ("certificate", "trusting", "reason"),
    [
        ("server.pem", "stranger.pem", "its certificate is not accepted"),
        ("expired.pem", "ca.pem", "its certificate is not accepted: certificate has expired"),
        ("elsewhere.pem", "ca.pem", "its certificate is not accepted: IP address mismatch"),
    ],
    ids=["an authority not trusted", "expired", "another host's"],
)
def test_a_server_that_is_not_trusted_is_refused(certificate: str, trusting: str, reason: str) -> None:
    async def story() -> list[tuple[str, int, object]]:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        server = await serve_tls(certificate)
        driving = Driving(Connect(1, "127.0.0.1", server.sockets[0].getsockname()[1]), tls=secured(trusting))
        await driving.hear("refused")
        await driving.end()
        server.close()
        return driving.machine.heard

    ((word, _, told),) = run(story())
    assert word == "refused"
    assert str(told).startswith(reason)


def test_a_server_without_tls_is_refused_or_lost_but_never_believed() -> None:
    async def story() -> list[tuple[str, int, object]]:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port), tls=secured("ca.pem"))
            await driving.hear("refused")
            await driving.end()
            return driving.machine.heard

    assert [heard[0] for heard in run(story())] == ["refused"]


def source(callback: Callable[[], object]) -> TokenSource:
    class Fixed:
        def random(self) -> float:
            return 0.5

    return TokenSource(callback, RefreshWindow(0.8, 0.05, 60, 300), chance=Fixed())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("callback", "word", "what"),
    [
        (lambda: ("token", 3_600), "token", "token"),
        (lambda: "no pair", "refused", "must return"),
        (lambda: 1 // 0, "refused", "ZeroDivisionError"),
    ],
    ids=["given", "malformed", "raised"],
)
def test_a_token_that_is_asked_for_is_given_or_its_lack_is_told(
    callback: Callable[[], object], word: str, what: str
) -> None:
    async def story() -> str:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port), tokens=source(callback))
            await driving.hear("connected")
            driving.do(AskToken(1))
            told = await driving.hear(word)
            await driving.end()
            return str(told)

    assert what in run(story())


def test_a_token_for_a_connection_that_is_over_is_dropped() -> None:
    async def story() -> list[str]:
        async with Listener() as listener:
            driving = Driving(Connect(1, "127.0.0.1", listener.port))
            await driving.hear("connected")
            link = driving.driver._links[1]
            driving.do(Disconnect(1))
            driving.driver._pass_token_on(link, Given("late"))
            driving.driver._pass_token_on(link, Given("", "too late"))
            await driving.end()
            return [heard[0] for heard in driving.machine.heard]

    assert set(run(story())) <= {"connected", "bytes"}
