"""A served cluster in this process, on ports of its own, for clients that block."""

from __future__ import annotations

import asyncio
import socket
import struct
from concurrent.futures import Future
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Self

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages.metadata import MetadataRequest
from sim.faults.schedule import parse_entry
from sim.serve.attempt import Attempt
from sim.serve.judgement import Judgement
from sim.serve.server import Server, Serving
from sim.serve.stage import Stage

READY_S_MAX = 120
ANSWER_S_MAX = 30
METADATA_VERSION = 9


class Served:
    """Serves from `with` to its end; then `judgement` says what became of what clients did."""

    def __init__(self, stage: Stage, serving: Serving | None = None) -> None:
        self.server = Server(stage, serving or Serving(port=0))
        self.bootstrap = self.server.bootstrap
        self.judgement: Judgement
        self._error: BaseException | None = None
        self._loop = asyncio.new_event_loop()
        self._ready: Future[None] = Future()
        self._thread = Thread(target=self._run, daemon=True)

    def address(self, broker: int) -> tuple[str, int]:
        return self.server.stage.advertised[broker - 1]

    def strike(self, line: str, when: str = "at 0s") -> Attempt:
        """Let a fault strike, at once unless `when` says otherwise."""
        asked = self.server.strike(parse_entry(f"{when}: {line}"))
        return asyncio.run_coroutine_threadsafe(asked, self._loop).result(ANSWER_S_MAX)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.result(READY_S_MAX)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(RuntimeError):  # it ended by itself, and its loop with it
            self._loop.call_soon_threadsafe(self.server.stop)
        self._thread.join(READY_S_MAX)
        assert not self._thread.is_alive()
        if self._error is not None and error is None:
            raise self._error

    def _run(self) -> None:
        try:
            serving = self.server.serve(lambda: self._ready.set_result(None))
            self.judgement = self._loop.run_until_complete(serving)
        except BaseException as error:  # noqa: BLE001 - whoever is waiting in the other thread raises it
            if self._ready.done():
                self._error = error
            else:
                self._ready.set_exception(error)
        finally:
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()


def connected(address: tuple[str, int], *, source: str = "127.0.0.1", buffer_bytes: int | None = None) -> socket.socket:
    """Connect to a broker from an address of this machine, with kernel buffers of that size."""
    client = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        client.settimeout(ANSWER_S_MAX)
        client.bind((source, 0))
        if buffer_bytes is not None:
            for buffer in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                client.setsockopt(socket.SOL_SOCKET, buffer, buffer_bytes)
        client.connect(address)
    except OSError:
        client.close()
        raise
    return client


def metadata_request(correlation_id: int = 1) -> bytes:
    body = encode(MetadataRequest(topics=None), METADATA_VERSION)
    return api.encode_request(ApiKey.METADATA, METADATA_VERSION, correlation_id, "by-hand", body)


def answer(client: socket.socket) -> bytes:
    """Read one answer, without its length; b"" where the broker ended the connection."""
    head = _exactly(client, 4)
    return _exactly(client, struct.unpack(">i", head)[0]) if head else b""


def correlation_id_of(payload: bytes) -> int:
    found: int = struct.unpack_from(">i", payload)[0]
    return found


def is_ended(client: socket.socket) -> bool:
    """Wait for the end of a connection; whether it is a reset depends on what nobody had read."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def _exactly(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        part = client.recv(size - len(data))
        if not part:
            return b""
        data += part
    return data
