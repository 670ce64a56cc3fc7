"""The suspected root cause of a broken promise: from which moment on it breaks whatever chance brings, and though nothing else strikes.

The run is made again, exactly as it was up to a moment, and from there on by other seeds and without the faults that had yet to
strike. Where all of those runs break the same promise, the moment is late enough; a binary search finds the first such one. It takes for
granted that what is late enough stays so: what it says of the moment that it names, and of the one before, it has seen.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from sim.judges.guarantees import State
from sim.stories.properties import with_properties
from sim.stories.rewind import Rewind
from sim.stories.runner import run
from sim.tui.telling import told
from sim.tui.view_model.marks import decisive

if TYPE_CHECKING:
    from sim.judges.guarantees import Verdict
    from sim.tui.session import Watched

SEEDS = 10
"""By how many other seeds each moment is tried."""


class NoSearchError(Exception):
    """There is nothing to search: the message says why."""


class Progress(NamedTuple):
    """How far a search is, after one more run."""

    event: int
    """From which on the run was another one."""
    runs: int
    first: int
    """The root cause is no event before this one."""
    last: int
    """Nor one behind this."""


class RootCause(NamedTuple):
    """What a search found."""

    guarantee: str
    event: int | None
    """From it on every seed breaks the promise; None if they do not even from the event at which it broke."""
    broke: int
    """How many seeds broke it from there on: all of them, where `event` is one."""
    broke_before: int | None
    """How many broke it from the moment before on; None where there is none before, or it was not asked for."""
    seeds: int
    runs: int


Search = Generator[Progress, None, RootCause]


def search(watched: Watched, *, seeds: int = SEEDS) -> Search:
    """Search, one run at each step. Gives its outcome at the end (`StopIteration.value`). Raises NoSearchError."""
    verdict, last = _broken(watched)
    moments = _moments(watched, last)
    runs = 0
    low, high = 0, len(moments) - 1
    begin = watched.film.first_of_story

    def count(place: int, *, is_whole: bool) -> Generator[Progress, None, int]:
        """Count the seeds that break it from a moment on; unless all of them are wanted, up to the first that does not."""
        nonlocal runs
        broke = 0
        for seed in range(1, seeds + 1):
            is_broken = _breaks(watched, verdict.guarantee, moments[place], watched.seed + seed)
            broke, runs = broke + is_broken, runs + 1
            yield Progress(max(moments[place], begin), runs, max(moments[low], begin), moments[high])
            if not is_broken and not is_whole:
                break
        return broke

    broke = yield from count(high, is_whole=True)
    if broke < seeds:
        return RootCause(verdict.guarantee, None, broke, None, seeds, runs)
    before = yield from count(low, is_whole=False)
    if before == seeds:
        return RootCause(verdict.guarantee, watched.film.first_of_story, seeds, None, seeds, runs)
    while high - low > 1:
        middle = (low + high) // 2
        if (yield from count(middle, is_whole=False)) == seeds:
            high = middle
        else:
            low = middle
    before = yield from count(low, is_whole=True)
    return RootCause(verdict.guarantee, _named(watched, moments[high]), seeds, before, seeds, runs)


def _moments(watched: Watched, last: int) -> list[int]:
    """Give the last event of each moment of the story, up to that of `last`; before them -1, for its begin.

    What happens in the same microsecond cannot be parted: chance turns between two moments.
    """
    events = watched.events
    ends = [
        place
        for place in range(watched.film.first_of_story, len(events))
        if place == len(events) - 1 or events[place + 1].at_us > events[place].at_us
    ]
    kept = [place for place in ends if events[place].at_us <= events[last].at_us]
    return [-1, *kept]


def _named(watched: Watched, end: int) -> int:
    """Give the event that a moment is called by: a fault if one strikes in it, else its first event."""
    events = watched.events
    first = end
    while first > watched.film.first_of_story and events[first - 1].at_us == events[end].at_us:
        first -= 1
    faults = [place for place in range(first, end + 1) if place in watched.marks.faults]
    return faults[-1] if faults else first


def found_by(searching: Search, *, tell: Callable[[Progress], object] = lambda _: None) -> RootCause:
    """Search to the end, and tell how far it is after each run."""
    while True:
        try:
            tell(next(searching))
        except StopIteration as done:
            outcome: RootCause = done.value
            return outcome


def progress_text(watched: Watched, progress: Progress) -> str:
    """Say how far a search is."""
    clock = watched.film.clock
    return (
        f"{progress.runs} runs: it is between {clock(progress.first)} #{progress.first} and {clock(progress.last)} "
        f"#{progress.last}, tried from #{progress.event} on"
    )


def root_cause_text(watched: Watched, found: RootCause) -> str:
    """Say it in one sentence, and how much it says."""
    asked = f"{found.seeds} other seeds"
    if found.event is None:
        return (
            f"No moment is the root cause of {found.guarantee}: even from where it broke on, only {found.broke} of {asked} "
            f"break it ({found.runs} runs)."
        )
    if found.broke_before is None:
        return (
            f"The story itself is the root cause of {found.guarantee}: from its begin on, without any fault, all of {asked} "
            f"break it ({found.runs} runs)."
        )
    what = told(
        watched.events[found.event],
        batch=watched.ways.batch_of(found.event),
        whose=watched.ways.whose(found.event),
    )
    return (
        f"Suspected root cause of {found.guarantee}: {watched.film.clock(found.event)} #{found.event} {what}. From there on all of "
        f"{asked} break it, though nothing else strikes; from the moment before it {found.broke_before or 'none'} do ({found.runs} runs)."
    )


def _broken(watched: Watched) -> tuple[Verdict, int]:
    """Give the first broken promise, and the event at which it broke."""
    if watched.scenario is None:
        raise NoSearchError("its scenario is not here, so it cannot be run again")
    for verdict in watched.verdicts:
        if verdict.state is State.VIOLATED:
            places = [place for place in map(decisive, verdict.findings) if place is not None]
            return verdict, min(places, default=len(watched.events) - 1)
    raise NoSearchError("every promise held in this run: nothing has a cause to be searched")


def _breaks(watched: Watched, guarantee: str, event: int, seed: int) -> bool:
    """Whether a promise breaks in the run that is another one behind an event."""
    assert watched.scenario is not None
    story_us = watched.film.story_us(event) if event >= 0 else -1
    rewind = Rewind(max(story_us + 1, 0), seed)
    staged = replace(with_properties(watched.scenario, watched.properties), schedule=watched.schedule)
    report = run(
        staged,
        watched.seed,
        records=watched.records,
        records_of=watched.records_of,
        mutant=watched.mutant,
        rewind=rewind,
    )
    return any(one.guarantee == guarantee and one.state is State.VIOLATED for one in report.verdicts)
