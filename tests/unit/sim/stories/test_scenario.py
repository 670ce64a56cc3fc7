"""Scenarios are found by name or by path; whatever is wrong with one is said with its file."""

from pathlib import Path

import pytest

from sim.stories.scenario import ClusterConfig, InvalidScenarioError, Scenario, UnknownScenarioError, load, names

GOOD = """
from sim.stories.scenario import ClusterConfig, Scenario, TopicConfig
SCENARIO = Scenario(name="mine", question="Mine?", cluster=ClusterConfig(topics=(TopicConfig("orders"),)))
"""


def test_scenario_is_found_by_the_path_of_its_file(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(GOOD)

    assert load(str(file)).name == "mine"


def test_scenario_is_found_by_name() -> None:
    assert "acks_one_leader_crash" in names()
    assert load("acks_one_leader_crash").expects == {"lost"}


def test_nearest_name_is_suggested() -> None:
    with pytest.raises(UnknownScenarioError, match="did you mean acks_one_leader_crash"):
        load("ack_one_leader_crash")


@pytest.mark.parametrize("path", ["nowhere.py", "./"])
def test_path_that_is_no_file_is_named(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    with pytest.raises(UnknownScenarioError):
        load(path)


SENDS = GOOD.replace("import ClusterConfig,", "import Application, ClusterConfig, Workload,")


@pytest.mark.parametrize(
    "workload,said",
    [
        ('Workload(topic="oders")', "producer-1's workload names topic 'oders', topics are orders"),
        ('Workload(topic=("orders", "audit"))', "names topic 'audit'"),
        ("Workload(partition=(0, 1))", "names partition orders-1, orders has 1"),
    ],
)
def test_workload_that_misses_every_topic_is_a_mistake_in_the_file_unless_it_is_the_question(
    workload: str, said: str, tmp_path: Path
) -> None:
    file = tmp_path / "mine.py"
    file.write_text(SENDS.replace("name=", f"workload={workload}, name=", 1))

    with pytest.raises(InvalidScenarioError, match=said):
        load(str(file))
    file.write_text(file.read_text().replace("Workload(", "Workload(may_miss=True, "))
    assert load(str(file)).workload.may_miss


def test_workload_may_name_what_a_topic_grows_to_and_what_is_created_by_asking(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    grown = SENDS.replace("import Application", "import at, Application").replace(
        "name=", "schedule=(at(0).add_partitions('orders', up_to=3),), workload=Workload(partition=2), name=", 1
    )
    created = SENDS.replace(
        "cluster=ClusterConfig(", "workload=Workload(topic='new'), cluster=ClusterConfig(auto_create_topics=True, "
    )

    for text in (grown, created):
        file.write_text(text)
        assert load(str(file)).name == "mine"


@pytest.mark.parametrize(
    "text,said",
    [
        ("", "no SCENARIO"),
        ("SCENARIO = 3", "SCENARIO is of type int"),
        ("def", "mine.py, line 1: SyntaxError"),
        ("1 / 0", "ZeroDivisionError"),
        (
            GOOD.replace('question="Mine?"', 'question="?", expects=frozenset({"loss"})'),
            "has 'loss'; did you mean lost?",
        ),
        (GOOD.replace('question="Mine?"', "colour=1"), "colour"),
        (GOOD.replace('"orders"', '"orders", partitions=0'), "partitions is 0"),
    ],
)
def test_invalid_file_is_named_with_the_reason(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text(text)

    with pytest.raises(InvalidScenarioError) as raised:
        load(str(file))

    assert str(file) in str(raised.value)
    assert said in str(raised.value)


def test_bootstrap_servers_are_not_a_scenario_s_matter() -> None:
    with pytest.raises(ValueError, match=r"bootstrap\.servers"):
        Scenario(name="x", question="?", cluster=ClusterConfig(), producer={"bootstrap.servers": "b1:1"})
