"""Two judges agree on the stories in schemas, whatever the level, the deployments and what becomes of what cannot be read."""

from __future__ import annotations

from typing import Any

import pytest

from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from tests.second_judge.schemas.judge import JUDGES, Evidence, values_on_disks

STORIES = [
    "field_removed_breaks_consumer",
    "field_removed_breaks_consumer+level=FULL",
    "field_removed_breaks_consumer+unreadable=skip",
    "backward_is_not_forward",
    "auto_register_in_production",
    "auto_register_in_production+level=FULL",
    "id_of_another_registry",
    "poison_record_blocks_partition",
    "poison_record_blocks_partition+unreadable=dead",
    "registry_is_down_at_start",
    "mock_registry_accepts_what_the_real_one_refuses",
    "mock_registry_accepts_what_the_real_one_refuses+level=NONE",
]
LINES = [
    "at 100ms: deploy billing version 2",
    "at 300ms: deploy billing version 2",
    "at 5s: deploy billing version 2",
    "at 100ms: crash registry-1",
    "at 150ms: crash leader(orders-0)",
]


def judged_twice(name: str, seed: int, line: str = "") -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    """What the oracle finds, and what the second judge does."""
    values: dict[Any, bytes | None] = {}
    faults = [parse_entry(line)] if line else []
    report = run(load(name), seed, faults=faults, at_end=lambda cluster: values.update(values_on_disks(cluster)))
    assert report.is_settled
    oracle = {(finding.client, finding.record) for finding in report.verdict("unreadable").findings}
    return oracle, JUDGES["unreadable"](Evidence(list(report.trace), values))


@pytest.mark.parametrize("name", STORIES)
def test_two_judges_agree(name: str) -> None:
    for seed in range(3):
        oracle, second = judged_twice(name, seed)

        assert oracle == second


@pytest.mark.parametrize("line", LINES)
def test_two_judges_agree_whatever_strikes(line: str) -> None:
    oracle, second = judged_twice("backward_is_not_forward", 0, line)

    assert oracle == second


def test_both_find_something_and_both_find_nothing() -> None:
    assert judged_twice("field_removed_breaks_consumer", 0)[1]
    assert not judged_twice("field_removed_breaks_consumer+level=FULL", 0)[1]
