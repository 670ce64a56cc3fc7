"""A set of offsets kept as ranges is the set it stands for."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sim.serve.ranges import Ranges

OFFSETS = st.integers(0, 40)
PAIRS = st.lists(st.tuples(OFFSETS, OFFSETS).map(lambda pair: (min(pair), max(pair))), max_size=12)


def numbers(pairs: list[tuple[int, int]]) -> set[int]:
    return {number for first, last in pairs for number in range(first, last + 1)}


def ranges_of(pairs: list[tuple[int, int]]) -> Ranges:
    found = Ranges()
    for first, last in pairs:
        found.add(first, last)
    return found


@given(PAIRS)
def test_ranges_hold_what_was_added_as_few_ranges_that_do_not_touch(pairs: list[tuple[int, int]]) -> None:
    held = list(ranges_of(pairs))

    assert numbers(held) == numbers(pairs)
    assert len(ranges_of(pairs)) == len(numbers(pairs))
    assert all(last + 1 < first for (_, last), (first, _) in pairwise(held))


@given(PAIRS, PAIRS)
def test_what_is_left_without_others_is_the_difference(
    pairs: list[tuple[int, int]], others: list[tuple[int, int]]
) -> None:
    left = list(ranges_of(pairs).without(ranges_of(others)))

    assert numbers(left) == numbers(pairs) - numbers(others)
    assert sum(last - first + 1 for first, last in left) == len(numbers(left))
