"""The way to a server over TCP, in real time."""

from __future__ import annotations

import select
import socket
import time

from tests.conformance.suite.wire import Where

CONNECT_S_MAX = 8.0
READ_BYTES = 1 << 20


class TcpStream:
    def __init__(self, where: Where) -> None:
        host, _, port = where.rpartition(":")
        self._socket = socket.create_connection((host, int(port)), CONNECT_S_MAX)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def put(self, data: bytes) -> bool:
        try:
            self._socket.sendall(data)
        except OSError:
            return False
        return True

    def take(self, limit_s: float) -> bytes | None:
        ready, _, _ = select.select([self._socket], [], [], max(0.0, limit_s))
        if not ready:
            return None
        try:
            return self._socket.recv(READ_BYTES)
        except OSError:
            return b""

    def close(self) -> None:
        self._socket.close()


class TcpWire:
    """A cluster that listens at some address."""

    def __init__(self, bootstrap: Where, sasl: Where | None = None) -> None:
        self.bootstrap = bootstrap
        self._sasl = sasl

    @property
    def sasl_bootstrap(self) -> Where:
        if self._sasl is None:
            raise LookupError("no listener with SASL was named")
        return self._sasl

    def connect(self, where: Where) -> TcpStream:
        return TcpStream(where)

    def now_s(self) -> float:
        return time.monotonic()

    def calendar_ms(self) -> int:
        return int(time.time() * 1000)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)
