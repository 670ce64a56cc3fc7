"""Everything that a run tells: its trace, its report, its witness, what a screen shows, what is logged."""

from __future__ import annotations

import io
import json
import logging
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from sim.cli.verdicts import tell
from sim.cluster.applications import life_of
from sim.judges.report.telling import sentence
from sim.stories.witness import Witness
from sim.trace.events import RecordSent
from sim.trace.trace import TraceHeader, write_events
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
    events = behind_the_gateway(one)
    trace = io.StringIO()
    report.trace.write_header(trace, TraceHeader(scenario.name, report.seed, witness.as_json(beside=beside)))
    write_events(trace, events)
    text = io.StringIO()
    with redirect_stdout(text):
        tell(report, scenario, again="acklab run")
    watched = of_report(report, source=scenario.name, scenario=scenario)
    return {
        "the trace's file": trace.getvalue(),
        "the events as Python shows them": "\n".join(map(repr, events)),
        "the events in words": "\n".join(map(sentence, report.trace)),
        "the report": text.getvalue(),
        "the report as JSON": json.dumps(report.as_json()),
        "the report as Python shows it": repr(report),
        "the witness": witness.text(beside=beside),
        "the screen": "\n".join(plain_lines(watched)),
        "what repeats it": " ".join(watched.words or ()),
    }


def behind_the_gateway(one: Told) -> list[Any]:
    """Give every event, without the values that applications send to a gateway: there they are what nobody has hidden yet (docs/governance.md)."""
    through = {application.name for application in one.scenario.cast if application.through}
    return [
        event._replace(value=None) if isinstance(event, RecordSent) and life_of(event.client)[0] in through else event
        for event in one.report.trace
    ]


def searched(number: int, seed: int) -> Found:
    """Run one story and look."""
    one, told_of = everything(number, seed=seed)
    return one.scenario.name, len(one.secrets), sum(map(len, told_of.values())), found(one.secrets, told_of)
