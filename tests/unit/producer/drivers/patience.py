"""Producers that lose patience soon, and a stopwatch that finds waits without a bound."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Self

import pytest

from producer import AsyncProducer, Producer
from producer.errors import MetadataTimeoutError
from tests.unit.producer.drivers.one_broker import OneBroker

real_s = time.monotonic

WAIT_S = 30
SOON_S = 25
"""Far less than any default that would hold if the one under test did not."""

CALM = {
    "linger.ms": 0,
    "request.timeout.ms": 60_000,
    "delivery.timeout.ms": 120_000,
    "max.block.ms": 60_000,
    "reconnect.backoff.ms": 10,
    "retry.backoff.ms": 10,
}
"""No time is up before the test's. A claim about one of these times makes that one short, and no other: a machine that has
other work may need longer for anything."""


def calm(broker: OneBroker, **properties: Any) -> Producer:
    given = {name.replace("_", "."): value for name, value in properties.items()}
    return Producer({"bootstrap.servers": broker.address} | CALM | given)


def says(call: Callable[[], object], kind: type[Exception], words: str) -> bool:
    """Whether a call that has to fail does so with these words. A slow machine may come no further than to an earlier reason."""
    with pytest.raises(kind) as told:
        call()
    return words in str(told.value)


async def until(holds: Callable[[], object]) -> None:
    """Wait, on a loop, until something holds."""
    until_s = real_s() + WAIT_S
    while not holds():
        assert real_s() < until_s, "it never did"
        await asyncio.sleep(0.001)


async def until_it_says(call: Callable[[], Awaitable[object]], kind: type[Exception], words: str) -> None:
    """Call again and again, on a loop, until it `says` that."""
    said = ""
    while words not in said:
        with pytest.raises(kind) as told:
            await call()
        said = str(told.value)


def knows(producer: Producer, topic: str) -> bool:
    """Whether the partitions of a topic are known, however short a time one waits for them."""
    with suppress(MetadataTimeoutError):
        return bool(producer.partitions_for(topic))
    return False


async def until_it_knows(producer: AsyncProducer, topic: str) -> None:
    """Wait until it `knows` that, on a loop."""
    is_known = False
    while not is_known:
        with suppress(MetadataTimeoutError):
            is_known = bool(await producer.partitions_for(topic))


class Stopwatch:
    """How long something took, at most."""

    def __enter__(self) -> Self:
        self._began_s = real_s()
        return self

    def __exit__(self, *raised: object) -> None:
        assert real_s() - self._began_s < SOON_S, "that took as long as if it had no bound"


def eventually(holds: Callable[[], object]) -> None:
    """Wait until something holds that another thread brings about."""
    until_s = real_s() + WAIT_S
    while not holds():
        assert real_s() < until_s, "it never did"
        time.sleep(0.001)


@contextmanager
def skipping() -> Iterator[Callable[[float], None]]:
    """A way to let the clock of drivers and event loops jump ahead by so many seconds, as where all of them were held so long.

    Nobody is woken by it; waits of this module's go by the real clock.
    """
    real_ns, ahead_ns = time.monotonic_ns, 0

    def skip(seconds: float) -> None:
        nonlocal ahead_ns
        ahead_ns += int(seconds * 1e9)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic_ns", lambda: real_ns() + ahead_ns)
        patched.setattr(time, "monotonic", lambda: real_s() + ahead_ns / 1e9)
        yield skip
