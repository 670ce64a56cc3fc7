"""`make mutants`: the wide search hunts every planted bug; what kills it is kept as a witness, and how long it took in a table.

python -m tests.explore.hunt [NAME ...] [--schedules 10000] [--jobs 2]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import NamedTuple

from sim.explore.campaign import Tally, explore
from sim.explore.kinds import CLASSES
from sim.explore.search import Search
from sim.mutants import MUTANTS

ROOT = Path(__file__).resolve().parents[2]
KILLS = Path(__file__).parent / "kills"
TABLE = ROOT / "docs" / "mutants.md"
SCHEDULES = 10_000
SHRINKING_RUNS_MAX = 120
HEAD = f"""# Planted bugs, and what it takes to find them

Each bug lies in a file of `sim/mutants/`. One search hunts them all: `acklab explore --wide --until-found --planted-bug NAME`,
seed 0, at most {SCHEDULES:,} schedules. Without a bug the same search must find nothing. `make mutants` hunts them all again and
writes this table; what kills each, shrunk, lies in `tests/explore/kills/` as a witness (`acklab replay FILE`), and a test
holds that it kills, and that it breaks nothing without the bug.

| planted bug | what it does wrong | breaks | schedules | faults left |
|---|---|---|---|---|
"""


class Row(NamedTuple):
    """One line of the table."""

    name: str
    what: str
    breaks: str
    schedules: int
    """How many the search drew, the last one included."""
    faults: int
    """How many are left of that one."""

    @property
    def line(self) -> str:
        return f"| `{self.name}` | {self.what} | {self.breaks} | {self.schedules:,} | {self.faults} |"


def rows() -> dict[str, Row]:
    """Read the table."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else ():
        if line.startswith("| `"):
            name, what, breaks, schedules, faults = (cell.strip() for cell in line.strip("|").split("|"))
            row = Row(name.strip("`"), what, breaks, int(schedules.replace(",", "")), int(faults))
            found[row.name] = row
    return found


def search_for(name: str) -> Search:
    """Give the one search that hunts every bug; without a name, the one that must find nothing."""
    return Search(is_wide=True, classes="".join(CLASSES), planted_bug=name, shrinking_runs_max=SHRINKING_RUNS_MAX)


def path_of(name: str) -> Path:
    """Give where the witness of its kill lies."""
    return KILLS / f"{name}.json"


def hunt(name: str, schedules: int, jobs: int) -> Row | None:
    """Search until the bug shows, and keep the witness; None if it outlives the search."""
    tally = Tally()
    for _ in explore(search_for(name), schedules, tally=tally, jobs=jobs, until_found=True):
        pass
    if not tally.found:
        return None
    found = tally.found[0]
    KILLS.mkdir(exist_ok=True)
    path_of(name).write_text(json.dumps(found.witness.as_json(), indent=1) + "\n", encoding="utf-8")
    return Row(name, MUTANTS[name].what, ", ".join(found.broken), tally.looked, len(found.witness.schedule))


def main() -> int:
    """Hunt; 1 if a bug outlived the search."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a planted bug; all of them if none is given")
    parser.add_argument("--schedules", type=int, default=SCHEDULES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    alive = []
    for name in given.names or MUTANTS:
        row = hunt(name, given.schedules, given.jobs)
        if row is None:
            alive.append(name)
            print(f"{name} outlived {given.schedules:,} schedules", flush=True)
            continue
        print(f"{name}: {row.breaks} after {row.schedules:,} schedules, {row.faults} faults", flush=True)
        known = rows() | {name: row}
        lines = [known[one].line for one in MUTANTS if one in known]
        TABLE.write_text(HEAD + "\n".join(lines) + "\n", encoding="utf-8")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
