"""Who works for a search ends with it, even where it is killed without a word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.architecture.processes import ROOT

PATIENCE_S = 60
COMMANDS = {
    "acklab explore": ("-m", "sim", "explore", "--schedules", "100000", "--jobs", "2"),
    "make agree": ("-m", "tests.second_judge", "--runs", "100000", "--jobs", "2"),
}
WORKER = b"spawn_main"
"""What the command line of a spawned worker has in it."""

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="children are looked up in /proc")


def workers_of(process: subprocess.Popen[bytes]) -> list[int]:
    """Give its children that work for it."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    children = [int(child) for child in path.read_text(encoding="ascii").split()] if path.exists() else []
    return [child for child in children if WORKER in command_line(child)]


def command_line(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def is_there(pid: int) -> bool:
    """Whether it runs; who has ended, and whom nobody has asked about yet, does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(holds: Callable[[], bool]) -> bool:
    """Ask again and again, for a while."""
    until_s = monotonic() + PATIENCE_S
    while not holds() and monotonic() < until_s:
        sleep(0.05)
    return holds()


@contextmanager
def started(arguments: tuple[str, ...]) -> Iterator[subprocess.Popen[bytes]]:
    """Start a command; whatever is left of it in the end is ended by its id."""
    process = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    workers: list[int] = []
    try:
        assert wait_until(lambda: len(workers_of(process)) == 2), "two workers do not begin"
        workers += workers_of(process)
        yield process
    finally:
        process.kill()
        process.wait()
        for worker in workers:
            if WORKER in command_line(worker):
                os.kill(worker, signal.SIGKILL)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("command", COMMANDS)
def test_workers_end_with_whom_they_work_for(command: str, end: signal.Signals) -> None:
    with started(COMMANDS[command]) as process:
        workers = workers_of(process)

        process.send_signal(end)
        process.wait(PATIENCE_S)

        assert wait_until(lambda: not any(map(is_there, workers)))


def test_workers_can_be_started_where_a_screen_stands_in_for_stderr() -> None:
    """Textual's stand-in has no number, and Python would hand that on to the process that it starts."""
    program = (
        "import sys\n"
        "from sim.explore.workers import ensure_tracker, pool\n"
        "class Screen:\n"
        "    def fileno(self): return -1\n"
        "    def write(self, text): return len(text)\n"
        "    def flush(self): pass\n"
        "if __name__ == '__main__':\n"
        "    sys.stderr = Screen()\n"
        "    ensure_tracker()\n"
        "    with pool(1) as workers:\n"
        "        print(workers.submit(abs, -3).result())\n"
    )

    told = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert (told.returncode, told.stdout) == (0, "3\n"), told.stderr
