"""What this process holds that a producer could have left behind: threads of ours, and descriptors."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import NamedTuple

from producer.engine.engine import Engine
from tests.unit.producer.drivers.patience import eventually


class Holdings(NamedTuple):
    threads: int
    descriptors: int


def holdings() -> Holdings:
    """Count them, once everything that nobody has was collected."""
    gc.collect()
    threads = sum(thread.name.startswith("acklab-") for thread in threading.enumerate())
    return Holdings(threads, len(list(Path("/proc/self/fd").iterdir())))


def engines() -> int:
    """How many engines live, each with every record, batch and answer that it has: the memory that a producer takes."""
    gc.collect()
    return sum(type(one) is Engine for one in gc.get_objects())


def back_to(before: Holdings) -> None:
    """Wait until no more is held than before."""
    eventually(lambda: all(now <= then for now, then in zip(holdings(), before, strict=True)))
