"""Look for planted secrets in many drawn stories: `python -m tests.planted_secrets --runs 1000`; `make secrets RUNS=1000`."""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter

from sim.explore.workers import pool
from tests.planted_secrets.told import searched


def main() -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.planted_secrets", description=__doc__)
    asked.add_argument("--runs", type=int, default=1_000)
    asked.add_argument("--begin", type=int, default=0)
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--jobs", type=int, default=2)
    given = asked.parse_args()
    began_s, stories, secrets, characters, leaks = time.monotonic(), Counter[str](), 0, 0, 0
    numbers = range(given.begin, given.begin + given.runs)
    with pool(given.jobs) as executor:
        found = executor.map(searched, numbers, [given.seed] * given.runs)
        for number, (name, planted, size, lines) in zip(numbers, found, strict=True):
            stories[name] += 1
            secrets, characters, leaks = secrets + planted, characters + size, leaks + len(lines)
            for line in lines:
                print(f"story {number} ({name}): {line}", flush=True)
    print(
        f"{given.runs:,} stories of seed {given.seed} in {time.monotonic() - began_s:,.0f} s: {secrets:,} secrets planted, "
        f"{characters:,} characters searched, {leaks:,} found"
    )
    print(", ".join(f"{name} {count:,}" for name, count in sorted(stories.items())))
    return 1 if leaks else 0


if __name__ == "__main__":
    sys.exit(main())
