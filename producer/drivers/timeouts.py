"""How long a caller is willing to wait: seconds as applications give them, for every clock and lock to bear."""

from __future__ import annotations

from producer.drivers.clock import now_us

FOREVER_S = 100 * 365 * 86_400
"""No process lives longer, and the system's clocks take no wait that is much longer."""


def waited_s(timeout_s: object) -> float | None:
    """Give how many seconds to wait at most: no less than none, and no more than a century; None for as long as it takes.

    Raises TypeError for what is no number, ValueError for what is no time (NaN).
    """
    if timeout_s is None:
        return None
    if not isinstance(timeout_s, int | float):
        msg = f"a timeout is {timeout_s!r}, must be a number of seconds or None"
        raise TypeError(msg)
    if timeout_s != timeout_s:  # noqa: PLR0124 - NaN; math.isnan does not take every int
        msg = f"a timeout is {timeout_s!r}, must be a number of seconds or None"
        raise ValueError(msg)
    return float(min(max(timeout_s, 0), FOREVER_S))


def wait_until_us(timeout_s: object) -> int | None:
    """Give when such a wait is over, in microseconds of the drivers' clock. Raises as `waited_s` does."""
    seconds = waited_s(timeout_s)
    return None if seconds is None else now_us() + int(seconds * 1e6)
