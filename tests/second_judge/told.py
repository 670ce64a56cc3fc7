"""A part of a campaign: some stories judged twice, and what came of them, as a value that goes from process to process."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tests.second_judge.agreement import judged


class Told(NamedTuple):
    """What came of some stories."""

    settled: int
    unsettled: int
    events: int
    faults: Counter[str]
    broken: Counter[str]
    differences: list[str]


def told(begin: int, end: int, seed: int) -> Told:
    """Judge the stories of these numbers."""
    settled = events = 0
    faults: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    differences: list[str] = []
    for number in range(begin, end):
        try:
            one = judged(number, seed=seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and the others are to be judged all the same
            differences.append(f"story {number}: {error!r}")
            continue
        settled += one.is_settled
        events += one.report.events
        faults.update(entry.fault.kind for entry in one.report.schedule)
        broken.update(name for name, records in one.second.items() if records)
        differences += map(str, one.differences())
    return Told(settled, end - begin - settled, events, faults, broken, differences)
