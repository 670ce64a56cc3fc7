"""A gateway that closes leaves nobody behind, not even whom it was just about to accept."""

from __future__ import annotations

import asyncio
import socket
from contextlib import ExitStack

import pytest

from sim.gateway.core.enforcement import NothingEnforced
from sim.gateway.tcp.address import Address
from sim.gateway.tcp.gateway import Gateway
from tests.serve.served import is_ended

CLIENTS = 20


@pytest.mark.parametrize("turns", range(5))
def test_who_knocks_while_it_closes_is_turned_away(turns: int) -> None:
    with ExitStack() as ends:
        brokers = ends.enter_context(socket.create_server(("127.0.0.1", 0)))
        gate = Gateway(NothingEnforced(), (Address(*brokers.getsockname()),), host="127.0.0.1", port=0)
        clients: list[socket.socket] = []

        async def close_amid_knocks() -> None:
            await gate.open()
            clients.extend(ends.enter_context(socket.create_connection(gate.address)) for _ in range(CLIENTS))
            # The loop has heard of them, and is somewhere on its way from a socket to a connection.
            for _ in range(turns):
                await asyncio.sleep(0)
            await gate.close()

        asyncio.run(close_amid_knocks())

        assert not gate.crossings
        for client in clients:
            client.settimeout(10)
            assert is_ended(client)
