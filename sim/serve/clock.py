"""A world on the wall clock: it runs up to the time that has passed, and never skips any of it.

On a busy machine it lags behind, and everybody in it with it: nobody is fenced there because the machine was slow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.world.kernel import EventLimitError
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop, Future, TimerHandle
    from collections.abc import Callable

    from sim.serve.inputs import Input
    from sim.world.kernel import World

SLICE_EVENTS = 5_000
"""How much of the world is worked off before sockets are looked at again."""
AHEAD_US = 2_000
"""How far the world runs ahead after an input: an answer that is due within it leaves at once."""
TIMER_US_MAX = 60 * SECOND_US
"""The longest sleep."""


class RealTime:
    """Keeps one world at the loop's time, from `begin` on. `over` ends with whatever the world raised."""

    def __init__(
        self,
        world: World,
        loop: AbstractEventLoop,
        *,
        take: Callable[[Input], object],
        look: Callable[[], object],
    ) -> None:
        """`take` lets an input happen in the world; `look` is called whenever the world has moved."""
        self._world = world
        self._loop = loop
        self._take = take
        self._look = look
        self._inputs: list[Input] = []
        self._timer: TimerHandle | None = None
        self._is_woken = False
        self._begun_s = 0.0
        self._begun_us = 0
        self.over: Future[None] = loop.create_future()

    def begin(self) -> None:
        """What the world has lived through before is its past; its time passes as ours from now on."""
        self._begun_s, self._begun_us = self._loop.time(), self._world.now_us
        self.wake()

    def end(self) -> None:
        """Let the world stand still."""
        if not self.over.done():
            self.over.set_result(None)
        if self._timer is not None:
            self._timer.cancel()

    def give(self, given: Input) -> None:
        """Hand in an input: it happens between the next two instants, in the order of these calls."""
        self._inputs.append(given)
        self.wake()

    def wake(self) -> None:
        """See to the world as soon as the loop has done what it is about."""
        if not self._is_woken:
            self._is_woken = True
            self._loop.call_soon(self._catch_up)

    @property
    def now_us(self) -> int:
        """How far the world should be."""
        return self._begun_us + int((self._loop.time() - self._begun_s) * SECOND_US)

    @property
    def lag_us(self) -> int:
        """How far the world is behind."""
        return max(0, self.now_us - self._world.now_us)

    def _catch_up(self) -> None:
        self._is_woken = False
        if self.over.done():
            return
        try:
            is_there = self._slice()
            self._look()
        except Exception as error:  # noqa: BLE001 - whatever it is, whoever waits for `over` has to hear of it
            self.over.set_exception(error)
            return
        if is_there:
            self._sleep()
        else:
            self.wake()

    def _slice(self) -> bool:
        """Take what came in, and run a slice. Returns whether the world is where it should be."""
        world, until_us = self._world, self.now_us
        inputs, self._inputs = self._inputs, []
        for one in inputs:
            self._take(one)
        if inputs:
            until_us += AHEAD_US
        until_us = max(until_us, world.now_us)
        try:
            world.run_until(until_us, events_max=SLICE_EVENTS)
        except EventLimitError:
            # Inputs come between two instants, never within one, or a replay could not put them there.
            world.run_until(world.now_us)
            return False
        return True

    def _sleep(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait_us = min(self._world.next_due_us - self.now_us, TIMER_US_MAX)
        self._timer = self._loop.call_later(max(0, wait_us) / SECOND_US, self.wake)
