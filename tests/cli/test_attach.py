"""`acklab watch --attach`: what it refuses before it draws anything."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import sim.cli  # noqa: F401 - it loads the file
from tests.cli.command import Told, run_here

Acklab = Callable[..., Told]


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process, as if in a terminal."""
    # By that name the package has the command, not the file.
    monkeypatch.setattr(sys.modules["sim.cli.watch"], "is_terminal", lambda: True)
    return lambda *words: run_here(capsys, monkeypatch, *words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attach", "9091"), "--attach 9091: expected the control port, as in --attach 127.0.0.1:9091"),
        (("--attach", "127.0.0.1:x"), "expected the control port"),
        (("--attach", "127.0.0.1:99999"), "expected the control port"),
        (("--attach", "10.0.0.7:9091"), "a control port listens on 127.0.0.1"),
        (("--attach", "127.0.0.1:1"), "no answer from http://127.0.0.1:1"),
        (("hot_key", "--attach", "127.0.0.1:9091"), "give it alone"),
        (("--attach", "127.0.0.1:9091", "--plain"), "give it alone"),
        (("--attach", "127.0.0.1:9091", "--seed", "3"), "give it alone"),
        ((), "Missing argument"),
        (("hot_key", "--live", "--plain"), "--live is played on a screen"),
    ],
)
def test_what_cannot_be_attached_is_refused(words: tuple[str, ...], said: str, acklab: Acklab) -> None:
    told = acklab("watch", *words)

    assert (told.status, told.out) == (2, "")
    assert said in told.err


def test_a_trace_whose_scenario_is_gone_is_not_played_live(acklab: Acklab, tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    acklab("run", "acks_one_leader_crash", "--trace", str(path))
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[0] = lines[0].replace('"witness": {', '"witness": {"nobody": 1, ')
    path.write_text("".join(lines), encoding="utf-8")

    told = acklab("watch", str(path), "--live")
    assert told.status == 2
    assert "one future only" in told.err
