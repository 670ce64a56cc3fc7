"""Judge many plays with transactions twice: `python -m tests.second_judge.transactions --runs 500`."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter

from sim.explore.workers import pool
from tests.second_judge.transactions.campaign import told


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.second_judge.transactions", description=__doc__)
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--from", type=int, default=0, dest="begin", help="number of the first play")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    looked_at: Counter[str] = Counter()
    plays: Counter[str] = Counter()
    broken: dict[str, Counter[str]] = {}
    differences: list[str] = []
    with pool(given.jobs) as executor:
        for one in executor.map(told, range(given.begin, given.begin + given.runs)):
            plays[one.lie] += 1
            looked_at.update(one.checked)
            broken.setdefault(one.lie, Counter()).update(one.broken)
            differences += one.differences
            for line in one.differences:
                print(line, flush=True)
    for lie in sorted(plays):
        what = ", ".join(f"{name} {count}" for name, count in broken[lie].items() if count)
        print(f"{plays[lie]:>5} {lie}: {what or 'nothing broke'}")
    print("looked at: " + ", ".join(f"{name} {count:,}" for name, count in looked_at.items()))
    print(f"{given.runs:,} plays: the two judges differ in {len(differences):,} places")
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
