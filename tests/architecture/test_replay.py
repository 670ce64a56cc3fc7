"""The same seed gives the same trace, byte for byte, in any process and under any hash seed."""

import json

import pytest

from tests.architecture.processes import ROOT, run_python

SCENARIOS = sorted(path.stem for path in (ROOT / "scenarios").glob("[a-z]*.py"))


@pytest.fixture(scope="module")
def digests() -> list[dict[str, str]]:
    """Scenario -> digest of its trace, once for each hash seed; all scenarios in one process a seed."""
    words = ["-m", "tests.architecture.all_digests"]
    return [json.loads(run_python(*words, hash_seed=hash_seed)) for hash_seed in ("0", "12345")]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_two_processes_with_different_hash_seeds_print_the_same_digest(
    scenario: str, digests: list[dict[str, str]]
) -> None:
    first, second = digests

    assert first[scenario] == second[scenario]
    assert len(first[scenario]) >= 16


def test_every_scenario_is_listed(digests: list[dict[str, str]]) -> None:
    assert sorted(digests[0]) == SCENARIOS
    assert len(SCENARIOS) > 0
