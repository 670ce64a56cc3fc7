"""Both drivers under one set of words, so that one test body makes its claim of either."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Self

import pytest

from producer.commands import Command
from producer.drivers.clock import now_us
from producer.drivers.sockets import SocketDriver
from producer.drivers.transports import TransportDriver
from tests.unit.producer.drivers.notes import WAIT_S, Notes

LOOK_S = 0.005


class Driving(ABC):
    """A driver and the machine that it drives. Time passes for them only within these calls, as long as the `with` block lasts."""

    def __init__(self, *commands: Command) -> None:
        self.machine = Notes(*commands)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        self.end()

    def do(self, *commands: Command) -> None:
        """Let the machine want something."""
        self.machine.commands += commands
        self.look()

    def hear(self, word: str) -> object:
        """Drive until the machine heard a word; give what came with it."""
        self.drive_until(lambda: word in self.machine.words)
        return next(what for heard, _, what in self.machine.heard if heard == word)

    def drive_until(self, holds: Callable[[], object]) -> None:
        until_us = now_us() + WAIT_S * 1_000_000
        while not holds():
            assert now_us() < until_us, f"it never did: {self.machine.words}"
            self.look()

    @abstractmethod
    def look(self) -> None:
        """Drive for a moment."""

    @abstractmethod
    def ring_late(self, hold: Callable[[], object]) -> None:
        """Let a deadline pass while something holds the thread that drives."""

    @abstractmethod
    def end(self) -> None:
        """Let the last words be said. Twice is once."""


class OnSelector(Driving):
    def __init__(self, *commands: Command, **settings: Any) -> None:
        super().__init__(*commands)
        self.driver = SocketDriver(self.machine, **settings)
        self._has_ended = False

    def look(self) -> None:
        self.driver.poll(int(LOOK_S * 1e6))

    def ring_late(self, hold: Callable[[], object]) -> None:
        self.machine.deadline_us = now_us()
        hold()
        self.look()

    def end(self) -> None:
        if not self._has_ended:
            self._has_ended = True
            self.driver.close()


class OnLoop(Driving):
    def __init__(self, *commands: Command, **settings: Any) -> None:
        super().__init__(*commands)
        self.crashes: list[BaseException] = []
        self._loop = asyncio.new_event_loop()
        self.driver = self._run(self._begin(settings))

    async def _begin(self, settings: dict[str, Any]) -> TransportDriver:
        driver = TransportDriver(self.machine, settled=lambda: None, crashed=self.crashes.append, **settings)
        driver.settle()
        return driver

    def _run(self, story: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(asyncio.wait_for(story, WAIT_S))

    def look(self) -> None:
        async def look() -> None:
            self.driver.settle()
            await asyncio.sleep(LOOK_S)

        self._run(look())

    def ring_late(self, hold: Callable[[], object]) -> None:
        async def ring() -> None:
            self.machine.deadline_us = now_us() + 2_000
            self.driver.arm()
            # Both are due by the end of this round, so the next one holds the loop first and then rings.
            self._loop.call_later(0.001, hold)
            pass_us(3_000)
            await asyncio.sleep(LOOK_S)

        self._run(ring())

    def end(self) -> None:
        async def end() -> None:
            self.driver.stop()
            await self.driver.ended()

        if not self._loop.is_closed():
            self._run(end())
            self._loop.close()
        assert self.crashes == []


def pass_us(duration_us: int) -> None:
    """Hold the thread."""
    until_us = now_us() + duration_us
    while now_us() < until_us:
        pass


both = pytest.mark.parametrize("drive", [OnSelector, OnLoop], ids=["selector", "loop"])
"""For tests with an argument `drive`, which begins to drive: `drive(*commands, **settings)`."""
