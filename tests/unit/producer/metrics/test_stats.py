"""Windows of time, in virtual time: which past a rate, an average, a maximum and a percentile speak of."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.metrics.stats import Distribution, Sensor, Window

MS = 1_000
SECOND = 1_000_000
DEFAULT = Window()
GOLDEN = json.loads((Path(__file__).parent / "kafka_4_3_1_stats.json").read_text())
"""Random events and reads, and what kafka-clients 4.3.1 measured: [at ms, value recorded] or [at ms, [what was read]].

What was read is Rate, Rate(WindowedCount), Avg, Max, CumulativeSum; null is NaN.
"""

Events = Sequence[tuple[int, float]]


def sensor(events: Events = (), window: Window = DEFAULT) -> Sensor:
    made = Sensor(window)
    for at_us, value in events:
        made.record(value, at_us)
    return made


# -- as Kafka does it --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("run", GOLDEN)
@pytest.mark.parametrize("kind", [Sensor, Distribution])
def test_everything_read_is_what_kafka_s_own_classes_measure(run: dict[str, Any], kind: type[Sensor]) -> None:
    made = kind(Window(run["window_ms"] * MS, run["samples"]))

    for at_ms, told in run["steps"]:
        now = at_ms * MS
        if isinstance(told, int):
            made.record(told, now)
            continue
        read = [made.rate(now), made.event_rate(now), made.average(now), made.maximum(now), made.total]
        assert read == pytest.approx([math.nan if one is None else one for one in told], rel=1e-12, nan_ok=True)


# -- rates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "events, at_us, per_second",
    [
        # Two samples of 30 s: a rate is taken over no less than one whole sample and what has passed of the next.
        ([(0, 60)], 0, 2),
        ([(0, 60)], 15 * SECOND, 60 / 45),
        ([(0, 60)], 30 * SECOND - 1, 60 / 59.999999),
        # From one whole sample on, the time since the oldest began.
        ([(0, 60)], 30 * SECOND, 2),
        ([(0, 60)], 59 * SECOND, 60 / 59),
        # Its last event is 60 s ago: the sample is empty, and begins anew.
        ([(0, 60)], 60 * SECOND, 0),
        # A second sample begins with the first event after the end of the one before.
        ([(0, 60), (40 * SECOND, 30)], 50 * SECOND, 90 / 50),
        # The first sample had its last event at 20 s, so it counts until 80 s, whenever it began.
        ([(0, 60), (20 * SECOND, 60), (40 * SECOND, 30)], 80 * SECOND - 1, 150 / 79.999999),
        ([(0, 60), (20 * SECOND, 60), (40 * SECOND, 30)], 80 * SECOND, 30 / 40),
        # Three samples may overlap the window: the third does not push out the first.
        ([(0, 10), (29 * SECOND, 10), (31 * SECOND, 10), (62 * SECOND, 10)], 62 * SECOND, 40 / 62),
        # The fourth one does.
        ([(0, 7), (30 * SECOND, 8), (60 * SECOND, 9), (90 * SECOND, 9)], 90 * SECOND - 1, 26 / 59.999999),
    ],
)
def test_a_rate_is_the_sum_over_the_time_that_its_samples_span(events: Events, at_us: int, per_second: float) -> None:
    assert sensor(events).rate(at_us) == pytest.approx(per_second, rel=1e-9)


def test_a_rate_over_one_sample_is_taken_over_a_millisecond_at_least() -> None:
    assert sensor([(5, 3)], Window(SECOND, 1)).rate(5) == 3_000


def test_a_rate_of_events_does_not_look_at_their_values() -> None:
    assert sensor([(0, 500), (0, 700), (0, 0)]).event_rate(0) == 3 / 30


def test_a_sensor_that_never_heard_anything_has_a_rate_of_nothing_and_no_average() -> None:
    silent = sensor()

    assert (silent.rate(7), silent.event_rate(7), silent.total, silent.count) == (0, 0, 0, 0)
    assert math.isnan(silent.average(7))
    assert math.isnan(silent.maximum(7))


# -- averages, maxima, totals ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "events, at_us, average, maximum",
    [
        ([(0, 4), (0, 8)], 0, 6, 8),
        ([(0, 9), (35 * SECOND, 1), (35 * SECOND, 2)], 35 * SECOND, 4, 9),
        # The sample with the maximum had its last event at 0 s: it expires at 60 s, not before.
        ([(0, 9), (35 * SECOND, 1)], 60 * SECOND - 1, 5, 9),
        ([(0, 9), (35 * SECOND, 1)], 60 * SECOND, 1, 1),
        ([(0, 9), (35 * SECOND, 1)], 95 * SECOND, math.nan, math.nan),
        # A maximum of nothing but negatives is one of them, not zero.
        ([(0, -3), (0, -5)], 0, -4, -3),
    ],
)
def test_averages_and_maxima_expire_with_their_samples(
    events: Events, at_us: int, average: float, maximum: float
) -> None:
    made = sensor(events)

    assert made.average(at_us) == pytest.approx(average, nan_ok=True)
    assert made.maximum(at_us) == pytest.approx(maximum, nan_ok=True)


def test_totals_never_expire() -> None:
    made = sensor([(0, 4), (3_600 * SECOND, 8)])

    made.rate(7_200 * SECOND)

    assert (made.total, made.count) == (12, 2)


@pytest.mark.parametrize("samples", [1, 2, 5])
def test_memory_is_one_sample_more_than_the_window_has(samples: int) -> None:
    made = sensor([(second * SECOND, 1) for second in range(100)], Window(SECOND, samples))

    assert len(made._samples) == samples + 1


# -- percentiles -------------------------------------------------------------------------------------------------------


def spread(events: Events, window: Window = DEFAULT) -> Distribution:
    made = Distribution(window)
    for at_us, value in events:
        made.record(value, at_us)
    return made


@pytest.mark.parametrize(
    "values, p50, p95, p99",
    [
        ([7], 7, 7, 7),
        ([1, 2], 1, 2, 2),
        (range(1, 101), 50, 95, 99),
        ([0] * 99 + [200], 0, 0, 0),
        ([0] * 98 + [200] * 2, 0, 0, 200),
    ],
)
def test_a_percentile_is_the_least_value_that_so_many_do_not_exceed(
    values: Sequence[int], p50: int, p95: int, p99: int
) -> None:
    made = spread([(0, value) for value in values])

    assert [made.percentile(percent, 0) for percent in (50, 95, 99)] == [p50, p95, p99]


def test_events_counted_several_times_weigh_as_much() -> None:
    made = Distribution(DEFAULT)

    made.record(10, 0, times=90)
    made.record(100, 0, times=10)

    assert (made.percentile(50, 0), made.percentile(95, 0)) == (10, 100)
    assert (made.count, made.total, made.average(0)) == (100, 1_900, 19)


def test_percentiles_expire_with_their_samples() -> None:
    made = spread([(0, 200), (35 * SECOND, 100)])

    assert made.percentile(99, 60 * SECOND - 1) == 200
    assert made.percentile(99, 60 * SECOND) == 100
    assert math.isnan(made.percentile(99, 95 * SECOND))


@given(st.lists(st.integers(0, 1 << 40), min_size=1, max_size=60), st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_errs_by_less_than_half_a_per_cent(values: list[int], percent: int) -> None:
    exact = sorted(values)[max(-(-percent * len(values) // 100), 1) - 1]

    assert spread([(0, value) for value in values]).percentile(percent, 0) == pytest.approx(exact, rel=0.004, abs=0)


@given(st.integers(0, 1 << 62))
def test_a_single_value_is_its_own_percentile_to_half_a_per_cent(value: int) -> None:
    assert spread([(0, value)]).percentile(50, 0) == pytest.approx(value, rel=0.004, abs=0)
