"""The rate of something over the last seconds, in samples of a window each (Kafka's Rate over a SampledStat)."""

from __future__ import annotations

_MS_OF_SECOND = 1000.0


class _Sample:
    """What was recorded from one moment on, until the next sample began."""

    __slots__ = ("last_ms", "start_ms", "value")

    def __init__(self, now_ms: int) -> None:
        self.start_ms = self.last_ms = now_ms
        self.value = 0.0

    def reset(self, now_ms: int) -> None:
        self.start_ms = self.last_ms = now_ms
        self.value = 0.0


class Rate:
    """A sum over samples, divided by the time that they span: windows that are missing count as if nothing had been in them.

    In doubles and milliseconds, as in Kafka, so that both come to the same.
    """

    __slots__ = ("_current", "_samples", "_samples_max", "_window_ms")

    def __init__(self, samples_max: int, window_ms: int) -> None:
        """`samples_max` is quota.window.num, `window_ms` comes of quota.window.size.seconds."""
        self._samples_max = samples_max
        self._window_ms = window_ms
        self._samples: list[_Sample] = []
        self._current = 0

    def record(self, value: float, now_ms: int) -> None:
        """Count so much more; less where it is negative."""
        if not self._samples:
            self._samples.append(_Sample(now_ms))
        sample = self._samples[self._current]
        if now_ms - sample.start_ms >= self._window_ms:
            sample = self._next(now_ms)
        sample.value += value
        sample.last_ms = now_ms

    def _next(self, now_ms: int) -> _Sample:
        # One more than are counted: the oldest may overlap with the time that is looked at.
        self._current = (self._current + 1) % (self._samples_max + 1)
        if self._current >= len(self._samples):
            sample = _Sample(now_ms)
            self._samples.append(sample)
        else:
            sample = self._samples[self._current]
            sample.reset(now_ms)
        return sample

    def per_second(self, now_ms: int) -> float:
        """Give the rate as it is now."""
        self._purge(now_ms)
        total = 0.0
        for sample in self._samples:
            total += sample.value
        return total / (self.window_ms(now_ms) / _MS_OF_SECOND)

    def window_ms(self, now_ms: int) -> int:
        """Give the time that the rate is over: since the oldest sample began, and all windows but one at least."""
        self._purge(now_ms)
        if not self._samples:
            self._samples.append(_Sample(now_ms))
        oldest_ms = min([sample.start_ms for sample in self._samples])
        elapsed_ms = now_ms - oldest_ms
        missing = self._samples_max - 1 - _whole(elapsed_ms, self._window_ms)
        if missing > 0:
            elapsed_ms += missing * self._window_ms
        return max(elapsed_ms, 1)

    def _purge(self, now_ms: int) -> None:
        age_ms = self._samples_max * self._window_ms
        for sample in self._samples:
            if now_ms - sample.last_ms >= age_ms:
                sample.reset(now_ms)


def _whole(elapsed_ms: int, window_ms: int) -> int:
    """Divide as Java does, towards zero: a clock may have been set back."""
    return elapsed_ms // window_ms if elapsed_ms >= 0 else -(-elapsed_ms // window_ms)
