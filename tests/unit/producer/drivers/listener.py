"""A server that greets, and keeps whatever one client sends."""

from __future__ import annotations

import socket
import threading

from tests.unit.producer.drivers.notes import WAIT_S


class Listener:
    """Serves one client on 127.0.0.1, on a thread of its own."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(WAIT_S)
        self.port = self.socket.getsockname()[1]
        self.received = bytearray()
        self.is_over = False
        """Whether the client has ended its side."""
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        try:
            client, _ = self.socket.accept()
        except TimeoutError:
            return
        with client:
            client.sendall(b"hello")
            while data := client.recv(65_536):
                self.received += data
        self.is_over = True

    def finish(self) -> None:
        self.thread.join(WAIT_S)
        self.socket.close()
        assert not self.thread.is_alive()
