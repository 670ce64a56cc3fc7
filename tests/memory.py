"""What a call takes of memory at its peak, apart from what else goes on in the process."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_TIMES = 3


def peak_bytes_of(call: Callable[[], object]) -> int:
    """Return the least peak, in bytes, of a few calls.

    Memory is traced for the whole process: a thread that an earlier test left, or what garbage does when it is collected, is
    counted wherever it falls. What the call itself takes, it takes each time.
    """
    peaks: list[int] = []
    for _ in range(_TIMES):
        tracemalloc.start()
        try:
            call()
            peaks.append(tracemalloc.get_traced_memory()[1])
        finally:
            tracemalloc.stop()
    return min(peaks)
