"""Arithmetic over windows of time, as `org.apache.kafka.common.metrics.stats` does it: rates, averages, maxima, totals.

Events fall into samples of `metrics.sample.window.ms`; `metrics.num.samples` of them, and whatever overlaps them, count.
Kafka keeps samples for each statistic of a sensor. As they all hear of the same events at the same times, a sensor here
keeps them once, with count, sum and maximum together: a batch records a dozen events, and each costs one call.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import NamedTuple

NS_US = 1_000
MS_US = 1_000
SECOND_US = 1_000_000

ELAPSED_US_MIN = MS_US
"""A rate over no time at all is not defined: it is taken over one millisecond, Kafka's smallest time."""

PRECISION_BITS = 7
"""Percentiles tell values apart by their first bits: 1 part in 128, so that half a bucket is below 0.4 %."""

_EXACT_BELOW = 2 << PRECISION_BITS


class RecordingLevel(IntEnum):
    """`metrics.recording.level`: how much is recorded; each level includes those before it."""

    INFO = 0
    DEBUG = 1
    TRACE = 2


class Window(NamedTuple):
    """Which past counts."""

    sample_us: int = 30_000_000
    """`metrics.sample.window.ms`."""
    samples: int = 2
    """`metrics.num.samples`."""


class Sample:
    """What happened in one stretch of time."""

    __slots__ = ("count", "largest", "last_us", "start_us", "sum")

    def __init__(self, now_us: int) -> None:
        self.reset(now_us)

    def reset(self, now_us: int) -> None:
        """Forget everything; the stretch begins now."""
        self.count = 0
        self.sum: float = 0.0
        self.largest = -math.inf
        self.start_us = now_us
        self.last_us = now_us


class Sensor:
    """Everything that can be said about one kind of event. Times are microseconds and never go back."""

    __slots__ = ("_count_before", "_current", "_index", "_sample_us", "_samples", "_total_before", "_window")

    def __init__(self, window: Window) -> None:
        # Of the samples that were forgotten; so `record` has two sums less to keep.
        self._count_before = 0
        self._total_before: float = 0.0
        self._window = window
        self._sample_us = window.sample_us
        self._samples: list[Sample] = []
        self._index = 0
        # Ended before any time: the first event begins a sample of its own.
        self._current = Sample(-(1 << 80))

    def record(self, value: float, now_us: int) -> None:
        """Count an event of this value (SampledStat.record)."""
        current = self._current
        if now_us - current.start_us >= self._sample_us:
            current = self._advance(now_us)
        current.count += 1
        current.sum += value
        if value > current.largest:  # noqa: PLR1730 - a call of max costs as much as all else here
            current.largest = value
        current.last_us = now_us

    @property
    def count(self) -> int:
        """Events since the beginning (CumulativeCount)."""
        return self._count_before + sum(sample.count for sample in self._samples)

    @property
    def total(self) -> float:
        """The sum of their values (CumulativeSum)."""
        return self._total_before + sum(sample.sum for sample in self._samples)

    def rate(self, now_us: int) -> float:
        """The sum of the window's values, per second (Rate)."""
        elapsed_us = self._elapsed_us(now_us)
        return sum(sample.sum for sample in self._samples) * SECOND_US / elapsed_us

    def event_rate(self, now_us: int) -> float:
        """The number of the window's events, per second (Rate over WindowedCount)."""
        elapsed_us = self._elapsed_us(now_us)
        return sum(sample.count for sample in self._samples) * SECOND_US / elapsed_us

    def average(self, now_us: int) -> float:
        """The average of the window's values, NaN without any (Avg)."""
        self._purge(now_us)
        count = sum(sample.count for sample in self._samples)
        return sum(sample.sum for sample in self._samples) / count if count else math.nan

    def maximum(self, now_us: int) -> float:
        """The largest of the window's values, NaN without any (Max)."""
        self._purge(now_us)
        return max((sample.largest for sample in self._samples if sample.count), default=math.nan)

    def _advance(self, now_us: int) -> Sample:
        """Begin a sample: a new one, or in place of the oldest. One more than the window has, for overlaps."""
        if self._samples:
            self._index = (self._index + 1) % (self._window.samples + 1)
        if self._index >= len(self._samples):
            self._samples.append(self._new_sample(now_us))
        else:
            self._forget(self._samples[self._index], now_us)
        self._current = self._samples[self._index]
        return self._current

    def _purge(self, now_us: int) -> None:
        """Forget the samples whose last event has left the window; they begin anew (purgeObsoleteSamples)."""
        expired_us = now_us - self._window.samples * self._window.sample_us
        for sample in self._samples:
            if sample.last_us <= expired_us:
                self._forget(sample, now_us)

    def _forget(self, sample: Sample, now_us: int) -> None:
        self._count_before += sample.count
        self._total_before += sample.sum
        sample.reset(now_us)

    def _elapsed_us(self, now_us: int) -> int:
        """Over how long a rate is taken: since the oldest sample began, and no less than all samples but one.

        So a burst in the first second of a window is not taken for a rate that lasts (Rate.windowSize).
        """
        if not self._samples:
            self._advance(now_us)
        self._purge(now_us)
        elapsed_us = now_us - min(sample.start_us for sample in self._samples)
        missing = self._window.samples - 1 - elapsed_us // self._window.sample_us
        if missing > 0:
            elapsed_us += missing * self._window.sample_us
        return max(elapsed_us, ELAPSED_US_MIN)

    def _new_sample(self, now_us: int) -> Sample:
        return Sample(now_us)


class _Histogram(Sample):
    """A sample that also knows how its values are spread."""

    __slots__ = ("buckets",)

    def reset(self, now_us: int) -> None:
        super().reset(now_us)
        self.buckets: dict[int, int] = {}


class Distribution(Sensor):
    """A sensor that gives percentiles too. Ours, not Kafka's: its producer has none."""

    __slots__ = ()

    def record(self, value: float, now_us: int, *, times: int = 1) -> None:
        """Count `times` events of this value, which is no less than zero."""
        current = self._current
        if now_us - current.start_us >= self._sample_us:
            current = self._advance(now_us)
        assert isinstance(current, _Histogram)
        current.count += times
        current.sum += value * times
        if value > current.largest:  # noqa: PLR1730 - a call of max costs as much as all else here
            current.largest = value
        current.last_us = now_us
        bucket = _bucket(int(value))
        current.buckets[bucket] = current.buckets.get(bucket, 0) + times

    def percentile(self, percent: int, now_us: int) -> float:
        """The least value that so many per cent of the window's values do not exceed, to 0.4 %; NaN without any."""
        self._purge(now_us)
        buckets: dict[int, int] = {}
        for sample in self._samples:
            assert isinstance(sample, _Histogram)
            for bucket, count in sample.buckets.items():
                buckets[bucket] = buckets.get(bucket, 0) + count
        hundredfold = percent * sum(buckets.values())
        seen = 0
        for bucket in sorted(buckets):
            seen += buckets[bucket]
            if 100 * seen >= hundredfold:
                # The middle of the last bucket may lie above every value in it.
                return min(_middle(bucket), self.maximum(now_us))
        return math.nan

    def _new_sample(self, now_us: int) -> Sample:
        return _Histogram(now_us)


def _bucket(value: int) -> int:
    """Number the buckets in the order of their values: one each below 256, then 128 for each doubling."""
    if value < _EXACT_BELOW:
        return value
    shift = value.bit_length() - PRECISION_BITS - 1
    return (shift << PRECISION_BITS) + (value >> shift)


def _middle(bucket: int) -> int:
    if bucket < _EXACT_BELOW:
        return bucket
    shift = (bucket >> PRECISION_BITS) - 1
    return ((bucket - (shift << PRECISION_BITS)) << shift) + (1 << shift >> 1)
