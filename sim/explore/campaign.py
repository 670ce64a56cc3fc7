"""Many schedules, on several processes: outcomes in the order of their numbers, the failing ones shrunk on the way.

Whatever the number of processes, the same search gives the same counts and the same findings.
"""

from __future__ import annotations

import signal
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sim.explore.reach import Reach, Tried
from sim.explore.search import Found, Outcome, Search
from sim.explore.workers import ensure_tracker, pool

T = TypeVar("T")

CHUNK = 10
"""Schedules that a process takes at a time."""
QUEUED_PER_JOB = 3
"""Chunks that wait for each process: enough to keep it busy, few enough to be interrupted."""
SHRUNK_PER_BREACH = 3
"""Of schedules that break the same guarantees, so many are shrunk; the rest is counted."""


@dataclass(slots=True)
class Tally:
    """What a campaign has shown so far. Complete up to `looked` schedules, interrupted or not."""

    looked: int = 0
    held: int = 0
    inconclusive: int = 0
    """Nothing found, but the run does not show enough to say that there is nothing."""
    faults: int = 0
    virtual_us: int = 0
    """Simulated time, the shrinking left out."""
    failing: list[Outcome] = field(default_factory=list)
    unrepeatable: list[int] = field(default_factory=list)
    """Schedules whose second run was another one: a bug of ours."""
    reach: Reach = field(default_factory=Reach)
    found: list[Found] = field(default_factory=list)
    """One for each shape, in the order of the schedules."""

    def count(self, outcome: Outcome) -> None:
        """Take the outcome of the next schedule."""
        self.looked += 1
        self.faults += outcome.faults
        self.virtual_us += outcome.virtual_us
        self.reach.count(outcome.drawn, outcome.struck, outcome.left_out)
        if not outcome.is_repeatable:
            self.unrepeatable.append(outcome.number)
        if outcome.broken:
            self.failing.append(outcome)
        elif outcome.is_conclusive:
            self.held += 1
        else:
            self.inconclusive += 1

    def keep(self, found: Found) -> bool:
        """Take a shrunk finding. Returns whether it is of a shape not seen before."""
        if any(found.shape == known.shape for known in self.found):
            return False
        self.found.append(found)
        return True


def explore(
    search: Search,
    schedules: int,
    *,
    tally: Tally,
    jobs: int = 1,
    chunk: int = CHUNK,
    until_found: bool = False,
    on_found: Callable[[Found], object] = lambda _: None,
) -> Generator[Outcome, None, None]:
    """Search; gives each outcome once it is in the tally. `on_found` hears of each new shape as soon as it is shrunk.

    With `until_found` it ends with the first failing schedule. Leaving the iterator ends the processes, each once it is done with
    its `chunk` of schedules: somebody who waits for that gives a small one.
    """
    shrinking: deque[Future[Found]] = deque()
    per_breach: Counter[tuple[str, ...]] = Counter()

    def collect(*, all_of_them: bool) -> None:
        while shrinking and (all_of_them or shrinking[0].done()):
            found = shrinking.popleft().result()
            if tally.keep(found):
                on_found(found)

    with _workers(search, min(jobs, -(-schedules // chunk))) as submit:
        for outcome in _outcomes(submit, schedules, jobs, chunk):
            tally.count(outcome)
            if outcome.broken and per_breach[outcome.broken] < SHRUNK_PER_BREACH:
                per_breach[outcome.broken] += 1
                shrinking.append(submit(_shrink, outcome.number))
            collect(all_of_them=False)
            yield outcome
            if until_found and outcome.broken:
                break
        collect(all_of_them=True)
        if not until_found:
            _leave_out_the_rest(submit, tally.reach)


def _leave_out_the_rest(submit: Callable[..., Future[Any]], reach: Reach) -> None:
    """See whether those matter that struck and were not missed so far."""
    for name in reach.never_mattered:
        for example in reach.examples[name]:
            tried = submit(_leave_out, example.number, example.place).result()
            reach.count((), (), (tried,))
            if tried.has_mattered:
                break


def _outcomes(submit: Callable[..., Future[Any]], schedules: int, jobs: int, chunk: int) -> Iterator[Outcome]:
    """Give every outcome in the order of the schedules."""
    begins = iter(range(0, schedules, chunk))
    waiting: deque[Future[list[Outcome]]] = deque()
    for begin in begins:
        waiting.append(submit(_look, begin, min(begin + chunk, schedules)))
        if len(waiting) >= jobs * QUEUED_PER_JOB:
            yield from waiting.popleft().result()
    while waiting:
        yield from waiting.popleft().result()


# -- processes ---------------------------------------------------------------------------------------------------------


@contextmanager
def _workers(search: Search, jobs: int) -> Iterator[Callable[..., Future[Any]]]:
    """Give the function that hands work over: to this process for one job, else to processes of their own."""
    if jobs <= 1:
        _begin(search)
        yield _here
        return
    # Begun now, because its beginning lets interrupts through again.
    ensure_tracker()
    executor = pool(jobs, _begin, search)

    def submit(function: Callable[..., T], *args: Any) -> Future[T]:
        # It may start a worker, which keeps what is blocked here: Control-C reaches every process of the terminal, one that
        # is only beginning too, and the one that was started by hand decides.
        with _interrupts_held():
            return executor.submit(function, *args)

    try:
        yield submit
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let Control-C wait until the end of the block; it is not lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _here(function: Callable[..., T], *args: Any) -> Future[T]:
    done: Future[T] = Future()
    done.set_result(function(*args))
    return done


_search = Search()


def _begin(search: Search) -> None:
    global _search  # noqa: PLW0603 - what a worker process works on, sent once
    _search = search


def _look(begin: int, end: int) -> list[Outcome]:
    return [_search.look(number) for number in range(begin, end)]


def _leave_out(number: int, place: int) -> Tried:
    return _search.leave_out(number, place)


def _shrink(number: int) -> Found:
    return _search.shrink(number)
