"""A run that is the same as another up to a moment, and goes on by another seed, without the faults that had yet to strike."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.faults.armed import ArmedSchedule
    from sim.world.kernel import World


class Rewind(NamedTuple):
    """From which moment on a run is another one.

    Every random stream begins anew there, as that of the other seed; time, brokers, disks and what is under way stay as they are.
    So each event before it is exactly that of the run without it.
    """

    at_us: int
    """After the story's begin; 0 is the begin itself."""
    seed: int

    def arm(self, world: World, armed: ArmedSchedule) -> None:
        """Let it come; the story begins now."""
        if self.at_us:
            world.call_in(self.at_us, self._turn, world, armed)
        else:
            self._turn(world, armed)

    def _turn(self, world: World, armed: ArmedSchedule) -> None:
        world.reseed(self.seed)
        armed.withdraw()
