"""`acklab watch` without a terminal: the same as text, clear errors, the statuses of `run`; and what may load Textual."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here

Acklab = Callable[..., Told]
STORY = "acks_one_leader_crash"


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process."""
    return lambda *words: run_here(capsys, monkeypatch, *words)


def test_plain_tells_state_verdicts_and_events(acklab: Acklab) -> None:
    told = acklab("watch", STORY, "--plain")

    assert told.status == 1
    assert "STATE at the end" in told.out
    assert "✗ lost       15 of 30; promised" in told.out
    assert re.search(r"2\.53\d{4}s #181   x fault: crash b1", told.out)
    assert told.out.rstrip().endswith("the run is over")


def test_plain_tells_the_state_of_a_moment(acklab: Acklab) -> None:
    told = acklab("watch", STORY, "--plain", "--at", "181")

    assert re.search(r"STATE at the moment asked for, 2\.53\d{4}s, after event #181 of 227", told.out)
    assert "end 30 hw 15" in told.out


def test_another_configuration_ends_in_another_status(acklab: Acklab) -> None:
    assert acklab("watch", STORY, "--plain", "--set", "acks=all").status == 0


def test_a_trace_and_a_witness_tell_the_same_run(acklab: Acklab, tmp_path: Path) -> None:
    trace, witness = tmp_path / "run.jsonl", tmp_path / "run.json"
    acklab("run", STORY, "--seed", "3", "--trace", str(trace), "--witness", str(witness))

    direct = acklab("watch", STORY, "--seed", "3", "--plain")

    assert acklab("watch", str(trace), "--plain") == direct
    assert acklab("watch", str(witness), "--plain") == direct


@pytest.mark.parametrize(
    "fault, status, said",
    [
        ("at 0s: restart b1", 3, "! no effect: at 0s: restart b1 (broker 1 is running already)"),
        ("at 0s: restart b1 if possible", 0, ""),
        ("after PhaseBegan#7: crash b1", 3, "! no fault: after PhaseBegan#7: crash b1 (its moment never came)"),
    ],
)
def test_a_run_whose_fault_did_not_strike_is_not_the_one_asked_for_nor_is_its_trace(
    acklab: Acklab, tmp_path: Path, fault: str, status: int, said: str
) -> None:
    trace = tmp_path / "run.jsonl"
    words = ["hot_key", "--fault", fault]
    acklab("run", *words, "--trace", str(trace))

    direct, read = acklab("watch", *words, "--plain"), acklab("watch", str(trace), "--plain")

    assert (direct.status, read.status) == (status, status)
    assert said in direct.out
    assert said in read.out


def test_a_trace_whose_scenario_is_gone_is_told_all_the_same(acklab: Acklab, tmp_path: Path) -> None:
    trace = tmp_path / "run.jsonl"
    acklab("run", STORY, "--trace", str(trace))
    first, rest = trace.read_text().split("\n", 1)
    header = json.loads(first)
    header["witness"] |= {"scenario": "gone", "told": None}
    trace.write_text(json.dumps(header) + "\n" + rest)

    told = acklab("watch", str(trace), "--plain")

    assert told.status == 1
    assert "it cannot be run again: unknown scenario 'gone'" in told.out


@pytest.mark.parametrize(
    "words,said",
    [
        ([STORY], "watch needs a terminal; --plain prints the same as text"),
        (["nosuch", "--plain"], "unknown scenario 'nosuch'"),
        (["/no/such.jsonl", "--plain"], "cannot read /no/such.jsonl: No such file or directory"),
        ([STORY, "--plain", "--set", "ack=1"], "did you mean acks?"),
        ([STORY, "--plain", "--fault", "crash b1"], "--fault"),
        ([STORY, "--plain", "--at", "9999"], "--at 9999: the events are 0..227"),
        ([STORY, "--plain", "--input", "/no/such"], "cannot read /no/such"),
        ([STORY, "--plain", "--planted-bug", "nosuch"], "unknown planted bug"),
    ],
)
def test_usage_error_names_the_thing_and_the_value(words: list[str], said: str, acklab: Acklab) -> None:
    told = acklab("watch", *words)

    assert told.status == 2
    assert said in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    "content,said",
    [
        (b"", "neither a witness nor a trace"),
        (b"hello", "neither a witness nor a trace"),
        (b"\xff\xfe\x00", "it is not text"),
        (b"{}", "is not a witness"),
        (b'{"format": "acklab-trace-1", "scenario": "x", "seed": 0, "witness": {}}\n', "a trace without events"),
        (b'{"format": "acklab-trace-1", "scenario": "x", "seed": 0, "witness": {}}\n["Nope", 1]\n', "line 2"),
        (b'{"format": "acklab-trace-9", "scenario": "x", "seed": 0, "witness": {}}\n', "must be 'acklab-trace-1'"),
    ],
)
def test_a_file_that_is_no_run_is_refused(content: bytes, said: str, acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "given.json"
    path.write_bytes(content)

    told = acklab("watch", str(path), "--plain")

    assert told.status == 2
    assert said in told.err
    assert str(path) in told.err


def test_a_recording_is_watched_as_it_was(acklab: Acklab, tmp_path: Path) -> None:
    trace = tmp_path / "run.jsonl"
    acklab("run", STORY, "--trace", str(trace))

    told = acklab("watch", str(trace), "--plain", "--set", "acks=all")

    assert told.status == 2
    assert "one run as it was" in told.err


def test_acklab_alone_without_a_terminal_prints_help(acklab: Acklab) -> None:
    told = acklab()

    assert told.status == 0
    assert "Usage: acklab" in told.out


@pytest.mark.parametrize(
    "code",
    [
        "import sim.tui.view_model, sim.tui.session, sim.tui.plain, sim.tui.playhead, sim.tui.changes",
        "import sim.cli",
    ],
)
def test_only_the_screens_load_textual(code: str) -> None:
    check = f"{code}; import sys; assert not any(name.partition('.')[0] in ('textual', 'rich') for name in sys.modules)"

    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
