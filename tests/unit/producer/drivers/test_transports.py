"""What only asyncio's driver can do wrong, on real sockets of 127.0.0.1: a busy loop, a bug within it, tokens from threads."""

import asyncio
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

from producer.commands import BearerToken, Command, Connect, Disconnect, Write
from producer.drivers.clock import now_us
from producer.drivers.tokens import Given
from producer.drivers.transports import TransportDriver
from tests.unit.producer.drivers.listener import Listener
from tests.unit.producer.drivers.notes import NEVER_US, WAIT_S, Notes

T = TypeVar("T")


class Driving:
    """A driver, the machine it drives, and what came of it."""

    def __init__(self, *commands: Command, **settings: Any) -> None:
        self.machine = Notes(*commands)
        self.crashes: list[BaseException] = []
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


def run(story: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(asyncio.wait_for(story, WAIT_S))


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


def test_a_loop_that_is_held_in_every_round_has_its_deadlines_all_the_same() -> None:
    async def story() -> list[str]:
        loop = asyncio.get_running_loop()
        driving = Driving()

        def hold() -> None:
            be_busy(until_us=now_us() + 3_000)
            if not driving.machine.heard:
                loop.call_soon(hold)

        driving.machine.deadline_us = now_us() + 1_000
        driving.driver.arm()
        loop.call_soon(hold)
        await driving.hear("timer")
        await driving.end()
        return driving.machine.words

    assert run(story()) == ["timer"]


def test_a_bug_of_the_machine_is_told_and_nothing_is_driven_any_more() -> None:
    async def story() -> Driving:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, _context: None)
        driving = Driving(Connect(1, "127.0.0.1", listener.port))
        driving.machine.fails_on = "bytes"
        await driving.hear("bytes")
        driving.machine.commands = [Write(1, b"never")]
        driving.driver.settle()
        await driving.driver.ended()
        return driving

    listener = Listener()
    driving = run(story())
    listener.finish()

    assert [str(crash) for crash in driving.crashes] == ["a planted bug"]
    assert not listener.received


def test_a_token_for_a_connection_that_is_over_is_dropped() -> None:
    async def story() -> list[str]:
        driving = Driving(Connect(1, "127.0.0.1", listener.port))
        await driving.hear("connected")
        link = driving.driver._connections[1]
        driving.do(Disconnect(1))
        driving.driver._pass_token_on(link, Given(BearerToken("late")))
        driving.driver._pass_token_on(link, Given(None, "too late"))
        await driving.end()
        return driving.machine.words

    listener = Listener()
    words = run(story())
    listener.finish()

    assert set(words) <= {"connected", "bytes"}
