"""One clock: whatever shows a time counts from the story's beginning, and a time copied from one place is right in another."""

import re
from pathlib import Path

import pytest

from sim import first_event, last_event, load, partition_at, replica_table, run
from sim.faults.schedule import parse_entry
from sim.trace.events import BrokerCrashed, FaultInjected, RecordSent
from sim.trace.trace import Trace, time_text
from tests.cli.conftest import Acklab

STORY = "acks_one_leader_crash"
TIMED = re.compile(r"^\s*(-?\d+\.\d{3,6}s)\s+#(\d+)", re.MULTILINE)


def times_in(text: str) -> dict[int, str]:
    """Event -> the time told of it."""
    return {int(event): time for time, event in TIMED.findall(text)}


def time_on_screen(text: str) -> tuple[int, str]:
    """The event that `watch --plain` stands at, and its time."""
    found = re.search(r"^STATE .*, (-?\d+\.\d{3,6}s), after event #(\d+) of", text, re.MULTILINE)
    assert found is not None, text
    return int(found[2]), found[1]


def test_run_replay_and_watch_tell_the_same_time_of_an_event(acklab: Acklab, tmp_path: Path) -> None:
    witness, trace = tmp_path / "night.json", tmp_path / "night.jsonl"

    told = times_in(acklab("run", STORY, "--witness", str(witness), "--trace", str(trace)).out)
    again = times_in(acklab("replay", str(witness)).out)

    assert told, "the chain of a lost record has times"
    assert again == told
    for event, time in told.items():
        for source in (STORY, str(witness), str(trace)):
            assert time_on_screen(acklab("watch", source, "--plain", "--at", str(event)).out) == (event, time)


@pytest.mark.parametrize("name", ["acks_one_leader_crash", "several_topics", "application_starts_in_a_crash"])
def test_a_time_that_was_told_strikes_then_as_a_fault(name: str) -> None:
    story = load(name)
    calm = run(story, 0)
    shown = calm.trace.clock(calm.trace[first_event(calm.trace, RecordSent)].at_us)

    struck = run(story, 0, faults=(parse_entry(f"at {shown}: slow b3 x2"),)).trace

    fault = next(event for event in struck if isinstance(event, FaultInjected) and "slow b3" in event.fault)
    assert struck.clock(fault.at_us) == shown


def test_a_schedule_s_times_and_the_pictures_of_a_lesson_count_from_the_same_moment() -> None:
    trace = run(load(STORY), 0, faults=(parse_entry("at 400ms: slow b3 x2"),)).trace
    struck = last_event(trace, FaultInjected, fault="slow b3 x2")
    crash = first_event(trace, BrokerCrashed)

    assert trace.clock(trace[struck].at_us) == "0.400s"
    assert partition_at(trace, "orders-0", struck).time == "0.400s"
    assert f"at {trace.clock(trace[crash].at_us)}:" in replica_table(partition_at(trace, "orders-0", crash))


def test_what_comes_before_the_story_has_a_minus() -> None:
    trace = Trace()
    trace.begun_us = 2_000_000

    assert [trace.clock(at_us) for at_us in (1_250_000, 2_000_000, 4_530_900)] == ["-0.750s", "0.000s", "2.530s"]
    assert time_text(-1) == "-0.000s"
