"""A bucket of tokens that fills at the rate of a quota, for bursts (Kafka's TokenBucket, KIP-599)."""

from __future__ import annotations

_MS_OF_SECOND = 1000.0


class TokenBucket:
    """Full at first. What is taken may leave it below zero, and then nothing may be taken until it is back at zero."""

    __slots__ = ("_last_ms", "_samples", "_tokens", "_window_ms")

    def __init__(self, samples: int, window_ms: int) -> None:
        """Both together say how much it holds: what its rate brings in that time."""
        self._samples = samples
        self._window_ms = window_ms
        self._tokens = 0.0
        self._last_ms = 0

    def tokens(self, rate: float, now_ms: int) -> float:
        """Give what is in it, at so many a second."""
        self._refill(rate, now_ms)
        return self._tokens

    def take(self, count: float, rate: float, now_ms: int) -> None:
        """Take so many out of it, at so many a second."""
        self._refill(rate, now_ms)
        self._tokens = min(self._burst(rate), self._tokens - count)

    def _refill(self, rate: float, now_ms: int) -> None:
        self._tokens = min(self._burst(rate), self._tokens + rate * ((now_ms - self._last_ms) / _MS_OF_SECOND))
        self._last_ms = now_ms

    def _burst(self, rate: float) -> float:
        return self._samples * (self._window_ms / _MS_OF_SECOND) * rate
