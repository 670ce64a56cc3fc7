"""`acklab explore --schemas` says what it draws, and is clear about what cannot be asked of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Acklab


def test_it_tells_its_stories_and_its_faults(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", "--schemas", "-n", "1", "-j", "1", "--out", str(tmp_path))

    assert told.status in {0, 3}
    assert "field_removed_breaks_consumer, backward_is_not_forward" in told.out
    assert "schema registries, and versions that are deployed" in told.out


def test_one_story_can_be_asked_for_and_a_program_is_told_which(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab(
        "explore", "backward_is_not_forward", "--schemas", "-n", "1", "-j", "1", "--json", "--faults", "S", "--out", str(tmp_path)
    )  # fmt: skip

    said = json.loads(told.out)
    assert said["in_schemas"] == ["backward_is_not_forward"]
    assert "slow registry" in said["reach"]["faults"]


@pytest.mark.parametrize(
    "words,complaint",
    [
        (("hot_key", "--schemas"), "hot_key has no schema registry"),
        (("--schemas", "--wide"), "--schemas with --wide"),
        (("--schemas", "--transactions"), "--schemas with --transactions"),
        (("--faults", "S"), "and S with --schemas"),
    ],
)
def test_what_cannot_be_asked_is_named(acklab: Acklab, words: tuple[str, ...], complaint: str) -> None:
    told = acklab("explore", *words)

    assert told.status == 2
    assert complaint in told.err
