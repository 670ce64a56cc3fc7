"""Judge many stories in which groups read twice: `python -m tests.second_judge.groups --runs 2000`; the third part of `make agree`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.second_judge.campaign import FAULTS, asked, counted, never_drawn
from tests.second_judge.groups.company import HONEST, LIES
from tests.second_judge.groups.judge import JUDGES, OF_GROUPS
from tests.second_judge.groups.told import told

CHUNK = 10
SHOWN_MAX = 20


def main() -> int:
    campaign = asked("tests.second_judge.groups", __doc__, runs=100)
    faults: Counter[str] = Counter()
    deeds: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    stories: Counter[str] = Counter()
    broken: dict[str, Counter[str]] = {}
    unsettled = events = 0
    for one in campaign.each(told, *campaign.chunks(CHUNK), shown_max=SHOWN_MAX):
        unsettled, events = unsettled + one.unsettled, events + one.events
        for whole, part in (
            (faults, one.faults),
            (deeds, one.deeds),
            (checked, one.checked),
            (stories, one.stories),
        ):
            whole.update(part)
        for lie, counts in one.broken.items():
            broken.setdefault(lie, Counter()).update(counts)
    print(
        f"{campaign.runs:,} stories with groups of seed {campaign.seed} in {campaign.elapsed_s:,.0f} s, {events:,} events; "
        f"{unsettled:,} did not settle"
    )
    kinds = f"{len(FAULTS & faults.keys())} of {len(FAULTS)} kinds"
    print(f"{faults.total():,} faults of {kinds}: {counted(faults)}")
    print(never_drawn(faults) or "every kind of fault was drawn")
    print("members beside: " + ", ".join(f"{name} {deeds[name]:,}" for name in sorted(deeds)))
    for name in [one.name for one in (HONEST, *LIES) if one.name in stories]:
        what = ", ".join(f"{promise} in {broken[name][promise]:,}" for promise in JUDGES if broken[name][promise])
        print(f"{stories[name]:>6,} {name}: {what or 'nothing broke'}")
    print("looked at: " + ", ".join(f"{name} {checked[name]:,}" for name in OF_GROUPS))
    print(f"{len(JUDGES)} promises each: the two judges differ in {len(campaign.differences):,} places")
    return campaign.status


if __name__ == "__main__":
    sys.exit(main())
