"""Every word of the command line says what it means where a story has several applications."""

import json
from pathlib import Path

import pytest

from tests.cli.command import ROOT
from tests.cli.conftest import Acklab

TWO = "two_applications"


def test_a_run_tells_each_application_s_configuration_and_each_client_s_records(acklab: Acklab) -> None:
    told = acklab("run", "zombie_application").out

    assert "billing: 30 sent, 30 acknowledged, 0 failed" in told
    assert "billing.2: 14 sent, 14 acknowledged, 0 failed" in told
    told = acklab("run", TWO).out
    assert "  producers  billing: default configuration\n             metrics: acks=1\n" in told
    assert "Lost: user-0 (record 11 of metrics)" in told
    assert "metrics is told that record 11 is written" in told


def test_json_counts_client_by_client(acklab: Acklab) -> None:
    told = json.loads(acklab("run", TWO, "--json").out)

    assert told["clients"] == [
        {"client": "billing", "sent": 20, "acknowledged": 20, "failed": 0, "unknown": 0},
        {"client": "metrics", "sent": 20, "acknowledged": 20, "failed": 0, "unknown": 0},
    ]
    assert told["properties"] == {"metrics:acks": "1"}


def test_a_property_is_set_for_one_application_or_for_all(acklab: Acklab) -> None:
    assert acklab("run", TWO, "--set", "metrics:acks=all").status == 0
    assert acklab("run", TWO, "--set", "acks=all").status == 0
    told = json.loads(acklab("run", TWO, "--set", "linger.ms=3", "--set", "billing:linger.ms=9", "--json").out)
    assert told["properties"] == {"billing:linger.ms": "9", "metrics:acks": "1", "metrics:linger.ms": "3"}


def test_the_only_application_may_be_named_too(acklab: Acklab) -> None:
    told = json.loads(acklab("run", "hot_key", "--set", "producer-1:linger.ms=3", "--json").out)

    assert told["properties"] == {"linger.ms": "3"}


@pytest.mark.parametrize(
    "words,said",
    [
        (
            ["--set", "metric:acks=all"],
            "'metric:acks' is of an application 'metric', applications are billing, metrics",
        ),
        (["--set", "metrics:ack=all"], "did you mean acks"),
        (["--set", "metrics:acks=7"], "metrics: acks is '7'"),
        (["--set", "metrics:bootstrap.servers=x:1"], "the simulated cluster's matter"),
        (["--beside", "metric:acks=all"], "applications are billing, metrics"),
        (["--fault", "at 1s: kill metric"], "names application 'metric', applications are billing, metrics"),
        (["--fault", "at 1s: kill metrics.2"], "names metrics.2, metrics has 1 life"),
        (["--fault", "at 1s: cut producer-1 <-> *"], "names host 'producer-1', hosts are controller, billing, metrics"),
        (["--fault", "after RecordSent client=metric: crash b1"], "names client 'metric'"),
    ],
)
def test_a_stranger_is_named_before_the_run_and_so_is_who_there_is(acklab: Acklab, words: list[str], said: str) -> None:
    told = acklab("run", TWO, *words)

    assert told.status == 2
    assert said in told.err
    assert told.out == ""


def test_a_scenario_s_file_that_names_a_stranger_is_invalid(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    text = (ROOT / "scenarios" / "zombie_application.py").read_text()
    for wrong, said in (
        (text.replace('.pause("billing")', '.pause("biling")'), "names application 'biling', applications are billing"),
        (text.replace('pause("billing")', 'pause("billing.3")'), "names billing.3, billing has 2 lives at most"),
        (text.replace('name="billing"', 'name="b1"'), "Application.name is 'b1'"),
        (text.replace("workload=Workload(", 'workload=Workload(topic="oders", '), "names topic 'oders'"),
    ):
        file.write_text(wrong)
        told = acklab("run", str(file))
        assert told.status == 4
        assert said in told.err


def test_a_profile_is_one_application_s(acklab: Acklab) -> None:
    told = json.loads(acklab("run", TWO, "--set", "metrics:acklab.profile=safe", "--json").out)

    assert told["properties"]["metrics:acks"] == "all"
    assert not any(name.startswith("billing:") for name in told["properties"])


def test_records_of_one_s_own_are_somebody_s(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "in.txt"
    file.write_text("k:1\nk:2\nk:3\n")

    told = acklab("run", TWO, "--input", str(file))
    assert told.status == 2
    assert f"there are the applications billing, metrics; say whose, as in --input billing={file}" in told.err
    told = acklab("run", TWO, "--input", f"metrics={file}")
    assert "billing: 20 sent" in told.out
    assert "metrics: 3 sent" in told.out
    assert f"--input metrics={file}" in told.out


def test_a_witness_repeats_properties_and_records_of_each(acklab: Acklab, tmp_path: Path) -> None:
    file, witness = tmp_path / "in.txt", tmp_path / "w.json"
    file.write_text("k:1\nk:2\nk:3\n")
    words = ["--input", f"metrics={file}", "--set", "billing:linger.ms=9", "--witness", str(witness)]

    told = acklab("run", TWO, *words)

    again = acklab("replay", str(witness))
    assert again.status == told.status == 1
    assert again.err == ""
    assert [line for line in told.out.splitlines() if line.startswith("digest")] == [
        line for line in again.out.splitlines() if line.startswith("digest")
    ]


def test_beside_lays_properties_over_one_application_s(acklab: Acklab) -> None:
    told = acklab("run", TWO, "--beside", "metrics:acks=all")

    assert "metrics:acks=all" in told.out
    assert "The promise held." in " ".join(told.out.split())


def test_watch_prints_each_client_s_state(acklab: Acklab) -> None:
    told = acklab("watch", "application_restarts", "--plain").out

    assert "PRODUCERS     billing ✗ ended, id" in told
    assert "billing.2, id" in told
    assert "billing is killed: it flushes and closes nothing" in told
    assert "billing starts again, as billing.2" in told
    assert "once more, as record 1" in told


def test_explore_searches_a_story_of_several_applications(acklab: Acklab, tmp_path: Path) -> None:
    told = acklab("explore", TWO, "-n", "6", "-j", "1", "--set", "acks=all", "--faults", "NCA", "--out", str(tmp_path))

    assert told.status in {0, 1}
    assert "after the first phase" in told.out
    assert "6 schedules" in told.out
