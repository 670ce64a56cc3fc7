"""Schedules for Hypothesis: the same values as in scenarios, which shrink to as few and as simple faults as will do.

Needs Hypothesis, which acklab itself does not: only tests import this module.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from hypothesis import strategies as st

from sim.explore.draw import SLOTS_MAX
from sim.explore.kinds import KINDS, Kind
from sim.explore.kinds.kind import DELAYS_US
from sim.faults.schedule import After
from sim.faults.words import When
from sim.world.kernel import Stream

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.faults.schedule import Entry, Schedule

T = TypeVar("T")


def schedules(
    course: Course, *, kinds: Sequence[Kind] = tuple(KINDS.values()), faults_max: int = SLOTS_MAX
) -> st.SearchStrategy[Schedule]:
    """Draw lists of (anchor, fault) for a scenario whose undisturbed course is given.

    What there is to draw is looked for, for seconds, when the first is drawn: whoever only imports a test pays nothing.
    """
    # Three choices a fault and no more: Hypothesis drops an element of a list reliably only if it is short.
    moments = [
        When(After(point.event, nth, point.where)).wait(delay_us)
        for delay_us in dict.fromkeys(DELAYS_US)
        for point in course.points
        for nth in range(point.first, point.last + 1)
    ]
    # By kind: one with many ways to be drawn is no likelier than one with few.
    recipes = st.one_of([_recipe_of(course, kind) for kind in kinds])
    group = st.tuples(st.sampled_from(moments), recipes)
    return st.lists(group.map(lambda drawn: _made(course, *drawn)), max_size=faults_max).map(
        lambda groups: tuple(entry for group in groups for entry in group)
    )


class _Recipe(tuple[Kind, tuple[int, ...]]):
    """A kind, and how it chooses each time it is asked."""

    __slots__ = ()


def _made(course: Course, when: When, recipe: _Recipe) -> tuple[Entry, ...]:
    kind, choices = recipe
    return kind.draw(_Walk(choices), course, when)


def _recipe_of(course: Course, kind: Kind) -> st.SearchStrategy[_Recipe]:
    return st.deferred(lambda: st.sampled_from(_recipes(course, kind)))


@lru_cache(maxsize=256)  # several courses, and each of the kinds for all of them
def _recipes(course: Course, kind: Kind) -> tuple[_Recipe, ...]:
    """Give a recipe for each fault of this kind there is, the simplest first."""
    found: dict[tuple[Entry, ...], _Recipe] = {}
    for choices in islice(_walks(kind, course), RECIPES_MAX):
        recipe = _Recipe((kind, choices))
        found.setdefault(_made(course, _SOMETIME, recipe), recipe)
    if len(found) < RECIPES_MAX:
        return tuple(found.values())
    # Too many to write them all down, and the first ones are all alike.
    found.clear()
    for number in range(RECIPES_MAX):
        walk = _Strolling(Stream(seed=0, name=f"recipes/{kind.name}/{number}"))
        entries = kind.draw(walk, course, _SOMETIME)
        found.setdefault(entries, _Recipe((kind, tuple(walk.taken))))
    return tuple(found[entries] for entries in sorted(found, key=lambda entries: (len(entries), str(entries))))


RECIPES_MAX = 4_000


_SOMETIME = When(After("PhaseBegan"))


def _walks(kind: Kind, course: Course) -> Iterator[tuple[int, ...]]:
    """Give every way through the choices of a kind, in lexical order."""
    choices: list[int] = []
    while True:
        walk = _Walk(choices)
        kind.draw(walk, course, _SOMETIME)
        yield tuple(walk.taken)
        choices = list(walk.taken)
        while choices and choices[-1] == walk.counts[len(choices) - 1] - 1:
            choices.pop()
        if not choices:
            return
        choices[-1] += 1


class _Walk:
    """Choices that are given; those beyond take the first option."""

    def __init__(self, given: Sequence[int]) -> None:
        self._given = given
        self.taken: list[int] = []
        self.counts: list[int] = []

    def _choice(self, count: int) -> int:  # noqa: ARG002 - others choose at random
        place = len(self.taken)
        return self._given[place] if place < len(self._given) else 0

    def _take(self, count: int) -> int:
        self.taken.append(self._choice(count))
        self.counts.append(count)
        return self.taken[-1]

    def number(self, lowest: int, highest: int) -> int:
        return lowest + self._take(highest - lowest + 1)

    def one_of(self, options: Sequence[T]) -> T:
        return options[self._take(len(options))]


class _Strolling(_Walk):
    """Choices from a random stream, written down."""

    def __init__(self, stream: Stream) -> None:
        super().__init__(())
        self._stream = stream

    def _choice(self, count: int) -> int:
        return self._stream.randrange(count)
