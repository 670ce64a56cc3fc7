"""The command line run as a user runs it, and in this process where that says the same faster."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
COMMAND_S_MAX = 300


class Told(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str


def run_here(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> Told:
    """Run `acklab WORDS` in this process."""
    from sim.cli import main

    monkeypatch.setattr(sys, "argv", ["acklab", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    captured = capsys.readouterr()
    return Told(int(ended.value.code or 0), captured.out, captured.err)


def run_process(*words: str, stdin: bytes = b"", **environment: str) -> Told:
    """Run `acklab WORDS` in a process of its own, with pipes for a terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "sim", *words],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        timeout=COMMAND_S_MAX,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80", **environment},
    )
    return Told(done.returncode, done.stdout.decode(), done.stderr.decode())
