"""A producer is a guest in its user's process: against a broker that hangs it holds no more after minutes than after a few.

In virtual time, whatever the way of hanging. `endurance.py` is the same for an hour.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from sim.world.units import SECOND_US
from tests.builds import pure_only
from tests.unit.sim.clients.flatness import DEFAULTS, STEADFAST, Vigil, grown
from tests.unit.sim.clients.hung_brokers import WAYS

if TYPE_CHECKING:
    from sim.world.network import Endpoint

pytestmark = pure_only("it derives from classes of the clients' and walks what they hold")

LOOKS = 6
FAST = (STEADFAST, SECOND_US // 5, 120 * SECOND_US)
SLOW = (DEFAULTS, SECOND_US, 640 * SECOND_US)
"""Properties, a record every so many microseconds, and for how long."""


@pytest.mark.parametrize(
    ("way", "story"),
    [*((way, FAST) for way in WAYS), ("paused", SLOW), ("silent", SLOW)],
    ids=[*WAYS, "paused, default time-outs", "silent, default time-outs"],
)
def test_connections_records_and_every_object_are_flat_against_a_broker_that_hangs(
    way: str, story: tuple[dict[str, Any], int, int]
) -> None:
    patience, period_us, lasts_us = story
    vigil = Vigil(patience, period_us=period_us)

    looks = list(vigil.looks(way, lasts_us=lasts_us, count=LOOKS))

    assert any(one.records for one in looks), "nothing was ever held"
    assert grown(looks) == {}


class Keeping(dict[int, "Endpoint"]):
    """Whatever is taken out of it stays there."""

    def pop(self, number: int, default: Any = None) -> Any:
        return self.get(number, default)


def test_one_connection_that_is_kept_whenever_one_ends_is_found() -> None:
    vigil = Vigil(STEADFAST, period_us=SECOND_US // 10)
    vigil.producers[0]._driver._endpoints = Keeping(vigil.producers[0]._driver._endpoints)

    looks = list(vigil.looks("silent", lasts_us=120 * SECOND_US, count=LOOKS))

    assert {"sim.world.network.stream.Endpoint", "held: near"} <= set(grown(looks))


@pytest.mark.parametrize("others", [0, 100_000], ids=["alone", "after tests that left much in a module"])
def test_one_number_that_is_kept_with_each_record_is_found(others: int, monkeypatch: pytest.MonkeyPatch) -> None:
    full = ModuleType("sim.full")
    full.__dict__["numbers"] = list(range(1_000_000, 1_000_000 + others))
    monkeypatch.setitem(sys.modules, full.__name__, full)
    vigil = Vigil(STEADFAST, period_us=SECOND_US // 10)
    told: list[tuple[int, object]] = []
    vigil.producers[1]._tell = lambda number, outcome: told.append((number, outcome))

    looks = list(vigil.looks("paused", lasts_us=120 * SECOND_US, count=LOOKS))

    # As its own objects; the tuples around them are few beside those of the brokers' logs.
    assert "builtins.int" in grown(looks)
