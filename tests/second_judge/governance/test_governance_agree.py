"""Two judges agree on what lies on the disks, whatever the policy, the keys and the faults."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sim.cluster.cluster import Cluster
from sim.faults.schedule import parse_entry
from sim.stories.runner import run
from sim.stories.scenario import load
from sim.trace.events import KeyRotated, RecordAcknowledged, RecordSent
from tests.second_judge.governance.judge import Place, late, lying

STORIES = [
    "masked_field_still_joins",
    "missing_key_passes_plaintext",
    "missing_key_passes_plaintext+on_missing_key=refuse",
    "key_rotation_lag",
    "key_rotation_lag+data_key_age_s=1",
    "encrypted_key_defeats_compaction",
    "encrypted_key_defeats_compaction+key_by=tokenise",
    "policy_refuses_one_record_of_a_batch",
    "policy_refuses_one_record_of_a_batch+on_violation=dead_letter",
]
LINES = ["at 1s: crash b1", "at 3s: crash leader(orders-0)", "at 500ms: rotate key of acme", "at 1s: pause key-service"]


def judged_twice(name: str, seed: int, *, line: str = "", governed: bool = True) -> tuple[set[Place], set[Place]]:
    """What the oracle finds, and what the second judge does."""
    scenario = load(name)
    if not governed:
        scenario = replace(scenario, applications=tuple(replace(one, policy=None) for one in scenario.applications))
    kept: list[Cluster] = []
    report = run(scenario, seed, faults=[parse_entry(line)] if line else [], at_end=kept.append)
    told = {(one.client, one.record): one for one in report.trace if type(one) is RecordAcknowledged}
    sends = {(one.client, one.record): one.at_us for one in report.trace if type(one) is RecordSent}
    sent_us = {(one.topic, one.partition, one.offset): sends[who] for who, one in told.items()}
    rotated_us: dict[str, int] = {}
    for one in report.trace:
        if type(one) is KeyRotated:
            rotated_us.setdefault(one.tenant, one.at_us)
    oracle = set()
    for finding in report.verdict("disclosed").findings:
        place = told[finding.client, finding.record]
        oracle.add((place.topic, place.partition, place.offset))
    return oracle, lying(kept[0], scenario.secrets) | late(kept[0], rotated_us, sent_us)


@pytest.mark.parametrize("name", STORIES)
def test_two_judges_agree(name: str) -> None:
    for seed in range(3):
        oracle, second = judged_twice(name, seed)

        assert oracle == second


@pytest.mark.parametrize("name", [name for name in STORIES if "+" not in name])
def test_they_agree_on_what_nobody_hides(name: str) -> None:
    oracle, second = judged_twice(name, 0, governed=False)

    assert oracle == second != set()


@pytest.mark.parametrize("line", LINES)
def test_they_agree_whatever_strikes(line: str) -> None:
    oracle, second = judged_twice("key_rotation_lag", 0, line=line)

    assert oracle == second
