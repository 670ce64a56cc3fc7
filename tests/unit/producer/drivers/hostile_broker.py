"""A broker that treats each connection in another way, none of which a producer may suffer from for longer than it promises."""

from __future__ import annotations

import random
import socket
import struct
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum
from itertools import cycle
from typing import Any

from tests.unit.producer.drivers.one_broker import RECEIVE_BYTES, OneBroker

GARBAGE_BYTES_MAX = 5_000
TRICKLE_BYTES = 16
TRICKLE_S = 0.001


class Manner(Enum):
    HONEST = "it answers"
    SLOW = "it answers, some bytes at a time"
    SILENT = "it reads, and never answers"
    DEAF = "it never reads, and never ends its side"
    HALF_OPEN = "it reads, never answers, and never ends its side"
    GARBAGE = "it says something that is no answer"
    CLOSING = "it ends the connection at once"
    RESETTING = "it breaks the connection once something has come"


class HostileBroker(OneBroker):
    """Connections are treated in these manners, in turn."""

    def __init__(self, manners: Sequence[Manner], *, seed: int = 0) -> None:
        super().__init__()
        self._manners = cycle(manners)
        self._chance = random.Random(seed)

    @property
    def descriptors(self) -> int:
        """How many of this process's it holds itself: its connections, as long as it has not ended its side, and the listener."""
        return 1 + sum(connection.fileno() >= 0 for connection in list(self.connections))

    def _serve(self, connection: socket.socket) -> None:
        manner = next(self._manners)
        if manner in {Manner.HONEST, Manner.SLOW}:
            super()._serve(connection if manner is Manner.HONEST else self._trickling(connection))
            return
        with connection, suppress(OSError):
            match manner:
                case Manner.GARBAGE:
                    connection.sendall(self._chance.randbytes(self._chance.randrange(1, GARBAGE_BYTES_MAX)))
                case Manner.CLOSING:
                    return
                case Manner.RESETTING:
                    connection.recv(1)
                    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    return
                case Manner.DEAF:
                    self._ended.wait()
                case _:
                    pass
            while connection.recv(RECEIVE_BYTES):
                pass
            if manner is Manner.HALF_OPEN:
                self._ended.wait()

    def _trickling(self, connection: socket.socket) -> Any:
        return _Trickling(connection, self._ended)


class _Trickling:
    """A socket that sends some bytes at a time."""

    def __init__(self, connection: socket.socket, ended: Any) -> None:
        self._connection = connection
        self._ended = ended
        self.recv = connection.recv

    def __enter__(self) -> socket.socket:
        return self._connection.__enter__()

    def __exit__(self, *raised: object) -> None:
        self._connection.__exit__(*raised)

    def sendall(self, data: bytes) -> None:
        for begin in range(0, len(data), TRICKLE_BYTES):
            self._connection.sendall(data[begin : begin + TRICKLE_BYTES])
            self._ended.wait(TRICKLE_S)
