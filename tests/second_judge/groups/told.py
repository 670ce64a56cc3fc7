"""A part of a campaign: some stories of groups judged twice, and what came of them, as a value that goes from process to process."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from tests.second_judge.groups.agreement import judged


class Told(NamedTuple):
    """What came of some stories."""

    settled: int
    unsettled: int
    events: int
    faults: Counter[str]
    deeds: Counter[str]
    """What members did that no fault says."""
    checked: Counter[str]
    """By promise, how many words to members were looked at."""
    stories: Counter[str]
    """By lie."""
    broken: dict[str, Counter[str]]
    """By lie, in how many stories which promise broke."""
    differences: list[str]


def told(begin: int, end: int, seed: int) -> Told:
    """Judge the stories of these numbers."""
    whole = Told(0, 0, 0, Counter(), Counter(), Counter(), Counter(), {}, [])
    settled = events = 0
    for number in range(begin, end):
        try:
            one = judged(number, seed=seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and the others are to be judged all the same
            whole.differences.append(f"story {number}: {error!r}")
            continue
        settled += one.report.is_settled
        events += one.report.events
        whole.faults.update(entry.fault.kind for entry in one.report.schedule)
        whole.deeds.update(one.deeds)
        whole.checked.update({verdict.guarantee: verdict.checked for verdict in one.report.verdicts})
        whole.stories[one.lie.name] += 1
        whole.broken.setdefault(one.lie.name, Counter()).update(name for name, found in one.second.items() if found)
        whole.differences.extend(map(str, one.differences()))
    return whole._replace(settled=settled, unsettled=end - begin - settled, events=events)
