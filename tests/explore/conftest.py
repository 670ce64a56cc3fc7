"""Fixtures of the searches' tests."""

import pytest

from tests.cli.command import run_here
from tests.cli.conftest import Acklab


@pytest.fixture
def acklab(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Acklab:
    """Run `acklab WORDS` in this process, 80 columns wide."""
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *words: run_here(capsys, monkeypatch, *words)
