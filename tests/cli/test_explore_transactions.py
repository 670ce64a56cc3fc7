"""`acklab explore --transactions` says what it draws and what it never drew, and is clear about what cannot be asked of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Acklab


def test_it_tells_its_stories_its_faults_and_what_was_never_drawn(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", "--transactions", "-n", "1", "--seed", "4", "-j", "1", "--out", str(tmp_path))

    assert told.status in {0, 3}
    assert "zombie_fenced, rebalance_with_group_metadata, flink_two_phase_commit" in told.out
    assert "the protocol of transactions" in told.out
    assert "late marker" in told.out.split("never drawn")[1]


def test_one_story_can_be_asked_for_and_a_program_is_told_which(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab(
        "explore", "zombie_fenced", "--transactions", "-n", "1", "--seed", "4", "-j", "1", "--json", "--faults", "T", "--out", str(tmp_path)
    )  # fmt: skip

    said = json.loads(told.out)
    assert said["transactional"] == ["zombie_fenced"]
    assert said["schedules"] == 1
    assert "detain request (late end)" in said["reach"]["faults"]


@pytest.mark.parametrize(
    "words,complaint",
    [
        (("hot_key", "--transactions"), "no application of hot_key has a transactional.id"),
        (("--transactions", "--wide"), "--transactions with --wide"),
        (("--transactions", "--fresh"), "--transactions with --fresh"),
        (("--faults", "T"), "and T with --transactions"),
    ],
)
def test_what_cannot_be_asked_is_named(acklab: Acklab, words: tuple[str, ...], complaint: str) -> None:
    told = acklab("explore", *words)

    assert told.status == 2
    assert complaint in told.err
