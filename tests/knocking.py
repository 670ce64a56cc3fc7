"""Clients that knock at a port while it closes, wherever they are then on their way from a socket to a connection."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import ExitStack

from tests.serve.served import is_ended
from tests.unit.producer.drivers.holdings import holdings

CLIENTS = 20
TURNS = range(6)
"""Of the loop, between the first knock and the end: by the last one everybody is in."""
END_S_MAX = 30


def close_amid_knocks(
    open_port: Callable[[], Awaitable[tuple[str, int]]], close_port: Callable[[], Awaitable[object]], turns: int
) -> None:
    """Nobody may be left behind: every client hears of the end, and no socket is left to a collector when the loop is over."""
    before = holdings()
    with ExitStack() as ends:
        clients: list[socket.socket] = []

        async def close_soon() -> None:
            address = await open_port()
            clients.extend(ends.enter_context(socket.create_connection(address)) for _ in range(CLIENTS))
            for _ in range(turns):
                await asyncio.sleep(0)
            await close_port()

        asyncio.run(close_soon())

        assert len(clients) == CLIENTS
        for client in clients:
            client.settimeout(END_S_MAX)
            assert is_ended(client)
    # Whatever was forgotten warns of it here, as it is collected.
    assert holdings() == before
