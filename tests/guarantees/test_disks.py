"""Whole runs in which disks are lost while brokers start: the verdicts say what a reader finds in the end, both ways."""

from collections import Counter
from dataclasses import replace

import pytest

from sim.faults.schedule import parse_entry
from sim.judges.guarantees import State
from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import RecordAcknowledged, RecordRead, RecordSent
from sim.world.kernel import Stream

SCENARIO = load("default_config")
ACKNOWLEDGED = 24


def told(*faults: tuple[str, str]) -> Report:
    """Run a quiet day; once everything is acknowledged, faults strike, each so long after that."""
    schedule = tuple(parse_entry(f"after PhaseEnded#1 phase=3 +{after}: {fault}") for after, fault in faults)
    report = run(replace(SCENARIO, schedule=schedule))
    assert report.counts.acknowledged == ACKNOWLEDGED
    assert (report.refused, report.unfired) == ((), ())
    return report


def states(report: Report) -> tuple[State, State, State]:
    lost, duplicated, phantom = (report.verdict(name).state for name in ("lost", "duplicated", "phantom"))
    return lost, duplicated, phantom


@pytest.mark.parametrize("loss", ["wiped", "unflushed lost"])
@pytest.mark.parametrize("struck", ["3001ms", "3500ms", "4003ms"])
def test_disks_that_every_broker_loses_while_it_starts_lose_every_record(struck: str, loss: str) -> None:
    report = told(
        ("1s", "crash b1,b2,b3"),
        ("3s", "restart b1,b2,b3"),
        (struck, f"crash b1,b2,b3, {loss}"),
        ("6s", "restart b1,b2,b3"),
    )

    assert report.counts.read == 0
    assert states(report) == (State.VIOLATED, State.HOLDS, State.HOLDS)
    assert len(report.verdict("lost").findings) == ACKNOWLEDGED
    assert {replica.state for finding in report.verdict("lost").findings for replica in finding.replicas} == {
        "truncated"
    }


def test_disks_that_were_flushed_before_the_power_failed_lose_nothing() -> None:
    report = told(
        ("40s", "crash b1,b2,b3"),
        ("43s", "restart b1,b2,b3"),
        ("43500ms", "crash b1,b2,b3, unflushed lost"),
        ("45s", "restart b1,b2,b3"),
    )

    assert report.counts.read == ACKNOWLEDGED
    assert states(report) == (State.HOLDS, State.HOLDS, State.HOLDS)


def test_disks_that_are_kept_lose_nothing_however_often_the_brokers_die_while_they_start() -> None:
    report = told(
        ("1s", "crash b1,b2,b3"),
        ("3s", "restart b1,b2,b3"),
        ("3500ms", "crash b1,b2,b3, kept"),
        ("4s", "restart b1,b2,b3"),
        ("4500ms", "crash b1,b2,b3"),
        ("5s", "restart b1,b2,b3"),
    )

    assert report.counts.read == ACKNOWLEDGED
    assert states(report) == (State.HOLDS, State.HOLDS, State.HOLDS)


def test_records_copied_anew_onto_a_disk_that_was_lost_are_not_there_twice() -> None:
    report = told(
        ("1s", "crash b1"),
        ("2s", "restart b1"),
        ("2500ms", "crash b1, wiped"),
        ("3s", "restart b1"),
        ("30s", "move orders-0 to b1"),
    )

    assert report.counts.read == ACKNOWLEDGED
    assert states(report) == (State.HOLDS, State.HOLDS, State.HOLDS)


def test_a_paused_broker_that_starts_and_loses_its_disk_is_filled_again() -> None:
    report = told(
        ("1s", "crash b1"),
        ("2s", "restart b1"),
        ("2500ms", "pause b1"),
        ("4s", "crash b1, wiped"),
        ("5s", "restart b1"),
        ("5500ms", "crash b1, unflushed lost"),
        ("6s", "restart b1"),
        ("30s", "move orders-0 to b1"),
        ("31s", "move orders-1 to b1"),
    )

    assert report.counts.read == ACKNOWLEDGED
    assert states(report) == (State.HOLDS, State.HOLDS, State.HOLDS)


PAUSES_MS = (1, 200, 500, 900, 1_003, 1_500, 4_000, 12_000)
"""Between two faults: within a broker's start, about its registration, within and beyond its session."""
FAULTS = ("crash", "crash, wiped", "crash, unflushed lost", "restart", "restart", "restart", "pause", "resume")

TOLD_FALSELY = (33, 82, 133, 146, 182, 210, 265)
"""Seeds whose verdict was false while only what a process had opened was told lost."""


def drawn(chance: Stream) -> tuple[str, ...]:
    """Draw a story of brokers that die, lose their disks and come back, often before they were back at all."""
    entries = []
    at_ms = chance.randrange(8_000)
    for _ in range(4 + chance.randrange(10)):
        at_ms += PAUSES_MS[chance.randrange(len(PAUSES_MS))]
        struck = [f"b{broker}" for broker in (1, 2, 3) if chance.randrange(2)] or ["b1"]
        verb, comma, loss = FAULTS[chance.randrange(len(FAULTS))].partition(",")
        entries.append(f"at {at_ms}ms: {verb} {','.join(struck)}{comma}{loss}")
    return tuple(entries)


@pytest.mark.parametrize("seed", [*range(20), *TOLD_FALSELY])
def test_verdicts_are_what_a_reader_finds_whatever_happens_to_the_disks(seed: int) -> None:
    chance = Stream(seed=seed, name="disks")
    story = replace(SCENARIO, schedule=tuple(map(parse_entry, drawn(chance))))

    report = run(story, seed, properties={"acks": ("all", "1")[chance.randrange(2)]})

    values = {event.record: event.value for event in report.trace if type(event) is RecordSent}
    acknowledged = {event.record for event in report.trace if type(event) is RecordAcknowledged}
    copies = Counter(event.value for event in report.trace if type(event) is RecordRead)
    lost, duplicated = report.verdict("lost"), report.verdict("duplicated")
    assert State.INCONCLUSIVE not in {lost.state, duplicated.state}
    assert {finding.record for finding in lost.findings} == {one for one in acknowledged if not copies[values[one]]}
    assert {finding.record for finding in duplicated.findings} == {one for one in values if copies[values[one]] > 1}
