"""One schedule for each number of a campaign: a swarm of fault kinds, drawn from a named stream, written down in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from sim.explore.kinds import Kind, moment
from sim.explore.kinds.kind import MS_US, S_US
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.faults.schedule import Entry, Schedule
    from sim.faults.words import When

T = TypeVar("T")

SLOTS_MAX = 8
"""A schedule has 1 to this many slots; a quarter of them stay empty, so that the cluster heals in between."""
EMPTY_ONE_IN = 4
SWARM_SIZES = (1, 2, 2, 3, 3, 4, 5, 8)
BURST_ONE_IN = 3
BURST_DELAYS_US = (0, 100, 500, MS_US, 5 * MS_US, 50 * MS_US, 500 * MS_US, 2 * S_US, 10 * S_US)
"""From one fault of a burst to the next."""
LOTS = 1 << 30
ASTRAY_ONE_IN = 5
"""In a schedule about one partition, one fault in so many strikes anywhere."""


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
    return tuple(entry for _, entries in slots(number, seed=seed, course=course, kinds=kinds) for entry in entries)


def slots(number: int, *, seed: int, course: Course, kinds: Sequence[Kind]) -> Iterator[tuple[Kind, tuple[Entry, ...]]]:
    """Give each fault of that number's schedule with the kind that drew it."""
    name = f"explore/{number}"
    choices = StreamChoices(Stream(seed=seed, name=name))
    swarm = _swarm(choices.one_of(SWARM_SIZES), kinds, seed=seed, name=name)
    # Faults of one partition and its replicas meet more often than those all over the place.
    narrow = course.narrowed(choices.one_of(course.partitions))
    is_narrow = choices.one_of((False, True))
    count = choices.number(1, SLOTS_MAX)
    when: When | None = None
    for slot in range(count):
        # A stream of its own for each: whatever else a kind draws one day moves nothing in the next slot.
        choices = StreamChoices(Stream(seed=seed, name=f"{name}/{slot}"))
        here = narrow if is_narrow and choices.number(1, ASTRAY_ONE_IN) > 1 else course
        # A burst: the next one strikes while the last one is fresh.
        is_burst = when is not None and choices.number(1, BURST_ONE_IN) == 1
        when = when.wait(choices.one_of(BURST_DELAYS_US)) if when and is_burst else moment(choices, here)
        if choices.number(1, EMPTY_ONE_IN) > 1:
            kind = choices.one_of(swarm)
            yield kind, kind.draw(choices, here, when)


def _swarm(size: int, kinds: Sequence[Kind], *, seed: int, name: str) -> Sequence[Kind]:
    """Swarm testing (Groce et al. 2012): a few kinds at a time go deeper than all of them always.

    Each kind draws its own lot, and the lowest are in: a kind that is added takes a place now and then, and moves no other.
    """
    lots = [(Stream(seed=seed, name=f"{name}/{kind.name}").randrange(LOTS), kind.name, kind) for kind in kinds]
    return [kind for _, _, kind in sorted(lots)[:size]]
