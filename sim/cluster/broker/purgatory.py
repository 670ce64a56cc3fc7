"""Requests that wait: a Produce for the high watermark, a Fetch for something to read; each with a time limit.

Kafka: DelayedOperationPurgatory, DelayedProduce, DelayedFetch. A limit that passes undoes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.world.kernel import Call, World
    from sim.world.network import Host


class Waiting:
    """One request that waits; `end` it exactly once."""

    __slots__ = ("_purgatory", "deadline_us", "expired")

    def __init__(self, purgatory: Purgatory, deadline_us: int, expired: Callable[[], object]) -> None:
        self._purgatory = purgatory
        self.deadline_us = deadline_us
        self.expired = expired

    def end(self) -> None:
        """Wait no longer; `expired` will not be called."""
        self._purgatory._forget(self)


class Purgatory:
    """All that waits on one broker, with one armed timer for the earliest limit."""

    __slots__ = ("_armed", "_host", "_waiting", "_world")

    def __init__(self, world: World, host: Host) -> None:
        self._world = world
        self._host = host
        # A dict keeps the order of arrival, and forgetting costs nothing.
        self._waiting: dict[Waiting, None] = {}
        self._armed: tuple[int, Call] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def wait(self, delay_us: int, expired: Callable[[], object]) -> Waiting:
        """Call `expired` after `delay_us` unless the wait ends before."""
        deadline_us = self._world.now_us + delay_us
        waiting = Waiting(self, deadline_us, expired)
        self._waiting[waiting] = None
        if self._armed is None or deadline_us < self._armed[0]:
            self._arm(deadline_us)
        return waiting

    def _forget(self, waiting: Waiting) -> None:
        self._waiting.pop(waiting, None)

    def _arm(self, deadline_us: int) -> None:
        if self._armed is not None:
            self._armed[1].cancel()
        delay_us = max(deadline_us - self._world.now_us, 0)
        self._armed = (deadline_us, self._host.call_in(delay_us, self._look))

    def _look(self) -> None:
        self._armed = None
        now_us = self._world.now_us
        for waiting in tuple(self._waiting):
            if waiting.deadline_us <= now_us and waiting in self._waiting:
                del self._waiting[waiting]
                waiting.expired()
        if self._waiting:
            self._arm(min([waiting.deadline_us for waiting in self._waiting]))
