"""A learner in an empty folder, without any progress."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.command import Told, run_here

Acklab = Callable[..., Told]


@pytest.fixture
def learner(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab learn WORDS` in this process, in a folder of its own."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("ACKLAB_STATE", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return lambda *words: run_here(capsys, monkeypatch, "learn", *words)
