"""Two judges agree on what an audit leaves out, whatever kills its process, and whatever its writer lies."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import pytest

from producer.governance.audit.chain import BEGIN, seal, unsealed
from sim.faults.schedule import parse_entry
from sim.judges.guarantees import GUARANTEES, Ledger
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import AuditRead, RecordSent
from tests.second_judge.audits.judge import Id, Stored, unaudited
from tests.second_judge.disks import leaders, logs

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.cluster import Cluster

STORIES = ["audit_gap_is_found", "audit_gap_is_found+write_ahead=1"]
SEEDS = range(4)
LINES = ["at 300ms: kill shop", "at 200ms: crash leader(orders-0)", "at 100ms: cut shop <-> *"]
Lines = list[dict[str, Any]]


@cache
def played(name: str, seed: int = 0, line: str = "") -> tuple[tuple[Any, ...], Stored]:
    """What was told in a run, and what lies on the leaders' disks at its end."""
    kept: list[Cluster] = []
    report = run(load(name), seed, faults=[parse_entry(line)] if line else [], at_end=kept.append)
    events = tuple(report.trace)
    sends = [(one.client, one.key, one.value) for one in events if isinstance(one, RecordSent)]
    assert len({send[1:] for send in sends}) == len(sends)
    by_leader, on_disks = leaders(kept[0]), logs(kept[0])
    stored = {(one.key, one.value) for tp, replicas in on_disks.items() for one in replicas[by_leader[tp]]}
    return events, stored


def judged_twice(events: tuple[Any, ...], stored: Stored) -> tuple[set[Id], set[Id]]:
    """What the oracle finds, and what the second judge does."""
    verdict = GUARANTEES["unaudited"].judge(Ledger(events))
    oracle = {(one.client, one.record) for one in verdict.findings if one.client}
    return oracle, unaudited(events, stored)


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("seed", SEEDS)
def test_two_judges_agree(name: str, seed: int) -> None:
    oracle, second = judged_twice(*played(name, seed))

    assert oracle == second
    assert bool(second) == (name == "audit_gap_is_found")


@pytest.mark.parametrize("name", STORIES)
@pytest.mark.parametrize("line", LINES)
def test_they_agree_whatever_strikes(name: str, line: str) -> None:
    oracle, second = judged_twice(*played(name, 0, line))

    assert oracle == second


def without_the_third(lines: Lines) -> Lines:
    return [one for one in lines if one.get("record") != 3]


def without_its_outcome(lines: Lines) -> Lines:
    return [one for one in lines if (one.get("record"), one["kind"]) != (3, "outcome")]


def told_twice(lines: Lines) -> Lines:
    return [
        copy for one in lines for copy in ([one, one] if one["kind"] == "outcome" and one["record"] == 3 else [one])
    ]


def another_offset(lines: Lines) -> Lines:
    return [one | {"offset": 77} if one["kind"] == "outcome" and one["record"] == 3 else one for one in lines]


def another_fate(lines: Lines) -> Lines:
    return [one | {"outcome": "failed"} if one["kind"] == "outcome" and one["record"] == 3 else one for one in lines]


def nothing_at_all(_: Lines) -> Lines:
    return []


LIES = [without_the_third, without_its_outcome, told_twice, another_offset, another_fate, nothing_at_all]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("line", ["", "at 300ms: crash leader(orders-0)"])
def test_they_agree_on_a_writer_that_lies(lie: Callable[[Lines], Lines], line: str) -> None:
    events, stored = played("audit_gap_is_found+write_ahead=1", 0, line)
    changed = tuple(
        one._replace(text=sealed(lie(said(one.text)))) if isinstance(one, AuditRead) else one for one in events
    )

    oracle, second = judged_twice(changed, stored)

    assert oracle == second
    # Whose process was killed may leave an outcome out: that alone is no lie.
    assert bool(second) == (lie is not without_its_outcome)


def said(text: bytes) -> Lines:
    found = [unsealed(line) for line in text.split(b"\n")[:-1]]
    return [one.fields for one in found if one is not None]


def sealed(lines: Lines) -> bytes:
    """A chain of these lines, whole whatever they say."""
    text, head = b"", BEGIN
    for fields in lines:
        line, head = seal(fields, head)
        text += line
    return text
