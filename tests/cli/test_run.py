"""`acklab run`, `list` and `replay`: what they print, and how they end."""

import json
import re
from pathlib import Path

import pytest

from sim.stories.scenario import load_all
from tests.cli.command import ROOT, run_process
from tests.cli.conftest import Acklab

FLIGHTS = str(ROOT / "scenarios" / "data" / "flights.txt")


def widest(text: str) -> int:
    """Columns taken; the command to do it again is one line, to be copied whole."""
    return max(len(line) for line in text.splitlines() if not line.startswith("again"))


def test_list_names_every_scenario_with_its_question(acklab: Acklab) -> None:
    told = acklab("list")

    assert told.status == 0
    assert "acks_one_leader_crash" in told.out
    assert "are they lost?" in told.out
    assert widest(told.out) <= 80


def test_list_asks_and_leaves_the_answer_to_a_run(acklab: Acklab) -> None:
    asked, answered = acklab("list").out, acklab("list", "--endings").out

    assert "every promise holds" not in asked
    assert "breaks: " not in asked
    for one in load_all():
        ending = f"breaks: {', '.join(sorted(one.expects))}" if one.expects else "every promise holds"
        assert f"{one.name} {one.question}" in " ".join(asked.split())
        assert f"{one.name} {one.question} {ending}" in " ".join(answered.split())
    assert asked.rstrip().endswith("acklab list --endings  tells how each ends")
    assert widest(answered) <= 80


def test_list_as_json_names_its_format(acklab: Acklab) -> None:
    told = json.loads(acklab("list", "--json").out)

    assert told["format"] == "acklab-list-1"
    assert {"acks_one_leader_crash", "hot_key"} <= {one["name"] for one in told["scenarios"]}


def test_violated_run_explains_what_was_lost_and_why(acklab: Acklab) -> None:
    told = acklab("run", "acks_one_leader_crash")

    assert told.status == 1
    assert told.err == ""
    text = " ".join(told.out.split())
    for said in (
        "30 sent, 30 acknowledged, 0 failed; 15 read back",
        "VIOLATED by 15 of 30 records",
        "user-0 (record 16)",
        "and 10 more",
        "b1 appends it at offsets 15 to 19",
        "the application is told that record 16 is written, at offset 15",
        "b1 crashes; its disk is kept",
        "b2 is elected leader of orders-0, epoch 1",
        "b2 begins to lead with its log ending at offset 15",
        "b1 cuts its log: offsets 15 to 29 gone",
        "b2 never had it",
        "again acklab run acks_one_leader_crash --seed 0",
    ):
        assert said in text
    assert re.search(r"digest  [0-9a-f]{32}\n", told.out)
    assert widest(told.out) <= 80


def test_run_that_holds_ends_with_zero(acklab: Acklab) -> None:
    told = acklab("run", "acks_one_leader_crash", "--set", "acks=all")

    assert told.status == 0
    assert "VIOLATED" not in told.out


def test_two_configurations_stand_side_by_side_and_the_first_decides(acklab: Acklab) -> None:
    told = acklab("run", "acks_one_leader_crash", "--input", FLIGHTS, "--beside", "default")

    assert told.status == 1
    assert re.search(r"^lost +✗ 150 of 300 +✓ none$", told.out, re.MULTILINE)
    assert re.search(r"^read back +150 +300$", told.out, re.MULTILINE)
    assert "The promise held." in told.out
    assert widest(told.out) <= 80


def test_beside_takes_properties_over_those_of_the_run(acklab: Acklab) -> None:
    told = acklab("run", "lost_ack_duplicate", "--beside", "enable.idempotence=true,linger.ms=1", "--json")

    both = json.loads(told.out)
    assert told.status == 1
    assert both["format"] == "acklab-comparison-1"
    assert both["run"]["exit_code"] == 1
    assert both["beside"]["exit_code"] == 0
    assert both["beside"]["properties"] == {"enable.idempotence": "true", "linger.ms": "1"}


def test_json_is_one_object_with_a_format(acklab: Acklab) -> None:
    told = acklab("run", "hot_key", "--seed", "3", "--json")

    report = json.loads(told.out)
    assert report["format"] == "acklab-report-3"
    assert (report["scenario"], report["seed"], report["exit_code"]) == ("hot_key", 3, 0)


def test_hot_key_shows_the_load_of_each_partition(acklab: Acklab) -> None:
    told = acklab("run", "hot_key")

    assert told.status == 0
    assert "the fullest partition has" in told.out
    assert "user-42" in told.out
    assert widest(told.out) <= 80


def test_fault_on_the_command_line_changes_the_story(acklab: Acklab) -> None:
    told = acklab(
        "run", "hot_key", "--set", "enable.idempotence=false", "--fault",
        "after PhaseBegan: drop Produce x1 by leader(orders-4) then reset",
    )  # fmt: skip

    assert told.status == 1
    assert "Duplicated" in told.out


def test_fault_that_never_strikes_is_inconclusive(acklab: Acklab) -> None:
    told = acklab("run", "hot_key", "--fault", "after PhaseBegan#7: crash b1")

    assert told.status == 3
    assert "no fault: after PhaseBegan#7: crash b1 (its moment never came)" in told.out


def test_fault_without_effect_is_told(acklab: Acklab) -> None:
    told = acklab("run", "hot_key", "--fault", "at 0s: restart b1")

    assert told.status == 3
    assert "? no effect: at 0s: restart b1 (broker 1 is running already)" in told.out


def test_fault_without_effect_beside_is_told(acklab: Acklab) -> None:
    told = acklab("run", "hot_key", "--fault", "at 0s: restart b1 if possible", "--beside", "acks=1")

    assert told.status == 0
    assert "! no effect: at 0s: restart b1 if possible (broker 1 is running already)" in told.out
    assert "! beside: no effect: at 0s: restart b1 if possible (broker 1 is running already)" in told.out


@pytest.mark.parametrize(
    "fault, said",
    [
        ("at 0s: crash b9", "names broker 9, brokers are 1..3"),
        ("at 0s: crash leader(nope-0)", "names topic 'nope'"),
        ("at 0s: move orders-99", "names partition orders-99"),
        ("at 0s: cut b1 <-> producer-7", "names host 'producer-7', hosts are controller, producer-1, b1, b2, b3"),
    ],
)
@pytest.mark.parametrize("command", [["run"], ["watch", "--plain"]], ids=["run", "watch"])
def test_fault_that_names_what_is_not_there_is_refused_before_the_run(
    acklab: Acklab, command: list[str], fault: str, said: str
) -> None:
    told = acklab(*command, "hot_key", "--fault", fault)

    assert told.status == 2
    assert f"--fault '{fault}' {said}" in told.err


def test_scenario_that_names_what_is_not_there_is_invalid(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "nobody.py"
    file.write_text(
        "from sim import ClusterConfig, Scenario, at\n"
        "SCENARIO = Scenario(name='nobody', question='?', cluster=ClusterConfig(), schedule=(at(0).crash('b9'),))\n"
    )

    told = acklab("run", str(file))

    assert told.status == 4
    assert "'at 0s: crash b9' names broker 9, brokers are 1..3" in told.err


def test_witness_that_names_what_is_not_there_is_no_bug_of_ours(acklab: Acklab, tmp_path: Path) -> None:
    file = tmp_path / "witness.json"
    acklab("run", "hot_key", "--fault", "at 0s: pause b1", "--witness", str(file))
    written = json.loads(file.read_text())
    written["schedule"][-1]["fault"]["broker"] = 9
    file.write_text(json.dumps(written))

    told = acklab("replay", str(file))

    assert told.status == 2
    assert "'at 0s: pause b9' names broker 9" in told.err


def test_wider_screen_is_used(acklab: Acklab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "110")

    assert 80 < widest(acklab("run", "acks_one_leader_crash").out) <= 110


def test_no_escape_codes_reach_a_pipe() -> None:
    told = run_process("run", "acks_one_leader_crash")

    assert told.status == 1
    assert "\033" not in told.out + told.err


def test_output_that_cannot_show_a_mark_shows_something_else() -> None:
    told = run_process("run", "acks_one_leader_crash", PYTHONIOENCODING="ascii", PYTHONUTF8="0")

    assert told.status == 1
    assert "? lost" in told.out


def test_records_come_from_stdin_and_bytes_stay_bytes() -> None:
    told = run_process("run", "acks_one_leader_crash", "--input", "-", "--json", stdin=b"\xff:1\nb:\xfe\n")

    report = json.loads(told.out)
    assert report["counts"]["sent"] == 2
    assert [finding["key"] for finding in report["verdicts"][0]["findings"]] == ["b"]


# -- replay ------------------------------------------------------------------------------------------------------------


def test_witness_and_trace_replay_the_same_run(acklab: Acklab, tmp_path: Path) -> None:
    witness, trace = str(tmp_path / "witness.json"), str(tmp_path / "trace.jsonl")
    first = acklab(
        "run", "acks_one_leader_crash", "--input", FLIGHTS, "--seed", "4", "--witness", witness, "--trace", trace
    )
    digest = re.search(r"digest  (\w+)", first.out)
    assert digest is not None
    assert f"again   acklab replay {witness}" in first.out

    for file in (witness, trace):
        told = acklab("replay", file)
        assert told.status == 1
        assert digest[0] in told.out


def test_scenario_of_one_s_own_replays_from_its_path(acklab: Acklab, tmp_path: Path) -> None:
    mine = tmp_path / "mine.py"
    mine.write_text((ROOT / "scenarios" / "lost_ack_duplicate.py").read_text())
    witness = str(tmp_path / "witness.json")

    assert acklab("run", str(mine), "--witness", witness).status == 1
    assert acklab("replay", witness).status == 1


def test_digest_that_differs_is_our_bug_or_another_version(acklab: Acklab, tmp_path: Path) -> None:
    witness = tmp_path / "witness.json"
    acklab("run", "hot_key", "--witness", str(witness))
    written = json.loads(witness.read_text())
    witness.write_text(json.dumps({**written, "digest": "0" * 32}))

    told = acklab("replay", str(witness))

    assert told.status == 70
    assert "the witness has " + "0" * 32 in told.err
    assert "Traceback" not in told.err
