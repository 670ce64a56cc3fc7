"""A gateway that closes leaves nobody behind, not even whom it was just about to accept."""

from __future__ import annotations

import socket

import pytest

from sim.gateway.core.enforcement import NothingEnforced
from sim.gateway.tcp.address import Address
from sim.gateway.tcp.gateway import Gateway
from tests.knocking import TURNS, close_amid_knocks


@pytest.mark.parametrize("turns", TURNS)
def test_who_knocks_while_it_closes_is_turned_away(turns: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as brokers:
        gate = Gateway(NothingEnforced(), (Address(*brokers.getsockname()),), host="127.0.0.1", port=0)

        async def open_port() -> tuple[str, int]:
            await gate.open()
            return gate.address

        close_amid_knocks(open_port, gate.close, turns)

        assert not gate.crossings
