"""No import goes round in a circle, be it for type checkers only: a file can be understood after those that it imports."""

import pytest

from tests.architecture.imports import imports

Imports = list[tuple[str, str]]


def in_circles(pairs: Imports) -> list[str]:
    """Modules on a circle, or between two: what is left once whoever imports nobody, or is imported by nobody, is gone."""
    left = set(pairs)
    while True:
        importing, imported = {one for one, _ in left}, {other for _, other in left}
        inner = {(one, other) for one, other in left if one in imported and other in importing}
        if inner == left:
            return sorted(importing)
        left = inner


@pytest.mark.parametrize(
    "pairs, found",
    [
        ([], []),
        ([("a", "b"), ("b", "c"), ("a", "c")], []),
        ([("a", "b"), ("b", "a")], ["a", "b"]),
        ([("x", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("c", "y")], ["a", "b", "c"]),
    ],
)
def test_a_circle_is_found_and_what_hangs_on_it_is_not_blamed(pairs: Imports, found: list[str]) -> None:
    assert in_circles(pairs) == found


def test_no_import_goes_round_in_a_circle() -> None:
    pairs = imports()

    assert len(pairs) > 500
    assert in_circles(pairs) == []


def test_imports_for_type_checkers_count() -> None:
    assert ("sim.world.network.link", "sim.world.kernel") in imports()
