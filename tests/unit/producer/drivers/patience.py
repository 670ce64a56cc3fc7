"""Producers that lose patience soon, and a stopwatch that finds waits without a bound."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Self

from producer import Producer
from tests.unit.producer.drivers.one_broker import OneBroker

WAIT_S = 30


SOON_S = 10
"""Far less than any default that would hold if the one under test did not."""


HASTY = {
    "linger.ms": 0,
    "request.timeout.ms": 300,
    "delivery.timeout.ms": 1_000,
    "max.block.ms": 300,
    "reconnect.backoff.ms": 10,
    "retry.backoff.ms": 10,
}


CALM = HASTY | {"request.timeout.ms": 60_000, "delivery.timeout.ms": 120_000, "max.block.ms": 60_000}
"""For claims that have nothing to do with time, on machines that have other work."""


def hasty(broker: OneBroker, **properties: Any) -> Producer:
    return _producer(broker, HASTY, properties)


def calm(broker: OneBroker, **properties: Any) -> Producer:
    return _producer(broker, CALM, properties)


def _producer(broker: OneBroker, mood: dict[str, Any], more: dict[str, Any]) -> Producer:
    given = {name.replace("_", "."): value for name, value in more.items()}
    return Producer({"bootstrap.servers": broker.address} | mood | given)


class Stopwatch:
    """How long something took, at most."""

    def __enter__(self) -> Self:
        self._began_s = time.monotonic()
        return self

    def __exit__(self, *raised: object) -> None:
        assert time.monotonic() - self._began_s < SOON_S, "that took as long as if it had no bound"


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds that another thread brings about."""
    until_s = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < until_s, "it never did"
        time.sleep(0.001)


PATIENT = {"request_timeout_ms": 60_000, "delivery_timeout_ms": 120_000}
