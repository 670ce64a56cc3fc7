"""Two judges agree on who waits for longer than was promised, whatever the quota and whatever strikes."""

from __future__ import annotations

import pytest

from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from tests.second_judge.quotas.judge import JUDGES

STORIES = ["noisy_neighbour_without_quota", "noisy_neighbour_with_quota", "quota_removed_in_mid_stream"]
LINES = [
    "at 1s: quota client-id=export producer_byte_rate=20000",
    "at 4s: quota client-id=<default> request_percentage=1",
    "at 4s: crash leader(payments-0)",
    "at 4s: slow leader(payments-0) x3",
    "at 4s: kill billing",
]


def judged_twice(name: str, seed: int, line: str = "") -> tuple[set[tuple[str, int]], set[tuple[str, int]]]:
    report = run(load(name), seed, faults=[parse_entry(line)] if line else [])
    oracle = {(finding.client, finding.record) for finding in report.verdict("isolation").findings}
    return oracle, JUDGES["isolation"](list(report.trace))


@pytest.mark.parametrize("name", STORIES)
def test_two_judges_agree(name: str) -> None:
    oracle, second = judged_twice(name, 3)

    assert oracle == second


@pytest.mark.parametrize("line", LINES)
def test_two_judges_agree_whatever_strikes(line: str) -> None:
    oracle, second = judged_twice("noisy_neighbour_with_quota", 0, line)

    assert oracle == second
