"""What every campaign of `make agree` has in common: its options, its stories on all cores, the places where judges differ, its faults."""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sim.explore.kinds import KINDS
from sim.explore.workers import pool

FAULTS = frozenset(one.__dataclass_fields__["kind"].default for kind in KINDS.values() for one in kind.faults)
"""Every kind of fault that a story may be given."""


class Told(Protocol):
    """What came of some stories."""

    @property
    def differences(self) -> list[str]: ...


ToldT = TypeVar("ToldT", bound=Told)


@dataclass(slots=True)
class Campaign:
    """One campaign under way."""

    runs: int
    begin: int
    """Number of the first story."""
    seed: int
    jobs: int
    differences: list[str] = field(default_factory=list)
    _began_s: float = field(default_factory=time.monotonic)

    def chunks(self, size: int) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
        """Give the first number, the one behind the last, and the seed of each part of that many stories."""
        end = self.begin + self.runs
        begins = range(self.begin, end, size)
        return begins, [min(begin + size, end) for begin in begins], [self.seed] * len(begins)

    def each(
        self, told: Callable[..., ToldT], *arguments: Iterable[Any], shown_max: int | None = None
    ) -> Iterator[ToldT]:
        """Judge part by part, on all cores, in their order; the first `shown_max` differences are printed as they come."""
        with pool(self.jobs) as executor:
            for one in executor.map(told, *arguments):
                for line in one.differences:
                    if shown_max is None or len(self.differences) < shown_max:
                        print(line, flush=True)
                    self.differences.append(line)
                yield one

    @property
    def elapsed_s(self) -> float:
        """How long it has taken."""
        return time.monotonic() - self._began_s

    @property
    def status(self) -> int:
        """1 if the two judges differ anywhere."""
        return 1 if self.differences else 0


def asked(prog: str, what: str | None, *, runs: int, of: str = "story", has_seed: bool = True) -> Campaign:
    """Read the command line: how many of what (`of`), from which on, of which seed, on how many cores."""
    parser = argparse.ArgumentParser(prog=f"python -m {prog}", description=what)
    parser.add_argument("--runs", type=int, default=runs)
    parser.add_argument("--from", type=int, default=0, dest="begin", help=f"number of the first {of}")
    if has_seed:
        parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    return Campaign(given.runs, given.begin, given.seed if has_seed else 0, given.jobs)


def counted(faults: Counter[str]) -> str:
    """Say how often each kind of fault was drawn."""
    return ", ".join(f"{name} {faults[name]:,}" for name in sorted(faults))


def never_drawn(faults: Counter[str]) -> str:
    """Name the kinds of faults that no story had; empty if there is none."""
    never = sorted(FAULTS - faults.keys())
    return f"never drawn: {', '.join(never)}" if never else ""
