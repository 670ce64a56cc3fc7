"""How long to wait before something is tried again, and the deadline that never comes."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.chance import Chance

NEVER_US = 2**63 - 1
"""A deadline that is never reached."""

JITTER = 0.2
"""Back-offs vary by a fifth either way (ExponentialBackoff, KIP-580)."""


def backoff_us(initial_us: int, longest_us: int, attempt: int, chance: Chance) -> int:
    """Give the pause before attempt `attempt` (from 1): doubled each time, with 20 % jitter, and capped (KIP-580).

    Where nothing can grow there is no jitter either, and a longest pause below the first one is the only one.
    """
    if longest_us <= initial_us:
        return longest_us
    pause_us = min(initial_us << min(attempt - 1, 32), longest_us)
    return min(int(pause_us * (1 - JITTER + 2 * JITTER * chance.random())), longest_us)
