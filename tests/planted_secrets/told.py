"""Everything that a run tells: its trace, its report, its witness, what a screen shows, what is logged."""

from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stdout
from pathlib import Path

from sim.cli.verdicts import tell
from sim.judges.report.telling import sentence
from sim.stories.witness import Witness
from sim.trace.trace import TraceHeader
from sim.tui.plain import plain_lines
from sim.tui.session import of_report
from tests.planted_secrets.forms import found
from tests.planted_secrets.stories import Told, told

Found = tuple[str, int, int, list[str]]
"""Story, planted secrets, characters that were searched, and what was found."""


def everything(number: int, *, seed: int = 0) -> tuple[Told, dict[str, str]]:
    """Run a drawn story, and give where something of it is told, and what."""
    logged = io.StringIO()
    handler = logging.StreamHandler(logged)
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        one = told(number, seed=seed)
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
    return one, {**said(one), "the log": logged.getvalue()}


def said(one: Told) -> dict[str, str]:
    """Give all that is told of a run behind its end."""
    report, scenario = one.report, one.scenario
    witness = Witness.of(report, scenario=scenario.name, records=None, story=scenario)
    beside = Path("witness.json").resolve()
    trace = io.StringIO()
    report.trace.write(trace, TraceHeader(scenario.name, report.seed, witness.as_json(beside=beside)))
    text = io.StringIO()
    with redirect_stdout(text):
        tell(report, scenario, again="acklab run")
    watched = of_report(report, source=scenario.name, scenario=scenario)
    return {
        "the trace's file": trace.getvalue(),
        "the events as Python shows them": "\n".join(map(repr, report.trace)),
        "the events in words": "\n".join(map(sentence, report.trace)),
        "the report": text.getvalue(),
        "the report as JSON": json.dumps(report.as_json()),
        "the report as Python shows it": repr(report),
        "the witness": witness.text(beside=beside),
        "the screen": "\n".join(plain_lines(watched)),
        "what repeats it": " ".join(watched.words or ()),
    }


def searched(number: int, seed: int) -> Found:
    """Run one story and look."""
    one, told_of = everything(number, seed=seed)
    return one.scenario.name, len(one.secrets), sum(map(len, told_of.values())), found(one.secrets, told_of)
