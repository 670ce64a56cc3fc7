"""Which of a broker's connections nobody uses, and their end (Kafka: Selector.IdleExpiryManager)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.world.kernel import World
    from sim.world.network import Host


class IdleConnections:
    """Ends each connection on which no byte came and no answer left for connections.max.idle.ms, a request in work or not."""

    __slots__ = ("_ends", "_host", "_idle_us_max", "_is_armed", "_used_us", "_world")

    def __init__(self, world: World, host: Host, idle_us_max: int) -> None:
        """With a negative `idle_us_max` none is ever ended."""
        self._world = world
        self._host = host
        self._idle_us_max = idle_us_max
        self._is_armed = False
        self._ends: dict[int, Callable[[], object]] = {}
        self._used_us: dict[int, int] = {}
        """When each was used last, the longest ago first."""

    def begin(self, number: int, end: Callable[[], object]) -> None:
        """A connection is there, and used now; `end` will end it. Said of one that is known, it changes its end."""
        if self._idle_us_max >= 0:
            self._ends[number] = end
            self.used(number)

    def used(self, number: int) -> None:
        """Something came or left on it now; one that is forgotten is not missed."""
        if number not in self._ends:
            return
        self._used_us.pop(number, None)
        self._used_us[number] = self._world.now_us
        if not self._is_armed:
            self._arm(self._idle_us_max)

    def forget(self, number: int) -> None:
        """It is over."""
        self._ends.pop(number, None)
        self._used_us.pop(number, None)

    def _arm(self, delay_us: int) -> None:
        self._is_armed = True
        self._host.call_in(delay_us, self._look)

    def _look(self) -> None:
        self._is_armed = False
        now_us = self._world.now_us
        while self._used_us:
            number = next(iter(self._used_us))
            left_us = self._used_us[number] + self._idle_us_max - now_us
            if left_us > 0:
                self._arm(left_us)
                return
            end = self._ends[number]
            self.forget(number)
            end()
