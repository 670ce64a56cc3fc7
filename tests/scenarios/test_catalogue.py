"""Every story ends as it says, whatever the seed; and a witness is minimal: without any one of its faults all holds."""

from dataclasses import replace

import pytest

from sim.judges.report import Report
from sim.stories.runner import run
from sim.stories.scenario import Scenario, load, load_all

SCENARIOS = {scenario.name: scenario for scenario in load_all()}
SEEDS = range(5)


def broken(report: Report) -> set[str]:
    return {verdict.guarantee for verdict in report.violated}


def without(scenario: Scenario, place: int) -> Scenario:
    schedule = scenario.schedule
    return replace(scenario, schedule=(*schedule[:place], *schedule[place + 1 :]))


@pytest.mark.parametrize("name", SCENARIOS)
def test_story_ends_as_it_says_for_every_seed(name: str) -> None:
    scenario = SCENARIOS[name]

    for seed in SEEDS:
        report = run(scenario, seed)

        assert broken(report) == scenario.expects
        assert report.exit_code == (1 if scenario.expects else 0)
        assert report.is_as_expected
        assert not report.unfired
        assert not report.refused
        assert report.is_settled


@pytest.mark.parametrize(
    "name,place",
    [(name, place) for name, one in SCENARIOS.items() if one.expects for place in range(len(one.schedule))],
)
def test_witness_without_any_one_of_its_faults_holds(name: str, place: int) -> None:
    assert broken(run(without(SCENARIOS[name], place))) == set()


@pytest.mark.parametrize("name", SCENARIOS)
def test_module_and_scenario_have_one_name(name: str) -> None:
    assert load(name).name == name


@pytest.mark.parametrize("name", SCENARIOS)
def test_question_is_one_line_and_a_question(name: str) -> None:
    question = SCENARIOS[name].question

    assert question.endswith("?")
    assert "\n" not in question


@pytest.mark.parametrize("name", SCENARIOS)
def test_same_seed_gives_the_same_digest_and_another_seed_another_one(name: str) -> None:
    first, again, other = run(SCENARIOS[name], 1), run(SCENARIOS[name], 1), run(SCENARIOS[name], 2)

    assert first.digest == again.digest
    assert first.digest != other.digest
