"""An address where connections are neither made nor refused, as behind a firewall that drops what it does not like."""

from __future__ import annotations

import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

HANGS_S = 0.05


@contextmanager
def black_hole(host: str, port: int = 0) -> Iterator[int]:
    """Listen and never accept, with no room for one more that waits; give the port."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server((host, port), backlog=0))
        port = listening.getsockname()[1]
        is_full = False
        while not is_full:
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((host, port))
            is_full = not select.select([], [waiting], [], HANGS_S)[1]
        yield port
