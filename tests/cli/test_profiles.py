"""Profiles on the command line: explained by `acklab doctor`, used by `acklab run`."""

import json
from pathlib import Path

import pytest

from producer.config.profiles import PROFILES
from tests.cli.conftest import Acklab


@pytest.mark.parametrize("name", PROFILES)
def test_doctor_explains_a_profile(acklab: Acklab, name: str) -> None:
    told = acklab("doctor", "--profile", name)

    assert told.status == 0
    assert told.out.startswith(f"{name}: {PROFILES[name].purpose}\n")
    for setting in (*PROFILES[name].settings, *PROFILES[name].needs):
        assert f"  {setting.name}={setting.value}\n      {setting.why[:20]}" in told.out
    for heading in ("sets, unless it is given besides:", "promises:", "does not promise:", "needs beside it"):
        assert f"\n{heading}" in told.out
    assert f"-X acklab.profile={name}" in told.out


def test_doctor_gives_a_profile_to_programs(acklab: Acklab) -> None:
    told = json.loads(acklab("doctor", "--profile", "safe", "--json").out)

    assert told["format"] == "acklab-profile-1"
    assert {one["name"]: one["value"] for one in told["sets"]} == PROFILES["safe"].properties
    assert {"name", "purpose", "promises", "does_not_promise", "needs"} <= set(told)


@pytest.mark.parametrize(
    ("words", "problem"),
    [(["--profile"], "which profile?"), (["--profile", "--json"], "which profile?"), (["--profile", "fast"], "'fast'")],
    ids=str,
)
def test_doctor_lists_the_profiles_when_it_is_given_none(acklab: Acklab, words: list[str], problem: str) -> None:
    told = acklab("doctor", *words)

    assert told.status == 2
    assert told.out == ""
    assert problem in told.err
    assert "there are safe, strict_order, throughput, low_latency" in told.err


def test_a_run_with_a_profile_says_its_properties(acklab: Acklab) -> None:
    told = acklab("run", "acks_one_leader_crash", "--set", "acklab.profile=safe", "--json")

    assert told.status == 0
    assert json.loads(told.out)["properties"]["acks"] == "all"


def test_an_unknown_profile_ends_a_run_before_it_begins(acklab: Acklab) -> None:
    told = acklab("run", "acks_one_leader_crash", "--set", "acklab.profile=fast")

    assert told.status == 2
    assert told.err == "acklab: acklab.profile is 'fast', must be one of safe, strict_order, throughput, low_latency\n"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (
            ["acklab.profile=fast"],
            "acklab.profile is 'fast', must be one of safe, strict_order, throughput, low_latency",
        ),
        (
            ["acklab.profile=safe", "acks=1"],
            "acks is 1, must be all for an idempotent producer, as of acklab.profile=safe",
        ),
    ],
)
def test_produce_takes_profiles_and_refuses_what_contradicts_them(
    acklab: Acklab, tmp_path: Path, given: list[str], said: str
) -> None:
    lines = tmp_path / "lines.txt"
    lines.write_text("value\n")

    told = acklab(
        "produce", "-b", "127.0.0.1:1", "-t", "t", *(word for one in given for word in ("-X", one)), str(lines)
    )

    assert (told.status, told.err) == (2, f"acklab: {said}\n")
