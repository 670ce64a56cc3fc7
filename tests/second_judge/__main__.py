"""Judge many small stories twice: `python -m tests.second_judge --runs 20000`; `make agree RUNS=20000`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.second_judge.campaign import asked, counted, never_drawn
from tests.second_judge.judge import JUDGES
from tests.second_judge.told import told

CHUNK = 20
SHOWN_MAX = 20


def main() -> int:
    campaign = asked("tests.second_judge", __doc__, runs=1_000)
    faults: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    unsettled = events = 0
    for one in campaign.each(told, *campaign.chunks(CHUNK), shown_max=SHOWN_MAX):
        unsettled, events = unsettled + one.unsettled, events + one.events
        faults += one.faults
        broken += one.broken
    print(
        f"{campaign.runs:,} stories of seed {campaign.seed} in {campaign.elapsed_s:,.0f} s, {events:,} events; "
        f"{unsettled:,} did not settle"
    )
    print(f"{faults.total():,} faults of {len(faults)} kinds: {counted(faults)}")
    if never := never_drawn(faults):
        print(never)
    print("broken: " + ", ".join(f"{name} in {broken[name]:,}" for name in JUDGES))
    print(f"{len(JUDGES)} promises each: the two judges differ in {len(campaign.differences):,} places")
    return campaign.status


if __name__ == "__main__":
    sys.exit(main())
