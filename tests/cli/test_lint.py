"""`acklab lint config`: the status says whether, each finding names what to change and the run that shows it."""

import json
import shlex
from pathlib import Path

import pytest

from producer.governance.lint.rules import RULES
from sim.stories.scenario import load
from tests.cli.conftest import Acklab

RUNS = sorted({rule.shown_by for rule in RULES if rule.shown_by})


@pytest.fixture
def flawed(tmp_path: Path) -> str:
    path = tmp_path / "app.properties"
    path.write_text("acks=1\nsasl.password=planted\n", encoding="utf-8")
    return str(path)


def test_findings_end_with_1_and_name_value_reason_and_run(acklab: Acklab, flawed: str) -> None:
    told = acklab("lint", "config", flawed)

    assert told.status == 1
    assert f"{flawed}:1: loses records: acks=1  (acks-one)" in told.out
    assert "acklab run acks_one_leader_crash" in told.out
    assert "planted" not in told.out + told.err


def test_nothing_found_ends_with_0(acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "app.json"
    path.write_text('{"bootstrap.servers": "a:9092", "acks": "all"}', encoding="utf-8")

    told = acklab("lint", "config", str(path))

    assert (told.status, told.out) == (0, f"{path}: nothing found\n")


def test_programs_are_told_as_json(acklab: Acklab, flawed: str) -> None:
    said = json.loads(acklab("lint", "config", flawed, "--topic", "min.insync.replicas=2", "--json").out)

    assert said["dialect"] == "java"
    assert said["findings"][0]["rule"] == "acks-below-min-insync"
    assert said["findings"][0]["shown_by"] == "acklab run acks_one_below_min_isr"


@pytest.mark.parametrize("words", [("--topic", "acks=1"), ("--dialect", "ruby"), ("--topic", "min.insync.replicas")])
def test_wrong_words_are_usage(acklab: Acklab, flawed: str, words: tuple[str, str]) -> None:
    told = acklab("lint", "config", flawed, *words)

    assert told.status == 2
    assert words[1].partition("=")[0] in told.err


def test_a_file_that_is_not_there_is_usage(acklab: Acklab) -> None:
    assert acklab("lint", "config", "none.properties").status == 2


@pytest.mark.parametrize("run", RUNS)
def test_the_scenario_that_shows_it_is_there(run: str) -> None:
    assert load(shlex.split(run)[0]).name


@pytest.mark.parametrize("run, shown", [
    ("default_config --set max.block.ms=0", "18 acknowledged, 6 failed"),
    ("default_config --set buffer.memory=1000", "0 acknowledged, 24 failed"),
    ("default_config --set enable.idempotence=true --set acks=1", "acks is 1, must be all"),
    ("default_config --set aks=all", "did you mean acks?"),
    ("default_config --set acks=2", "acks is '2'"),
    ("default_config --set acks=all --set request.required.acks=1", "acks=1"),
    ("transaction_is_not_torn --set transaction.timeout.ms=1000000", "0 sent"),
    ("default_config --set delivery.timeout.ms=2147483647 --fault 'at 0s: shrink orders-0 by b2,b3 for 60s'", "73."),
    ("default_config --set max.block.ms=3600000 --fault 'at 0s: cut producer-1 <-> *'", "24 acknowledged, 0 failed"),
    ("lowered_limit_repeats_a_batch --set max.request.size=8000", "duplicated VIOLATED"),
    ("hot_key --set partitioner.class=round_robin", "key order  VIOLATED"),
    ("hot_key --set compression.type=gzip --set batch.size=0", "4804 events"),
    ("rolling_restart --set retries=0", "2 unknown"),
])  # fmt: skip
def test_what_is_named_beside_a_scenario_shows_it(acklab: Acklab, run: str, shown: str) -> None:
    assert run in RUNS
    told = acklab("run", *shlex.split(run))

    assert shown in told.out + told.err
