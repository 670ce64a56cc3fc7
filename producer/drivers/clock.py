"""The clocks and fresh names that the engine gets from outside."""

from __future__ import annotations

import time
import uuid


def now_us() -> int:
    """The drivers' clock: monotonic microseconds."""
    return time.monotonic_ns() // 1_000


def epoch_us() -> int:
    """Microseconds since 1970, by the wall clock as it is now: somebody may set it, and a machine that sleeps misses none."""
    return time.time_ns() // 1_000


def epoch_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def fresh_id() -> str:
    """Give a name that nobody has given before."""
    return uuid.uuid4().hex
