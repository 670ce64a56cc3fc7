"""A failing schedule made as small as it gets: entries dropped, others put in their place, numbers lowered.

Delta debugging (Zeller, Hildebrandt 2002) over the entries; what remains fails no more without any one of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sim.faults.schedule import After, At, Entry

if TYPE_CHECKING:
    from sim.faults import Fault
    from sim.faults.schedule import Schedule

RUNS_MAX = 600
"""How often a schedule is tried; then the smallest one found so far will do."""

PAIR = 2

_COUNTS = ("nth", "times", "records")
_DURATIONS = ("us", "delay_us", "by_us", "lasts_us")


def shrunk(
    schedule: Schedule,
    fails: Callable[[Schedule], bool],
    *,
    instead: Sequence[Fault] = (),
    runs_max: int = RUNS_MAX,
) -> Schedule:
    """Give the smallest schedule found that still `fails`; `schedule` does, and is not tried again.

    A fault of `instead` may take the place of two entries, where one of them would not go alone.
    """
    shrinker = _Shrinker(fails, runs_max)
    while True:
        smaller = shrinker.simplified(shrinker.merged(shrinker.thinned(schedule), instead))
        if smaller == schedule:
            return schedule
        schedule = smaller


class _Shrinker:
    """One schedule on its way down; remembers what was tried."""

    def __init__(self, fails: Callable[[Schedule], bool], runs_max: int) -> None:
        self._fails = fails
        self._tried: set[Schedule] = set()
        self._runs_left = runs_max

    def _still_fails(self, schedule: Schedule) -> bool:
        if schedule in self._tried or not self._runs_left:
            return False
        self._tried.add(schedule)
        self._runs_left -= 1
        return self._fails(schedule)

    def thinned(self, schedule: Schedule) -> Schedule:
        """Drop entries, in halves, quarters and so on down to single ones."""
        size = max(1, len(schedule) // 2)
        while schedule:
            for begin in range(0, len(schedule), size):
                fewer = (*schedule[:begin], *schedule[begin + size :])
                if self._still_fails(fewer):
                    schedule = fewer
                    break
            else:
                if size == 1:
                    break
                size //= 2
                continue
            size = min(size, max(1, len(schedule)))
        return schedule

    def merged(self, schedule: Schedule, instead: Sequence[Fault]) -> Schedule:
        """Put one fault in the place of two entries, at the moment of one of them; a pair is small enough as it is."""
        if len(schedule) <= PAIR:
            return schedule
        for dropped in range(len(schedule)):
            fewer = (*schedule[:dropped], *schedule[dropped + 1 :])
            for place, entry in enumerate(fewer):
                for fault in instead:
                    changed = (*fewer[:place], replace(entry, fault=fault), *fewer[place + 1 :])
                    if self._still_fails(changed):
                        return self.merged(changed, instead)
        return schedule

    def simplified(self, schedule: Schedule) -> Schedule:
        """Lower the numbers, one at a time, each as far as it goes."""
        for place in range(len(schedule)):
            is_changed = True
            while is_changed:
                is_changed = False
                for simpler in _simpler(schedule[place]):
                    changed = (*schedule[:place], simpler, *schedule[place + 1 :])
                    if self._still_fails(changed):
                        schedule, is_changed = changed, True
                        break
        return schedule


def _simpler(entry: Entry) -> Iterator[Entry]:
    """Give the entry with one number lowered: at once as far as may be, then by half, then by one."""
    when, fault = entry.when, entry.fault
    assert isinstance(when, (At, After))
    for changed in _lowered(when):
        yield replace(entry, when=changed)
    for changed in _lowered(fault):
        yield replace(entry, fault=changed)


def _lowered(value: Any) -> Iterator[Any]:
    for name in [field.name for field in fields(value)]:
        given = getattr(value, name)
        if name in _COUNTS:
            candidates = [1, given // 2, given - 1]
        elif name in _DURATIONS:
            candidates = [0, given // 2, _rounded(given)]
        else:
            continue
        lowest = 1 if name in _COUNTS else 0
        for candidate in dict.fromkeys(candidates):
            if lowest <= candidate < given:
                yield replace(value, **{name: candidate})


def _rounded(duration_us: int) -> int:
    """Give the duration with its first digit only."""
    unit: int = 10 ** max(len(str(duration_us)) - 1, 0)
    return duration_us // unit * unit
