"""Counts of hot keys are bounds that hold, over the latest records, in bounded memory."""

from collections import Counter

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.partitioners.hot_keys import HotKeys, KeyCount

# A few keys often, many seldom.
keys = st.lists(st.integers(0, 5) | st.integers(0, 60), max_size=300).map(lambda drawn: [b"%d" % one for one in drawn])


def counted(given_keys: list[bytes], **limits: int) -> HotKeys:
    hot = HotKeys(**limits)
    for key in given_keys:
        hot.count(key)
    return hot


@given(keys, st.integers(1, 20), st.integers(2, 200))
# A key that lost its counter in the half before counts there with what it may have had.
@example([b"a", b"b", b"a", b"b", b"a"], 1, 8)
def test_bounds_hold_and_no_hot_key_is_missed(given_keys: list[bytes], keys_max: int, window_records: int) -> None:
    hot = counted(given_keys, keys_max=keys_max, window_records=window_records)

    seen = Counter(given_keys[len(given_keys) - hot.records :])
    found = {one.key: one for one in hot.hottest(2 * keys_max)}
    assert all(one.at_least <= seen[one.key] <= one.at_most for one in found.values())
    assert all(one.at_most - one.at_least <= hot.records / keys_max for one in found.values())
    assert {key for key, count in seen.items() if count > hot.records / keys_max} <= found.keys()
    assert len(found) <= 2 * keys_max


@given(keys, st.integers(2, 200))
def test_it_looks_back_on_the_window_and_on_half_of_it_at_least(given_keys: list[bytes], window_records: int) -> None:
    hot = counted(given_keys, window_records=window_records)

    assert min(len(given_keys), window_records // 2) <= hot.records <= window_records


def test_with_room_for_every_key_the_counts_are_exact_and_the_hottest_comes_first() -> None:
    hot = counted([b"a", b"b", b"a", b"c", b"a", b"b"])

    assert hot.hottest(2) == [KeyCount(b"a", 3, 3), KeyCount(b"b", 2, 2)]


def test_a_key_that_has_cooled_down_is_forgotten() -> None:
    hot = counted([b"once hot"] * 1_000 + [b"%d" % number for number in range(100)], window_records=100)

    assert b"once hot" not in {one.key for one in hot.hottest(200)}


def test_records_without_a_key_are_passed_over() -> None:
    hot = HotKeys()

    hot.count(None)

    assert hot.records == 0
    assert hot.hottest() == []


def test_a_key_gets_as_many_salts_as_bring_its_share_below_the_limit() -> None:
    # Of 1,000 records: a fair share of 4 partitions is 250, and half of it 125.
    hot = counted([b"hot"] * 600 + [b"warm"] * 200 + [b"%d" % (number % 20) for number in range(200)])

    assert hot.salts(4, share_max=0.5) == {b"hot": 4, b"warm": 2}
    assert hot.salts(4, share_max=0.9) == {b"hot": 3}
    assert hot.salts(1) == {}
    assert HotKeys().salts(4) == {}


@pytest.mark.parametrize("limits", [{"keys_max": 0}, {"window_records": 1}])
def test_limits_that_cannot_be_are_named(limits: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="must be at least 1 and 2"):
        HotKeys(**limits)
