"""`acklab gateway` as a process of its own, which can be killed and begun again where it was."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from random import Random
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from types import TracebackType

END_S_MAX = 180
_PORTS = range(20_000, 32_000)
"""Below those that the system gives to whoever wants any."""


class GatewayProcess:
    """Runs from `with` to its end; `kill` ends it without a word, and `begin` begins it again at the same ports."""

    def __init__(self, bootstrap: str, *words: str, brokers: int = 3) -> None:
        self.port = _free_ports(1 + brokers + 1)
        self._line = [sys.executable, "-m", "sim", "gateway", "--port", str(self.port), "--json", *words]
        for address in bootstrap.split(","):
            self._line += ["--upstream", address]
        self._process: subprocess.Popen[str]

    @property
    def bootstrap(self) -> str:
        return f"127.0.0.1:{self.port}"

    def begin(self) -> None:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(self._line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(self._process.communicate(timeout=END_S_MAX)[1])
        assert json.loads(line)["bootstrap"] == self.bootstrap

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()
        self._process.communicate(timeout=END_S_MAX)

    def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, Any]:
        """End it by a signal. Gives its status, and what it told."""
        self._process.send_signal(number)
        out, _ = self._process.communicate(timeout=END_S_MAX)
        return self._process.returncode, json.loads(out)

    def __enter__(self) -> Self:
        self.begin()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.kill()


def _free_ports(count: int) -> int:
    """Give the first of so many ports in a row that nobody listens at."""
    chance = Random()
    while True:
        first = chance.choice(_PORTS)
        with ExitStack() as taken:
            try:
                for port in range(first, first + count):
                    taken.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
            return first
