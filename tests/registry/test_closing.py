"""A registry that closes leaves nobody behind, not even whom it was just about to accept."""

import pytest

from sim.registry.registry import Registry
from sim.registry.tcp import Listening
from tests.knocking import TURNS, close_amid_knocks


@pytest.mark.parametrize("turns", TURNS)
def test_who_knocks_while_it_closes_is_turned_away(turns: int) -> None:
    here = Listening(Registry())

    async def open_port() -> tuple[str, int]:
        await here.open("127.0.0.1", 0)
        return "127.0.0.1", here.port

    close_amid_knocks(open_port, here.close, turns)

    assert not here.clients
