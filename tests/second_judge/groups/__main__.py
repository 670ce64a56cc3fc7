"""Judge many stories in which groups read twice: `python -m tests.second_judge.groups --runs 2000`; the third part of `make agree`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter

from sim.explore.kinds import KINDS
from sim.explore.workers import pool
from tests.second_judge.groups.campaign import told
from tests.second_judge.groups.company import HONEST, LIES
from tests.second_judge.groups.judge import JUDGES, OF_GROUPS

CHUNK = 10
SHOWN_MAX = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.second_judge.groups", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--from", type=int, default=0, dest="begin", help="number of the first story")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    began_s = time.monotonic()
    begins = range(given.begin, given.begin + given.runs, CHUNK)
    ends = [min(begin + CHUNK, given.begin + given.runs) for begin in begins]
    faults: Counter[str] = Counter()
    deeds: Counter[str] = Counter()
    checked: Counter[str] = Counter()
    stories: Counter[str] = Counter()
    broken: dict[str, Counter[str]] = {}
    differences: list[str] = []
    unsettled = events = 0
    with pool(given.jobs) as executor:
        for one in executor.map(told, begins, ends, [given.seed] * len(ends)):
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
            for line in one.differences:
                if len(differences) < SHOWN_MAX:
                    print(line, flush=True)
                differences.append(line)
    elapsed_s = time.monotonic() - began_s
    print(
        f"{given.runs:,} stories with groups of seed {given.seed} in {elapsed_s:,.0f} s, {events:,} events; "
        f"{unsettled:,} did not settle"
    )
    known = {one.__dataclass_fields__["kind"].default for kind in KINDS.values() for one in kind.faults}
    print(
        f"{faults.total():,} faults of {len(known & faults.keys())} of {len(known)} kinds: "
        + ", ".join(f"{name} {faults[name]:,}" for name in sorted(faults))
    )
    never = sorted(known - faults.keys())
    print(f"never drawn: {', '.join(never)}" if never else "every kind of fault was drawn")
    print("members beside: " + ", ".join(f"{name} {deeds[name]:,}" for name in sorted(deeds)))
    for name in [one.name for one in (HONEST, *LIES) if one.name in stories]:
        what = ", ".join(f"{promise} in {broken[name][promise]:,}" for promise in JUDGES if broken[name][promise])
        print(f"{stories[name]:>6,} {name}: {what or 'nothing broke'}")
    print("looked at: " + ", ".join(f"{name} {checked[name]:,}" for name in OF_GROUPS))
    print(f"{len(JUDGES)} promises each: the two judges differ in {len(differences):,} places")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
