"""The command `acklab`, run as a user runs it: in a process of its own."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
COMMAND_S_MAX = 150


def acklab(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sim", *words],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        timeout=COMMAND_S_MAX,
        check=False,
        stdin=subprocess.DEVNULL,
    )
