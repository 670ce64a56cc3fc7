"""A process beside the one that is measured, so that its processor time and memory are not counted."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

END_S_MAX = 10


@contextmanager
def running(module: str, *, what: str) -> Iterator[str]:
    """Run `python -m module` until the end of `with`, when its stdin ends. Gives the one line that it prints once it is there."""
    process = subprocess.Popen([sys.executable, "-m", module], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        line = process.stdout.readline().strip()
        assert line, f"{what} did not start"
        yield line
    finally:
        process.stdin.close()  # which is what it waits for
        process.wait(END_S_MAX)
