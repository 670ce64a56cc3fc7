"""Rates, buckets and waits come to what Kafka's own doubles come to; the figures are worked out by hand from its rules."""

import pytest

from sim.cluster.quotas.entity import entity_of
from sim.cluster.quotas.rate import Rate
from sim.cluster.quotas.rate_quota import RateQuota
from sim.cluster.quotas.throttle_time import as_int, bucket_throttle_ms, rate_throttle_ms, rounded
from sim.cluster.quotas.token_bucket import TokenBucket

BEGUN_MS = 1_767_225_600_000
NOISY = entity_of({"client-id": "noisy"})


def quota(limit: float, **how: bool) -> RateQuota:
    made = RateQuota(samples=11, window_ms=1000, **how)
    made.put(NOISY, limit)
    return made


def test_the_first_ten_windows_count_even_where_there_were_none() -> None:
    rate = Rate(11, 1000)

    rate.record(5_000, BEGUN_MS)

    assert rate.window_ms(BEGUN_MS) == 10_000
    assert rate.per_second(BEGUN_MS) == 500


def test_a_spike_waits_until_the_rate_over_the_whole_window_is_back_at_the_limit() -> None:
    limited = quota(500)
    for second in range(10):
        assert limited.record("ANONYMOUS", "noisy", 400, BEGUN_MS + 1000 * second) == 0

    # 6,300 in 10.5 seconds are 600 a second: a fifth too many, and a fifth of 10.5 seconds is 2.1.
    assert limited.record("ANONYMOUS", "noisy", 2_300, BEGUN_MS + 10_500) == 2_100


def test_the_spike_is_forgotten_with_its_sample() -> None:
    limited = quota(500)
    limited.record("", "noisy", 50_000, BEGUN_MS)

    assert limited.record("", "noisy", 1, BEGUN_MS + 10_999) > 0
    assert limited.record("", "noisy", 1, BEGUN_MS + 23_000) == 0


def test_a_sample_that_overlaps_with_the_window_counts_whole() -> None:
    rate = Rate(2, 1000)
    rate.record(100, BEGUN_MS)
    rate.record(100, BEGUN_MS + 999)

    assert rate.window_ms(BEGUN_MS + 2_900) == 2_900
    assert rate.per_second(BEGUN_MS + 2_900) == pytest.approx(200 / 2.9)
    assert rate.per_second(BEGUN_MS + 2_999) == 0


def test_what_was_taken_back_counts_no_longer() -> None:
    limited = quota(100)
    assert limited.record("", "noisy", 10_000, BEGUN_MS) == 90_000

    limited.unrecord("", "noisy", 10_000, BEGUN_MS)

    assert limited.record("", "noisy", 1_000, BEGUN_MS) == 0


def test_time_is_never_waited_for_longer_than_one_window() -> None:
    limited = quota(1.0, is_bounded=True)

    assert limited.record("", "noisy", 500.0, BEGUN_MS) == 1_000
    assert quota(1.0, is_bounded=True).record("", "noisy", 10.4, BEGUN_MS) == 400


def test_nobody_is_counted_where_nobody_has_a_limit() -> None:
    unlimited = RateQuota(samples=11, window_ms=1000)

    assert not unlimited.is_enabled
    assert unlimited.record("", "noisy", 1e12, BEGUN_MS) == 0


def test_a_limit_that_is_set_later_counts_what_was_counted_for_another() -> None:
    limited = quota(1_000_000)
    assert limited.record("", "noisy", 5_000, BEGUN_MS) == 0

    limited.put(NOISY, 100)

    assert limited.record("", "noisy", 0, BEGUN_MS) == 40_000


def test_the_most_that_is_had_at_once_is_ten_windows_worth() -> None:
    assert quota(2_000).most_at_once("", "noisy") == 20_000
    assert quota(2_000).most_at_once("", "quiet") == 0x7FFFFFFF
    assert quota(1e12).most_at_once("", "noisy") == 0x7FFFFFFF


def test_a_bucket_holds_what_its_rate_brings_in_all_windows_and_no_more() -> None:
    bucket = TokenBucket(11, 1000)

    assert bucket.tokens(5, BEGUN_MS) == 55
    bucket.take(60, 5, BEGUN_MS)
    assert bucket.tokens(5, BEGUN_MS) == -5
    assert bucket_throttle_ms(bucket.tokens(5, BEGUN_MS), 5) == 1_000
    assert bucket.tokens(5, BEGUN_MS + 1_000) == 0
    assert bucket.tokens(5, BEGUN_MS + 100_000) == 55


def test_waits_are_rounded_as_by_java() -> None:
    assert [rounded(number) for number in (0.5, 1.5, 2.49, float("nan"))] == [1, 2, 2, 0]
    assert rate_throttle_ms(600, 500, 10_500) == 2_100
    assert [as_int(number) for number in (5, (1 << 31) - 1, 1 << 31, (1 << 32) + 7)] == [5, 2147483647, -2147483648, 7]


def test_a_clock_that_was_set_back_divides_by_no_zero() -> None:
    limited = quota(500)
    limited.record("", "noisy", 400, BEGUN_MS)

    assert limited.record("", "noisy", 400, BEGUN_MS - 3_600_000) == 0
