"""Fixtures of the command line's tests."""

from collections.abc import Callable

import pytest

from tests.cli.command import Told, run_here

Acklab = Callable[..., Told]


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: run_here(capsys, monkeypatch, *words)
