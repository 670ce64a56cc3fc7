"""One process of Apache Kafka: its files, its life, and what becomes of it when the test run ends first."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.interop.jars import java

LOG_LINES_SHOWN = 40
PR_SET_PDEATHSIG = 1


@dataclass
class Node:
    """One node of a cluster, alive or not; its disk is formatted by others."""

    node_id: int
    listeners: Mapping[str, int]
    """Listener name -> port."""
    folder: Path
    """The cluster's."""
    process: subprocess.Popen[bytes] | None = None
    is_paused: bool = False

    @property
    def is_broker(self) -> bool:
        return "PLAINTEXT" in self.listeners

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def is_awake(self) -> bool:
        return self.is_running and not self.is_paused

    @property
    def is_listening(self) -> bool:
        """Whether its first listener takes connections; a paused node's does."""
        port = next(iter(self.listeners.values()))
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return True
        return False

    # -- files ---------------------------------------------------------------------------------------------------------

    @property
    def properties(self) -> Path:
        return self.folder / f"node-{self.node_id}.properties"

    @property
    def data(self) -> Path:
        return self.folder / f"node-{self.node_id}"

    @property
    def log(self) -> Path:
        return self.folder / f"node-{self.node_id}.log"

    def last_lines(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:] if self.log.exists() else []
        return "\n".join([f"-- node {self.node_id} --", *lines])

    # -- life ----------------------------------------------------------------------------------------------------------

    def launch(self) -> None:
        """Start the process, on the disk that it has; it listens some seconds later."""
        assert not self.is_running, f"node {self.node_id} runs already"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                java("kafka.Kafka", str(self.properties)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C goes to pytest, whose fixture then ends the nodes
                preexec_fn=die_with_parent,  # noqa: PLW1509 - one prctl call, before any other thread can matter
            )
        self.is_paused = False

    def kill(self) -> None:
        """SIGKILL, which ends a paused one too."""
        process = self._running()
        process.kill()
        process.wait()

    def terminate(self, *, within_s: float) -> None:
        """SIGTERM, and wait for the end of an orderly shutdown."""
        process = self._running()
        process.terminate()
        process.wait(within_s)

    def pause(self) -> None:
        """SIGSTOP: its sockets keep what arrives.

        Each thread stops when it next runs, and until then goes on with what it is given: wait for the last of them.
        """
        process = self._running()
        process.send_signal(signal.SIGSTOP)
        _, status = os.waitpid(process.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status), f"node {self.node_id} ended instead of standing still: wait status {status}"
        self.is_paused = True

    def resume(self) -> None:
        self._running().send_signal(signal.SIGCONT)
        self.is_paused = False

    def _running(self) -> subprocess.Popen[bytes]:
        assert self.process is not None
        assert self.process.poll() is None, f"node {self.node_id} is not running"
        return self.process


def die_with_parent() -> None:
    """On Linux a process ends with the test run even when that is killed and no fixture comes to its end."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
