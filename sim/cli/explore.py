"""`acklab explore`: schedules by the thousand on every core; what breaks a promise is shrunk and kept as a witness."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.endings import CommandError, Exit, complain, ends
from sim.cli.findings import keep_the_rest, write_finding
from sim.cli.folders import check_folder
from sim.cli.options import AsJson, PlantedBug, key_values, mutant_named
from sim.cli.recorded import story_named
from sim.cli.run import Settings

if TYPE_CHECKING:
    from sim.cli.screen import Progress
    from sim.explore.campaign import Tally
    from sim.explore.search import Found, Search

FORMAT = "acklab-explore-1"
PROGRESS_EVERY_S = 0.2
BAR = 20
LABEL = 16

ScenarioName = Annotated[
    str | None,
    typer.Argument(metavar="SCENARIO", help="Whose cluster, producer and application to take, its own faults left out; "
                   "by default those of default_config."),
]  # fmt: skip
Schedules = Annotated[int, typer.Option("--schedules", "-n", min=1, help="How many to draw and run.")]
Jobs = Annotated[int | None, typer.Option("--jobs", "-j", min=1, help="Processes; by default one for each core.")]
Seed = Annotated[
    int, typer.Option(min=0, help="Which campaign of all possible ones; the same seed draws the same schedules.")
]
Fresh = Annotated[
    bool,
    typer.Option("--fresh", help="Let faults strike from the beginning, before any partition knows the producer; "
                 "else they begin after the first phase."),
]  # fmt: skip
Wide = Annotated[
    bool,
    typer.Option("--wide", help="Draw the cluster, the application, the producer's properties and the repairs, too, and "
                 "count only what Kafka promises to each of them."),
]  # fmt: skip
Transactions = Annotated[
    bool,
    typer.Option("--transactions", help="Draw stories in transactions, with all that --wide draws, and faults of their protocol, too "
                 "(class T); with a SCENARIO, that one."),
]  # fmt: skip
Schemas = Annotated[
    bool,
    typer.Option("--schemas", help="Draw stories in schemas, their level and their cluster, and strike registries and deploy versions, too "
                 "(class S); with a SCENARIO, that one."),
]  # fmt: skip
Faults = Annotated[
    str | None,
    typer.Option("--faults", metavar="NCDEARST", help="N: the network. C: crashes, pauses, leaders that move. D: disks that "
                 "lose what they held. A: applications that die or stand still. E: what takes a promise with it, such as "
                 "topics that grow. S: schema registries, and versions that are deployed. "
                 "T: the protocol of transactions. By default NC, all but S and T with --wide, NCAT with --transactions, NCS with --schemas."),
]  # fmt: skip
LookFor = Annotated[
    list[str], typer.Option("--look-for", metavar="NAME", help="Only this breach, such as lost; repeatable.")
]
UntilFound = Annotated[bool, typer.Option("--until-found", help="Stop at the first schedule that breaks a promise.")]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where witnesses are written; made when needed.")]


@ends
def explore(
    scenario: ScenarioName = None,
    schedules: Schedules = 1_000,
    jobs: Jobs = None,
    seed: Seed = 0,
    settings: Settings = [],  # noqa: B006 - Typer reads it, nobody changes it
    fresh: Fresh = False,
    wide: Wide = False,
    transactions: Transactions = False,
    schemas: Schemas = False,
    faults: Faults = None,
    look_for: LookFor = [],  # noqa: B006
    until_found: UntilFound = False,
    out: Out = Path("witnesses"),
    planted_bug: PlantedBug = None,
    as_json: AsJson = False,
) -> int:
    """Search for schedules that break a promise. Exits with 0 if none was found, 1 if one was."""
    from sim.cli.screen import Progress
    from sim.explore.campaign import Tally
    from sim.explore.campaign import explore as search_all
    from sim.explore.reach import Reach

    if transactions and (fresh or wide):
        raise CommandError(
            f"--transactions with --{'fresh' if fresh else 'wide'}: stories in transactions are fresh and wide as they are"
        )
    if schemas and (fresh or wide or transactions):
        other = "fresh" if fresh else "wide" if wide else "transactions"
        raise CommandError(f"--schemas with --{other}: stories in schemas are drawn, fresh, and in no transactions")
    search = _search(
        scenario,
        seed,
        settings,
        look_for,
        fresh=fresh,
        wide=wide,
        transactions=transactions,
        schemas=schemas,
        faults=faults,
        planted_bug=planted_bug,
    )
    check_folder(out)
    written: list[Path] = []
    tally, progress, clock = Tally(reach=Reach.of(search.kinds)), Progress(), _Clock()

    def keep(found: Found) -> None:
        written.append(write_finding(found, out))
        if not as_json:
            progress.clear()
            _tell_found(found, written[-1])

    is_interrupted = False
    if not as_json:
        _tell_head(search)
    try:
        workers = jobs or os.cpu_count() or 1
        for _ in search_all(search, schedules, tally=tally, jobs=workers, until_found=until_found, on_found=keep):
            clock.show(progress, tally, schedules)
    except KeyboardInterrupt:
        is_interrupted = True
        keep_the_rest(search, tally, keep)
    progress.clear()
    elapsed_s = clock.elapsed_s()
    if as_json:
        print(json.dumps(_as_json(search, tally, written, elapsed_s, is_interrupted=is_interrupted)))
    else:
        _tell_end(tally, schedules, elapsed_s, is_interrupted=is_interrupted)
    if tally.unrepeatable:
        complain(f"schedule {tally.unrepeatable[0]} of seed {seed} was run twice and gave two traces: a bug of ours")
        return Exit.OUR_BUG
    if is_interrupted:
        return Exit.INTERRUPTED
    if tally.failing:
        return Exit.VIOLATED
    return Exit.HOLDS if tally.held else Exit.INCONCLUSIVE


# -- what was asked ----------------------------------------------------------------------------------------------------


def _search(
    scenario: str | None,
    seed: int,
    settings: list[str],
    look_for: list[str],
    *,
    fresh: bool,
    wide: bool,
    transactions: bool,
    schemas: bool,
    faults: str | None,
    planted_bug: str | None,
) -> Search:
    """Check everything that was asked, before the first process starts."""
    from sim.explore.kinds import CLASSES, GOVERNANCE, SCHEMAS, TRANSACTIONS
    from sim.explore.schemas import CLASSES as CLASSES_OF_SCHEMAS
    from sim.explore.search import DEFAULT_SCENARIO, LOOKED_FOR, Search
    from sim.explore.transactions import CLASSES as CLASSES_OF_TRANSACTIONS

    if faults is None:
        faults = (
            CLASSES_OF_TRANSACTIONS
            if transactions
            else CLASSES_OF_SCHEMAS
            if schemas
            else "".join(CLASSES)
            if wide
            else "NC"
        )
    own = TRANSACTIONS if transactions else SCHEMAS if schemas else ("" if wide else GOVERNANCE)
    letters = "".join(CLASSES) + own
    if not faults or set(faults) - set(letters):
        elsewhere = "".join(
            f", and {letter} with --{option}"
            for letter, option in ((TRANSACTIONS, "transactions"), (SCHEMAS, "schemas"))
            if letter in faults and letter not in letters
        )
        raise CommandError(f"--faults {faults!r}: expected letters of {letters}{elsewhere}")
    for name in look_for:
        if name not in LOOKED_FOR:
            raise CommandError(f"--look-for {name!r}: expected one of {', '.join(LOOKED_FOR)}")
    mutant = mutant_named(planted_bug)
    name = scenario or DEFAULT_SCENARIO
    story_named(name)
    search = Search(
        scenario=name,
        seed=seed,
        properties=key_values(settings, option="--set"),
        is_fresh=fresh,
        is_wide=wide,
        transactional=_stories(scenario) if transactions else (),
        in_schemas=_stories_in_schemas(scenario) if schemas else (),
        classes=faults,
        guarantees=tuple(one for one in LOOKED_FOR if one in look_for) or LOOKED_FOR,
        planted_bug="" if mutant is None else mutant.name,
    )
    # Wrong properties or a wrong scenario show here, not in a worker.
    course = search.trial(0).course
    if GOVERNANCE in faults and not (course.principals or course.has_quotas or course.has_gateway):
        raise CommandError(
            f"--faults {faults!r}: {name} has neither rights nor quotas that could change, nor a gateway that could die"
        )
    return search


def _stories(scenario: str | None) -> tuple[str, ...]:
    """Give the stories of a search with --transactions. Raises CommandError for one in which nobody has a transactional id."""
    from sim.explore.transactions import STORIES
    from sim.stories.scenario import load

    if scenario is None:
        return STORIES
    if not any(one.producer.get("transactional.id") for one in load(scenario).cast):
        raise CommandError(f"--transactions: no application of {scenario} has a transactional.id")
    return (scenario,)


def _stories_in_schemas(scenario: str | None) -> tuple[str, ...]:
    """Give the stories of a search with --schemas. Raises CommandError for one without."""
    from sim.explore.schemas import STORIES
    from sim.stories.scenario import load

    if scenario is None:
        return STORIES
    told = load(scenario)
    if told.registry is None or not told.deserializing:
        raise CommandError(f"--schemas: {scenario} has no schema registry, or nobody who decodes")
    return (scenario,)


# -- what is said ------------------------------------------------------------------------------------------------------


class _Clock:
    """How long it takes, and how long it will."""

    def __init__(self) -> None:
        self._began_s = self._shown_s = time.monotonic()

    def elapsed_s(self) -> float:
        return max(time.monotonic() - self._began_s, 1e-9)

    def show(self, progress: Progress, tally: Tally, schedules: int) -> None:
        now_s = time.monotonic()
        if now_s - self._shown_s < PROGRESS_EVERY_S:
            return
        self._shown_s = now_s
        rate = tally.looked / self.elapsed_s()
        left_s = round((schedules - tally.looked) / rate)
        done = BAR * tally.looked // schedules
        bar = f"[{'#' * done}{'.' * (BAR - done)}]"
        progress.show(
            f"{bar} {tally.looked:,} of {schedules:,}  {rate:,.0f}/s  {len(tally.failing):,} failing  "
            f"{left_s // 60}:{left_s % 60:02d} left"
        )


def _tell_head(search: Search) -> None:
    from sim.cli.screen import bold, labelled, say
    from sim.cli.verdicts import properties_text
    from sim.explore.kinds import CLASSES, SCHEMAS, TRANSACTIONS
    from sim.stories.planted import planted_bug

    what = ", ".join(dict.fromkeys(search.transactional or search.in_schemas)) or search.scenario
    say(bold(f"exploring {what}, seed {search.seed}"))
    if search.planted_bug:
        say(bold(f"! PLANTED BUG {search.planted_bug}: these runs are not what users get"))
        needed = planted_bug(search.planted_bug).falls_under
        if any(search.properties.get(name) != value for name, value in needed.items()):
            words = " ".join(f"--set {name}={value}" for name, value in needed.items())
            say(f"  so far it was found only with {words}")
    lines = (
        [] if not search.draws_stories else labelled("wide", "clusters, applications, producers and repairs are drawn")
    )
    if not search.transactional and not search.in_schemas:
        lines += labelled("producer", properties_text(search.effective_properties()))
    classes = {
        **CLASSES,
        TRANSACTIONS: "the protocol of transactions",
        SCHEMAS: "schema registries, and versions that are deployed",
    }
    lines += labelled("faults", "; ".join(text for name, text in classes.items() if name in search.classes))
    begin = "after the first phase: every record of it is acknowledged" if search.is_warm else "from the beginning"
    lines += labelled("strike", begin)
    for line in lines:
        say(line)
    say()


def _tell_found(found: Found, path: Path) -> None:
    from sim.cli.screen import MARKS, coloured, labelled, say
    from sim.judges.guarantees import State

    what = ", ".join(found.broken)
    say(coloured(f"{MARKS[State.VIOLATED]} {what}: schedule {found.number}", State.VIOLATED))
    for entry in found.witness.schedule or ("no fault at all",):
        for line in labelled("", str(entry), label_width=0):
            say(line)
    say(f"  acklab replay {path}")
    say()


def _tell_end(tally: Tally, schedules: int, elapsed_s: float, *, is_interrupted: bool) -> None:
    from collections import Counter

    from sim.cli.screen import say

    of = f" of {schedules:,}" if tally.looked < schedules else ""
    say(f"held in {tally.held:,} schedules, broke in {len(tally.failing):,}, inconclusive in {tally.inconclusive:,}")
    for broken, count in sorted(Counter(outcome.broken for outcome in tally.failing).items()):
        first = next(outcome.number for outcome in tally.failing if outcome.broken == broken)
        say(f"  {', '.join(broken)}: {count:,}, the first is schedule {first}")
    say(
        f"{tally.looked:,}{of} schedules with {tally.faults:,} faults in {elapsed_s:.1f} s: "
        f"{tally.looked / elapsed_s:,.0f} runs/s, {tally.virtual_us / 1e6 / elapsed_s:,.0f} simulated seconds a second"
    )
    _tell_reach(tally)
    if is_interrupted:
        say("interrupted; every finding is written")


def _tell_reach(tally: Tally) -> None:
    """Say what the search did not reach: of every fault there is, not only of those that were asked for."""
    from sim.cli.screen import labelled, say

    reach = tally.reach
    for what, names in (
        ("never drawn", reach.never_drawn),
        ("never struck", reach.never_struck),
        ("never mattered", reach.never_mattered),
    ):
        for line in labelled(what, ", ".join(names) or "none", label_width=LABEL):
            say(line)


def _as_json(
    search: Search, tally: Tally, written: list[Path], elapsed_s: float, *, is_interrupted: bool
) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "scenario": search.scenario,
        "seed": search.seed,
        "properties": search.effective_properties(),
        "is_warm": search.is_warm,
        "is_wide": search.is_wide,
        **({"transactional": list(dict.fromkeys(search.transactional))} if search.transactional else {}),
        **({"in_schemas": list(search.in_schemas)} if search.in_schemas else {}),
        "planted_bug": search.planted_bug,
        "schedules": tally.looked,
        "held": tally.held,
        "inconclusive": tally.inconclusive,
        "broke": len(tally.failing),
        "is_interrupted": is_interrupted,
        "unrepeatable": tally.unrepeatable,
        "findings": [
            {
                "number": found.number,
                "broken": list(found.broken),
                "schedule": [str(entry) for entry in found.witness.schedule],
                "digest": found.witness.digest,
                "witness": str(path),
            }
            for found, path in zip(tally.found, written, strict=True)
        ],
        "reach": tally.reach.as_json(),
        "runs_per_s": round(tally.looked / elapsed_s, 1),
        "virtual_us": tally.virtual_us,
    }
