"""`acklab registry` as a process of its own, for clients of any make."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

START_S_MAX = 180


class Served(NamedTuple):
    url: str
    process: subprocess.Popen[str]

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, dict[str, Any]]:
        """End it by a signal; gives its exit status and what it said last."""
        self.process.send_signal(number)
        out, _ = self.process.communicate(timeout=START_S_MAX)
        return self.process.returncode, json.loads(out.splitlines()[-1])


@contextmanager
def served(*words: str) -> Iterator[Served]:
    """Serve while the block lasts."""
    command = [sys.executable, "-m", "sim", "registry", "--port", "0", "--json", *words]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield Served(json.loads(process.stdout.readline())["url"], process)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
