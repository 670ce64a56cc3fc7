"""What a command prints of a fault can be given to `--fault` as it stands there."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from sim import Schedule, load, parse_entry, run
from sim.judges.report.telling import sentence
from sim.stories.scenario import names
from sim.trace.events import FaultInjected, FaultRefused
from tests.cli.conftest import Acklab

STORY = "acks_one_leader_crash"
QUIET = "default_config"
STRUCK = re.compile(r"^.*#\d+ .*fault: .*$", re.MULTILINE)


def options(lines: list[str]) -> list[str]:
    return [word for line in lines for word in ("--fault", line)]


def schedule_in(report: str) -> list[str]:
    """The lines of a report's schedule."""
    return [line[13:] for line in report.splitlines() if re.match(r"  (?:faults)? +(?:at|after) ", line)]


@pytest.mark.parametrize("name", names())
def test_the_faults_that_a_story_tells_of_break_what_the_story_breaks(name: str) -> None:
    """A millisecond that is cut off would strike ahead of what the fault is to strike amid."""
    story = load(name)
    first = run(story)
    told = [
        f"  {first.trace.moment(number):>9}  #{number}  {sentence(event)}"
        for number, event in enumerate(first.trace)
        if isinstance(event, (FaultInjected, FaultRefused))
    ]

    copied: Schedule = tuple(map(parse_entry, told))
    # Whoever reads while the story goes on is told of like a fault, and copied like one.
    second = run(replace(story, schedule=copied, readers=()))

    struck = [event[0:1] + event[2:] for event in first.trace if isinstance(event, FaultInjected)]
    assert [event[0:1] + event[2:] for event in second.trace if isinstance(event, FaultInjected)] == struck
    assert {one.guarantee for one in second.violated} == {one.guarantee for one in first.violated}


def test_lines_of_run_replay_and_watch_are_taken_by_run_as_they_stand(acklab: Acklab, tmp_path: Path) -> None:
    witness = str(tmp_path / "night.json")
    of_run = STRUCK.findall(acklab("run", STORY, "--witness", witness).out)
    of_replay = STRUCK.findall(acklab("replay", witness).out)
    of_watch = STRUCK.findall(acklab("watch", STORY, "--plain").out)

    trace = run(load(STORY)).trace
    struck = [
        parse_entry(f"at {event.at_us - trace.begun_us}us: {event.fault}")
        for event in trace
        if type(event) is FaultInjected
    ]

    assert len(of_run) == 2
    assert of_replay == of_run
    for lines in (of_run, of_replay, of_watch[-2:]):
        assert list(map(parse_entry, schedule_in(acklab("run", QUIET, *options(lines)).out))) == struck


def test_the_lines_above_a_report_s_verdicts_are_taken_by_run_as_they_stand(acklab: Acklab) -> None:
    told = acklab("run", STORY).out
    lines = re.findall(r"^  (?:faults)? +after .*: .*$", told, re.MULTILINE)

    assert schedule_in(acklab("run", QUIET, *options(lines)).out) == schedule_in(told)
    assert len(lines) == 2


@pytest.mark.parametrize("number", [111, 182])
def test_a_line_that_tells_an_event_is_refused_as_one(acklab: Acklab, number: int) -> None:
    line = next(row for row in acklab("run", STORY).out.splitlines() if f"#{number} " in row)

    refused = acklab("run", QUIET, "--fault", line)

    assert refused.status == 2
    assert f"tells event #{number} of a run, which is not a fault" in refused.err
