"""One schedule for each number of a campaign: a swarm of fault kinds, drawn from a named stream, written down in full."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from sim.explore.kinds import Kind, moment
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.faults.schedule import Entry, Schedule

T = TypeVar("T")

SLOTS_MAX = 6
"""A schedule has 1 to this many slots; a quarter of them stay empty, so that the cluster heals in between."""
EMPTY_ONE_IN = 4


class StreamChoices:
    """Choices from a random stream, each option as likely as the next."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def number(self, lowest: int, highest: int) -> int:
        return lowest + self._stream.randrange(highest - lowest + 1)

    def one_of(self, options: Sequence[T]) -> T:
        return options[self._stream.randrange(len(options))]


def drawn(number: int, *, seed: int, course: Course, kinds: Sequence[Kind]) -> Schedule:
    """Draw the schedule of that number: the same arguments give the same one, whatever was drawn before."""
    stream = Stream(seed=seed, name=f"explore/{number}")
    choices = StreamChoices(stream)
    # Swarm testing (Groce et al. 2012): a few kinds at a time go deeper than all of them always.
    swarm = [kind for kind in kinds if stream.randrange(2)] or [choices.one_of(kinds)]
    entries: list[Entry] = []
    for _ in range(choices.number(1, SLOTS_MAX)):
        if stream.randrange(EMPTY_ONE_IN):
            when = moment(choices, course)
            entries += choices.one_of(swarm).draw(choices, course, when)
    return tuple(entries)
