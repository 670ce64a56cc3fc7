"""Two lists of steps, set side by side by what they mean: what both have, what one has, and what both have in another order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from enum import Enum
from typing import NamedTuple


class Step(NamedTuple):
    """One event of a run, by what it means."""

    event: int
    """Its number in the trace."""
    key: Hashable
    """The same for the same thing in the other run; no two steps of one run have the same."""
    text: str
    """What happened, in words that know nothing of microseconds, requests and connections."""
    meaning: str
    """What of the text makes it another thing: `text` without the offset, for one."""
    weight: int = 1
    """How sure it is that the other run's is the same: what the story itself brings about holds both together."""
    is_fault: bool = False
    is_turn: bool = False
    """Whether it matters what else comes before it, and what behind: a fault, an election, a record that is taken."""
    is_aside: bool = False
    """Whether it only serves something else: a request for metadata, a connection, a high watermark."""


class Kind(Enum):
    """What a row says."""

    ALIKE = "alike"
    OTHERWISE = "otherwise"
    """The same thing, and it went otherwise."""
    MOVED = "moved"
    """In both, but on the other side of something else that both have."""
    ONLY = "only"


class Row(NamedTuple):
    """One line of a comparison. A moved step has two rows: one where the first run has it, one where the second has."""

    first: Step | None
    second: Step | None
    kind: Kind
    twin: Step | None = None
    """Of a moved step: where the other run has it."""

    @property
    def steps(self) -> tuple[Step, ...]:
        """What is in this row, of either run."""
        return tuple([step for step in (self.first, self.second) if step is not None])

    @property
    def is_aside(self) -> bool:
        return all(step.is_aside for step in self.steps)


def aligned(first: Sequence[Step], second: Sequence[Step]) -> list[Row]:
    """Pair the steps of two runs by their keys, and give them in an order that both have."""
    places = {step.key: place for place, step in enumerate(second)}
    pairs = [(place, places[step.key]) for place, step in enumerate(first) if step.key in places]
    kept = _heaviest_in_order(pairs, [min(first[one].weight, second[other].weight) for one, other in pairs])
    twins = dict(pairs)
    back = {other: one for one, other in pairs}
    rows: list[Row] = []
    left = right = 0
    for one, other in [*kept, (len(first), len(second))]:
        for place in range(left, one):
            twin = twins.get(place)
            kind = Kind.ONLY if twin is None else Kind.MOVED
            rows.append(Row(first[place], None, kind, None if twin is None else second[twin]))
        for place in range(right, other):
            found = back.get(place)
            kind = Kind.ONLY if found is None else Kind.MOVED
            rows.append(Row(None, second[place], kind, None if found is None else first[found]))
        if one < len(first):
            is_alike = first[one].meaning == second[other].meaning
            rows.append(Row(first[one], second[other], Kind.ALIKE if is_alike else Kind.OTHERWISE))
        left, right = one + 1, other + 1
    return rows


def _heaviest_in_order(pairs: Sequence[tuple[int, int]], weights: Sequence[int]) -> list[tuple[int, int]]:
    """Give the pairs that can stay in order on both sides, as heavy as possible together; `pairs` are sorted by their first.

    The heaviest increasing subsequence, by a Fenwick tree over the second numbers: n log n.
    """
    size = max((other for _, other in pairs), default=-1) + 1
    tree: list[tuple[int, int]] = [(0, -1)] * (size + 1)
    """(weight, place of the pair that it ends with) of the best up to there."""
    before: list[int] = []
    for place, ((_, other), weight) in enumerate(zip(pairs, weights, strict=True)):
        best = (0, -1)
        at = other
        while at > 0:
            best = max(best, tree[at])
            at -= at & -at
        before.append(best[1])
        ending = (best[0] + weight, place)
        at = other + 1
        while at <= size:
            tree[at] = max(tree[at], ending)
            at += at & -at
    best = (0, -1)
    at = size
    while at > 0:
        best = max(best, tree[at])
        at -= at & -at
    kept = []
    place = best[1]
    while place >= 0:
        kept.append(pairs[place])
        place = before[place]
    return kept[::-1]
