"""Judge many small stories twice: `python -m tests.second_judge --runs 20000`; `make agree RUNS=20000`."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter

from sim.explore.kinds import KINDS
from sim.explore.workers import pool
from tests.second_judge.campaign import told
from tests.second_judge.judge import JUDGES

CHUNK = 20
SHOWN_MAX = 20


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.second_judge", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--from", type=int, default=0, dest="begin", help="number of the first story")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    began_s = time.monotonic()
    begins = range(given.begin, given.begin + given.runs, CHUNK)
    ends = [min(begin + CHUNK, given.begin + given.runs) for begin in begins]
    faults: Counter[str] = Counter()
    broken: Counter[str] = Counter()
    differences: list[str] = []
    settled = unsettled = events = 0
    with pool(given.jobs) as executor:
        for one in executor.map(told, begins, ends, [given.seed] * len(ends)):
            settled, unsettled, events = settled + one.settled, unsettled + one.unsettled, events + one.events
            faults += one.faults
            broken += one.broken
            for line in one.differences:
                if len(differences) < SHOWN_MAX:
                    print(line, flush=True)
                differences.append(line)
    elapsed_s = time.monotonic() - began_s
    print(
        f"{given.runs:,} stories of seed {given.seed} in {elapsed_s:,.0f} s, {events:,} events; {unsettled:,} did not settle"
    )
    print(
        f"{faults.total():,} faults of {len(faults)} kinds: "
        + ", ".join(f"{name} {faults[name]:,}" for name in sorted(faults))
    )
    never = sorted(
        {one.__dataclass_fields__["kind"].default for kind in KINDS.values() for one in kind.faults} - faults.keys()
    )
    if never:
        print(f"never drawn: {', '.join(never)}")
    print("broken: " + ", ".join(f"{name} in {broken[name]:,}" for name in JUDGES))
    print(f"{len(JUDGES)} promises each: the two judges differ in {len(differences):,} places")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
