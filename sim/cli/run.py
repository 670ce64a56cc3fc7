"""`acklab run`: one run in virtual time, its verdicts, and how each came about."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.endings import CommandError, complain, ends
from sim.cli.options import AsJson, PlantedBug, faults_named, key_values, mutant_named
from sim.cli.recorded import begun

if TYPE_CHECKING:
    from sim.judges.report import Report
    from sim.stories.planted import PlantedBug as PlantedBugOf
    from sim.stories.scenario import Scenario
    from sim.stories.workload import KeyValue

DEFAULT = "default"
"""What `--beside` calls the configuration that a producer has when nothing is set."""
STDIN = "-"

ScenarioName = Annotated[
    str,
    typer.Argument(
        metavar="SCENARIO|WITNESS",
        help="A name of `acklab list`, the path of a scenario's file, or a file of --witness or --trace.",
    ),
]
Seed = Annotated[int, typer.Option(help="Which run of all possible ones; the same seed gives the same run.")]
OwnSeed = Annotated[
    int | None,
    typer.Option("--seed", help="Which run of all possible ones; the same seed gives the same run. 0, or the witness's own."),
]  # fmt: skip
Settings = Annotated[
    list[str],
    typer.Option("--set", metavar="[APPLICATION:]NAME=VALUE", help="A producer property, over the scenario's; of every "
                 "application, or of the one named. Or a setting of a topic or of the brokers, as in "
                 "orders.min.insync.replicas=1 or broker.replica.lag.time.max.ms=5000; repeatable."),
]  # fmt: skip
Faults = Annotated[
    list[str],
    typer.Option("--fault", metavar="TEXT", help="One more fault, as in 'at 2s: crash b1' or "
                 "'after BatchAppended#3 broker=1: pause b1'; ends with 'if possible' if it may be refused; repeatable."),
]  # fmt: skip
Input = Annotated[
    str | None,
    typer.Option("--input", metavar="[APPLICATION=]FILE|-", help="Records of your own, one key:value a line; - is stdin. "
                 "Where there are several applications, say whose."),
]  # fmt: skip
TraceFile = Annotated[Path | None, typer.Option("--trace", metavar="FILE", help="Write every event, as JSON Lines.")]
WitnessFile = Annotated[
    Path | None, typer.Option("--witness", metavar="FILE", help="Write what `acklab replay` needs.")
]
ReportFile = Annotated[
    Path | None,
    typer.Option("--report", metavar="FILE.html", help="Write one page for a browser: verdicts, how each came about, every "
                 "moment to be looked at, the command that runs it again. It needs nothing beside it."),
]  # fmt: skip
LineageFile = Annotated[
    Path | None,
    typer.Option("--lineage", metavar="FILE", help="Write what its applications and readers read and write, as OpenLineage run events, "
                 "one JSON object a line."),
]  # fmt: skip
Beside = Annotated[
    str | None,
    typer.Option(metavar="default|NAME=VALUE,…", help="Run the same faults and records under another configuration, "
                 "too, and show both."),
]  # fmt: skip


@ends
def run(
    scenario: ScenarioName,
    seed: OwnSeed = None,
    settings: Settings = [],  # noqa: B006 - Typer reads it, nobody changes it
    faults: Faults = [],  # noqa: B006
    source: Input = None,
    trace: TraceFile = None,
    witness: WitnessFile = None,
    page: ReportFile = None,
    lineage: LineageFile = None,
    beside: Beside = None,
    planted_bug: PlantedBug = None,
    as_json: AsJson = False,
) -> int:
    """Run a scenario, or the story of a witness, once and judge it. Exits with 0 if every promise held, 1 if one broke, 3 if that is open."""
    from sim.cli.verdicts import tell_other_end
    from sim.stories.properties import effective_properties, with_settings_of
    from sim.stories.runner import run as run_once
    from sim.stories.scenario import names_file
    from sim.stories.witness import why_not_alone

    begin = begun(scenario, seed)
    chosen = begin.scenario
    properties = effective_properties(chosen, key_values(settings, option="--set"))
    more = faults_named(faults, with_settings_of(chosen, properties))
    other = None if beside is None else _beside(chosen, properties, beside)
    mutant = mutant_named(planted_bug) or begin.mutant
    if page is not None and page.suffix != ".html":
        raise CommandError(f"--report {page}: must end in .html")
    for path in (trace, witness, page, lineage):
        if path is not None:
            check_writable(path)
    whose, records = (begin.records_of, begin.records) if source is None else input_for(chosen, source)
    alone = why_not_alone(chosen) if witness is not None and names_file(begin.name) else ""

    def once(one: Scenario, settled: dict[str, str]) -> Report:
        return run_once(
            one, begin.seed, properties=settled, faults=more, records=records, records_of=whose, mutant=mutant
        )

    report = once(chosen, properties)
    second = None if other is None else once(other, {})
    _write(report, begin.name, chosen, records, whose, trace=trace, witness=witness)
    if page is not None:
        _write_page(report, begin.name, chosen, records, whose, source, mutant, page)
    if lineage is not None:
        _write_lineage(report, chosen, lineage)
    again = _again(scenario, begin.seed, settings, faults, source, witness)
    if witness is None and planted_bug is not None:
        again = f"{again} --planted-bug {planted_bug}"
    compared = None if second is None or other is None else lambda: _compared(report, second, chosen, other)
    _show(report, second, chosen, again=again, as_json=as_json, compared=compared)
    is_as_written = Path(scenario).suffix == ".py" and not (settings or faults or source or mutant)
    if is_as_written and second is None and not as_json:
        tell_other_end(report)
    if alone:
        complain(f"{witness} does not hold its story: {alone}; whoever is to replay it needs {begin.name}, too")
    return report.exit_code


def _write_lineage(report: Report, chosen: Scenario, path: Path) -> None:
    from sim.stories.lineage import lineage_of

    assert report.trace is not None, "the run was made here"
    told = lineage_of(chosen, report.seed, report.trace.events)
    path.write_text("".join(f"{json.dumps(one)}\n" for one in told), encoding="utf-8")


def _beside(chosen: Scenario, properties: dict[str, str], wanted: str) -> Scenario:
    from sim.stories.properties import effective_properties, settings_of, with_properties

    if wanted == DEFAULT:
        # A producer has a default configuration; the story's cluster stays what it is.
        return with_properties(chosen, settings_of(chosen, properties))
    given = key_values(wanted.split(","), option="--beside")
    return with_properties(chosen, effective_properties(with_properties(chosen, properties), given))


def input_for(scenario: Scenario, source: str) -> tuple[str, list[KeyValue]]:
    """Read `FILE`, or `APPLICATION=FILE`: whose records they are, and the records. Raises CommandError."""
    names = [one.name for one in scenario.cast]
    whose, equals, path = source.partition("=")
    if equals and whose in names:
        return whose, read_input(path)
    if len(names) > 1:
        raise CommandError(
            f"--input {source}: there are the applications {', '.join(names)}; say whose, as in --input {names[0]}={path or source}"
        )
    return "", read_input(source)


def read_input(source: str) -> list[KeyValue]:
    """Read every record of a file or of stdin. Raises CommandError naming file, line and text."""
    from sim.stories.workload import LineError, read_records

    try:
        if source == STDIN:
            records = list(read_records(sys.stdin.buffer, source="stdin"))
        else:
            with Path(source).open("rb") as lines:
                records = list(read_records(lines, source=source))
    except LineError as error:
        raise CommandError(f"{error}; nothing was sent") from error
    except OSError as error:
        raise CommandError(f"cannot read {source}: {error.strerror}") from error
    if not records:
        raise CommandError(f"{'stdin' if source == STDIN else source} holds no records")
    return records


def check_writable(path: Path) -> None:
    """Find out before a run whether its outcome can be written. Raises CommandError naming the path."""
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    if not existed:
        path.unlink()


def _write(
    report: Report,
    scenario: str,
    story: Scenario,
    records: Sequence[KeyValue] | None,
    records_of: str,
    *,
    trace: Path | None,
    witness: Path | None,
) -> None:
    if trace is None and witness is None:
        return
    from sim.stories.witness import Witness
    from sim.trace.trace import TraceHeader

    written = Witness.of(report, scenario=scenario, story=story, records=records, records_of=records_of)
    if witness is not None:
        witness.write_text(written.text(beside=witness), encoding="utf-8")
    if trace is not None:
        with trace.open("w", encoding="utf-8") as out:
            report.trace.write(out, TraceHeader(report.scenario, report.seed, written.as_json(beside=trace)))


def _write_page(
    report: Report,
    scenario: str,
    story: Scenario,
    records: Sequence[KeyValue] | None,
    records_of: str,
    source: str | None,
    mutant: PlantedBugOf | None,
    path: Path,
) -> None:
    from sim.tui.exports.page import page_of
    from sim.tui.session import of_report

    watched = of_report(report, source=scenario, scenario=story, records=records).with_origin(
        records_of=records_of, source=source, mutant=mutant
    )
    path.write_text(page_of(watched, beside=path), encoding="utf-8")


def _again(
    scenario: str, seed: int, settings: list[str], faults: list[str], source: str | None, witness: Path | None
) -> str:
    """Give the command that does it again."""
    if witness is not None:
        return shlex.join(["acklab", "replay", str(witness)])
    words = ["acklab", "run", scenario, "--seed", str(seed)]
    for option, values in (("--set", settings), ("--fault", faults)):
        for value in values:
            words += [option, value]
    if source is not None:
        words += ["--input", source]
    return shlex.join(words)


def _compared(first: Report, second: Report, scenario: Scenario, other: Scenario) -> list[str]:
    """Say where two runs part for a reason."""
    from sim.cli.screen import width
    from sim.tui.comparing.comparison import Comparison
    from sim.tui.lines import text_of
    from sim.tui.panels.comparison import why_lines
    from sim.tui.session import of_report

    comparison = Comparison(
        of_report(first, source="", scenario=scenario), of_report(second, source="", scenario=other)
    )
    return [text_of(one) for one in why_lines(comparison, width=width() - 2)]


def _show(
    report: Report,
    second: Report | None,
    scenario: Scenario,
    *,
    again: str,
    as_json: bool,
    compared: Callable[[], list[str]] | None,
) -> None:
    from sim.cli.verdicts import tell, tell_both

    if as_json and second is not None:
        both = {"format": "acklab-comparison-1", "run": report.as_json(), "beside": second.as_json()}
        print(json.dumps(both))
    elif as_json:
        print(json.dumps(report.as_json()))
    elif second is not None:
        tell_both(report, second, scenario, again=again, compared=[] if compared is None else compared())
    else:
        tell(report, scenario, again=again)
