"""`make mutants`: the wide search hunts every planted bug; what kills it is kept as a witness, and how long it took in a table.

python -m tests.explore.hunt [NAME ...] [--schedules 10000] [--jobs 2]
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import as_completed
from pathlib import Path
from typing import NamedTuple

from sim.explore.kinds import CLASSES, GOVERNANCE
from sim.explore.schemas import CLASSES as CLASSES_OF_SCHEMAS
from sim.explore.schemas import STORIES as STORIES_IN_SCHEMAS
from sim.explore.search import DEFAULT_SCENARIO, Search
from sim.explore.transactions import CLASSES as CLASSES_OF_TRANSACTIONS
from sim.explore.transactions import STORIES
from sim.explore.workers import pool
from sim.judges.invariants import NAMES as INVARIANTS
from sim.mutants import MUTANTS
from sim.mutants.planting import STORY_OF_GROUPS, STORY_OF_QUOTAS, STORY_OF_RETENTION, STORY_OF_RIGHTS

ROOT = Path(__file__).resolve().parents[2]
KILLS = Path(__file__).parent / "kills"
TABLE = ROOT / "docs" / "mutants.md"
SCHEDULES = 10_000
VERDICT_SCHEDULES = 500
"""So many are judged by verdicts alone, where what kills breaks an invariant and no verdict."""
SHRINKING_RUNS_MAX = 120
NONE_YET = "none"
HEAD = f"""# Planted bugs, and what it takes to find them

Each bug lies in a file of `sim/mutants/`. One search hunts most of them: `acklab explore --wide --until-found --planted-bug NAME`,
seed 0, at most {SCHEDULES:,} schedules; those of the group coordinator in the story in which groups read
(`acklab explore {STORY_OF_GROUPS} --wide …`), that of retention in `{STORY_OF_RETENTION}`; those of transactions by the search of
stories in transactions (`acklab explore --transactions …`), that of schema registries by that of stories in schemas
(`acklab explore --schemas …`), those of the authorizer and of quotas where those change (`acklab explore {STORY_OF_RIGHTS} --faults NCG --set acklab.fresh.producer.pipelining=false …`, `{STORY_OF_QUOTAS}`). Without a bug the same search must find nothing. `make mutants` hunts them all again and
writes this page; what kills each, shrunk, lies in `tests/explore/kills/` as a witness (`acklab replay FILE`), and a test
holds that it kills, and that it breaks nothing without the bug.

`schedules` is the number of the first schedule that is known to kill, the first of all being 1; kinds that are added later move it.
`by a verdict` is that of the first that breaks what a report judges (a guarantee, or a batch that is stuck), where the kill breaks
only an invariant; those are looked for in {VERDICT_SCHEDULES:,} schedules.

| planted bug | what it does wrong | breaks | schedules | by a verdict | faults left |
|---|---|---|---|---|---|
"""


class Row(NamedTuple):
    """One line of the table."""

    name: str
    what: str
    breaks: str
    schedules: int
    """How many the search drew, the last one included."""
    by_verdict: str
    """How many until a verdict broke; `none` if none did."""
    faults: int
    """How many are left of the one that kills."""

    @property
    def line(self) -> str:
        return (
            f"| `{self.name}` | {self.what} | {self.breaks} | {self.schedules:,} | {self.by_verdict} | {self.faults} |"
        )

    @property
    def is_by_invariants_alone(self) -> bool:
        """Whether what kills it breaks no verdict."""
        return set(self.breaks.split(", ")) <= set(INVARIANTS)


def rows() -> dict[str, Row]:
    """Read the table."""
    found = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else ():
        if line.startswith("| `"):
            name, what, breaks, schedules, by_verdict, faults = (cell.strip() for cell in line.strip("|").split("|"))
            row = Row(name.strip("`"), what, breaks, int(schedules.replace(",", "")), by_verdict, int(faults))
            found[row.name] = row
    return found


def page(known: Mapping[str, Row]) -> str:
    """Write the whole page."""
    table = [known[name] for name in MUTANTS if name in known]
    alone = [row for row in table if row.is_by_invariants_alone]
    unseen = ", ".join(f"`{row.name}`" for row in alone if row.by_verdict == NONE_YET)
    said = (
        f"{len(table)} bugs. The kills of {len(table) - len(alone)} break a verdict of the report. Those of {len(alone)} break an "
        f"invariant alone: the cluster has done what Kafka never does, and no client has come to harm yet."
    )
    if unseen:
        said += f" In {VERDICT_SCHEDULES:,} schedules only the invariants see {unseen}."
    return HEAD + "".join(f"{row.line}\n" for row in table) + f"\n{said}\n"


def search_for(name: str) -> Search:
    """Give the search that hunts a bug, in its story; without a name, the one that must find nothing."""
    if name and MUTANTS[name].is_of_transactions:
        return Search(
            transactional=STORIES,
            classes=CLASSES_OF_TRANSACTIONS,
            planted_bug=name,
            shrinking_runs_max=SHRINKING_RUNS_MAX,
        )
    if name and MUTANTS[name].is_of_schemas:
        return Search(
            in_schemas=STORIES_IN_SCHEMAS,
            classes=CLASSES_OF_SCHEMAS,
            planted_bug=name,
            shrinking_runs_max=SHRINKING_RUNS_MAX,
        )
    story = MUTANTS[name].story if name else DEFAULT_SCENARIO
    if name and MUTANTS[name].is_of_governance:
        return Search(
            story,
            # What a fresh partition does not promise is another search's.
            properties={"acklab.fresh.producer.pipelining": "false"},
            classes=f"NC{GOVERNANCE}",
            planted_bug=name,
            shrinking_runs_max=SHRINKING_RUNS_MAX,
        )
    return Search(
        story, is_wide=True, classes="".join(CLASSES), planted_bug=name, shrinking_runs_max=SHRINKING_RUNS_MAX
    )


def path_of(name: str) -> Path:
    """Give where the witness of its kill lies."""
    return KILLS / f"{name}.json"


def hunt(name: str, schedules: int) -> Row | None:
    """Search until the bug shows, and keep the witness; None if it outlives the search."""
    search = search_for(name)
    number = _first_that_breaks(search, range(schedules))
    if number is None:
        return None
    found = search.shrink(number)
    KILLS.mkdir(exist_ok=True)
    path_of(name).write_text(found.witness.text(beside=path_of(name)), encoding="utf-8")
    row = Row(
        name, MUTANTS[name].what, ", ".join(found.broken), number + 1, f"{number + 1:,}", len(found.witness.schedule)
    )
    if not row.is_by_invariants_alone:
        return row
    by_verdict = _first_that_breaks(search, range(number + 1, min(schedules, VERDICT_SCHEDULES)), INVARIANTS)
    return row._replace(by_verdict=NONE_YET if by_verdict is None else f"{by_verdict + 1:,}")


def _first_that_breaks(search: Search, numbers: range, leaving_out: Sequence[str] = ()) -> int | None:
    """Give the number of the first schedule that breaks what counts, something beside `leaving_out`."""
    for number in numbers:
        trial = search.trial(number)
        if set(search.broken(trial, search.tried(trial))) - set(leaving_out):
            return number
    return None


def main() -> int:
    """Hunt, a bug on each core; 1 if one outlived the search."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="of a planted bug; all of them if none is given")
    parser.add_argument("--schedules", type=int, default=SCHEDULES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    given = parser.parse_args()
    known = rows()
    # What took longest last time begins first, so that no core is idle at the end.
    last_time = {name: known[name].schedules if name in known else SCHEDULES for name in given.names or MUTANTS}
    alive = []
    with pool(given.jobs) as workers:
        hunts = {
            workers.submit(hunt, name, given.schedules): name
            for name in sorted(last_time, key=lambda name: -last_time[name])
        }
        for ended in as_completed(hunts):
            name, row = hunts[ended], ended.result()
            if row is None:
                alive.append(name)
                print(f"{name} outlived {given.schedules:,} schedules", flush=True)
                continue
            print(f"{name}: {row.breaks} after {row.schedules:,} schedules, {row.faults} faults", flush=True)
            known[name] = row
            TABLE.write_text(page(known), encoding="utf-8")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
