"""The wall clock and fresh names, for what lies above the drivers; the engine gets both from outside."""

from __future__ import annotations

import time
import uuid


def epoch_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def fresh_id() -> str:
    """Give a name that nobody has given before."""
    return uuid.uuid4().hex
