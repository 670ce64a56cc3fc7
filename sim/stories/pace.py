"""How a run plays on: up to a time, while something is wanted, or until something is reached, within a limit of events."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import simpy

    from sim.world.kernel import World

STEP_US = 10_000
"""How often a condition of the whole cluster is looked at."""


class Pace:
    """One world played stretch by stretch. Every verb raises EventLimitError once `events_max` events were processed in all."""

    def __init__(self, world: World, events_max: int, looks: Callable[[], bool] | None = None) -> None:
        """`looks` is called after every event, and plays on while it says so."""
        self._world = world
        self._events_left = events_max
        self._looks = looks

    def story(self, generator: Generator[Any, Any, None]) -> simpy.Process:
        """Start a story whose end a stretch may wait for."""

        def told() -> Generator[Any, Any, None]:
            try:
                yield from generator
            finally:
                self._world.halt()

        return self._world.story(told())

    def ask_again(self, _: object = None) -> None:
        """Something that a stretch may wait for happened: a strike, the end of a story."""
        self._world.halt()

    def run_while(self, wanted: Callable[[], bool], until_us: int) -> None:
        """Play on while that is wanted: it is asked at first, and after what may have changed the answer."""
        world = self._world
        is_halted = True
        while is_halted and wanted():
            before = world.events_processed
            events_max = max(1, self._events_left)
            if self._looks is not None:
                is_halted = world.run_while(self._looks, until_us=until_us, events_max=events_max)
            else:
                is_halted = world.run_until(until_us, events_max=events_max)
            self._events_left -= world.events_processed - before

    def run_until(self, until_us: int) -> None:
        """Play up to that time."""
        self.run_while(lambda: True, until_us)

    def step_until(self, reached: Callable[[], bool], lasts_us_max: int) -> bool:
        """Play in steps until `reached`. Gives False if it was not within `lasts_us_max`."""
        world = self._world
        until_us = world.now_us + lasts_us_max
        while not reached():
            if world.now_us >= until_us:
                return False
            # Where nothing is due nothing changes: those steps are taken at once.
            steps = max(1, -(-(world.next_due_us - world.now_us) // STEP_US))
            self.run_until(min(until_us, world.now_us + steps * STEP_US))
        return True
