"""How long who exceeds a quota has to wait, in milliseconds, as Kafka's doubles come to it (QuotaUtils)."""

from __future__ import annotations

import math

_INT_BITS = 32


def rate_throttle_ms(rate: float, limit: float, window_ms: int) -> int:
    """Give the time in which a rate over that window is back at its limit, if nothing is added."""
    return rounded((rate - limit) / limit * window_ms)


def bucket_throttle_ms(tokens: float, limit: float) -> int:
    """Give the time in which a bucket that is below zero is back there."""
    return rounded(-tokens / limit * 1000)


def rounded(number: float) -> int:
    """Round as Java's Math.round does, halves upwards; what is no number is 0."""
    return 0 if math.isnan(number) else math.floor(number + 0.5)


def as_int(number: int) -> int:
    """Cut a number to 32 bits, as Java does where it casts: a wait of more than 24 days becomes another one, or none."""
    low = number & ((1 << _INT_BITS) - 1)
    return low - (1 << _INT_BITS) if low >> (_INT_BITS - 1) else low
