"""One thing to measure, and what came out; see `tests.bench.__main__` for how they are used."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


class Skip(Exception):  # noqa: N818 - a verdict, not an error
    """This case cannot run here; the message says why."""


@dataclass(frozen=True, slots=True)
class Measured:
    """How much was done, and what it took."""

    amount: int
    elapsed_s: float
    cpu_s: float | None = None
    """Processor seconds of this process in the same stretch; None: the harness takes the whole run's."""
    peak_kb: int | None = None
    """The most memory that what was measured had; None: the harness takes the larger of this process and those it started."""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of a table."""

    name: str
    unit: str
    run: Callable[[], Measured]
    reference: bool = False
    """The line that the ratios of its file refer to."""
    is_foreign: bool = False
    """Another program's: it is the same whichever build of acklab is measured beside it."""


SETTING = "ACKLAB_BENCH_SETTING"
"""The environment's word for where a case finds its brokers."""


def setting() -> str:
    """What the file's SETTING gave: addresses of brokers."""
    return os.environ[SETTING]


class Stopwatch:
    """Wall and processor seconds of the block it was running in."""

    elapsed_s = 0.0
    cpu_s = 0.0

    def measured(self, amount: int) -> Measured:
        return Measured(amount, self.elapsed_s, self.cpu_s)


@contextmanager
def stopwatch() -> Iterator[Stopwatch]:
    """`with stopwatch() as watch: work()`, then `watch.measured(amount)`."""
    watch = Stopwatch()
    started_s, started_cpu_s = time.perf_counter(), time.process_time()
    yield watch
    watch.elapsed_s = time.perf_counter() - started_s
    watch.cpu_s = time.process_time() - started_cpu_s
