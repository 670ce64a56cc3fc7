"""`--set` takes settings of topics and brokers beside producer properties, wherever it is taken, and a run keeps them."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Acklab

STORY = "acks_one_leader_crash"
SHORT_LAG = "broker.replica.lag.time.max.ms=1500"
ONE_IS_ENOUGH = "orders.min.insync.replicas=1"


def test_a_setting_of_the_brokers_changes_what_becomes_of_the_same_faults(acklab: Acklab) -> None:
    lost, kept = acklab("run", STORY), acklab("run", STORY, "--set", SHORT_LAG, "--set", ONE_IS_ENOUGH)

    assert (lost.status, kept.status) == (1, 0)
    assert "cluster" not in lost.out.split("records")[0]
    assert f"cluster    {SHORT_LAG} {ONE_IS_ENOUGH}" in kept.out
    assert f"--set {SHORT_LAG} --set {ONE_IS_ENOUGH}" in kept.out.splitlines()[-1]


def test_settings_are_kept_in_a_witness_and_their_run_repeats(acklab: Acklab, tmp_path: Path) -> None:
    witness = tmp_path / "w.json"

    ran = acklab("run", STORY, "--set", SHORT_LAG, "--set", ONE_IS_ENOUGH, "--witness", str(witness))
    told = json.loads(witness.read_text())
    plain = tmp_path / "plain.json"
    acklab("run", STORY, "--witness", str(plain))

    assert told["properties"] == {"acks": "1", **dict(one.split("=") for one in (SHORT_LAG, ONE_IS_ENOUGH))}
    # What stands in the witness is no part of what the story was.
    assert told["story"] == json.loads(plain.read_text())["story"]
    replayed = acklab("replay", str(witness))
    assert replayed.status == ran.status == 0
    assert f"digest  {told['digest']}" in replayed.out
    assert SHORT_LAG in replayed.out


def test_another_configuration_beside_is_on_the_same_cluster(acklab: Acklab) -> None:
    told = json.loads(acklab("run", STORY, "--set", SHORT_LAG, "--beside", "default", "--json").out)
    other = json.loads(acklab("run", STORY, "--set", SHORT_LAG, "--beside", ONE_IS_ENOUGH, "--json").out)

    name, value = SHORT_LAG.split("=")
    assert told["beside"]["properties"] == {name: value}
    assert other["beside"]["properties"] == {"acks": "1", name: value, "orders.min.insync.replicas": "1"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("min.insync.replicas=1", "unknown property or setting 'min.insync.replicas'; did you mean orders.min.insync"),
        ("replica.lag.time.max.ms=1", "did you mean broker.replica.lag.time.max.ms?"),
        ("orders.min.insync.replica=1", "no setting of topic orders here: did you mean orders.min.insync.replicas?"),
        ("akcs=1", "unknown property or setting 'akcs'; did you mean acks?"),
        ("orders.partitions=0", "partitions is 0, must be at least 1"),
    ],
)
@pytest.mark.parametrize("command", ["run", "watch", "explore"])
def test_a_wrong_name_is_told_with_the_nearest_of_either_kind(
    acklab: Acklab, command: str, given: str, said: str
) -> None:
    told = acklab(command, STORY, "--set", given, *(["--plain"] if command == "watch" else []))

    assert told.status == 2
    assert said in told.err


def test_watch_and_explore_take_settings(acklab: Acklab, tmp_path: Path) -> None:
    watched = acklab("watch", STORY, "--set", ONE_IS_ENOUGH, "--plain")
    explored = acklab("explore", STORY, "--set", "orders.partitions=3", "--schedules", "4", "--jobs", "1", "--json",
                      "--out", str(tmp_path))  # fmt: skip

    assert f"acks=1 {ONE_IS_ENOUGH}" in watched.out.splitlines()[0]
    assert json.loads(explored.out)["properties"] == {"acks": "1", "orders.partitions": "3"}


def test_settings_of_a_story_stand_beside_its_cluster(acklab: Acklab, tmp_path: Path) -> None:
    story = tmp_path / "set.py"
    story.write_text(
        "from sim import ClusterConfig, Scenario, TopicConfig\n"
        "SCENARIO = Scenario(name='set', question='?', cluster=ClusterConfig(topics=(TopicConfig('orders'),)),\n"
        "                    settings={'orders.partitions': '4'}, repairs_after_us='1.5s')\n"
    )

    assert "cluster    orders.partitions=4" in acklab("run", str(story)).out
    story.write_text(story.read_text().replace("partitions", "partition"))
    wrong = acklab("run", str(story))
    assert wrong.status == 4
    assert "did you mean orders.partitions?" in wrong.err
