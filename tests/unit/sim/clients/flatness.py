"""What producers and their world hold against a hung broker, looked at again and again: it may not grow for ever."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.config.config import ProducerConfig
from producer.records import Record
from sim.clients.drivers import SimProducer
from sim.world.units import SECOND_US
from tests.unit.sim.clients.hung_brokers import TOPIC, WAYS, HungBroker
from tests.unit.sim.clients.reachable import reachable

if TYPE_CHECKING:
    from sim.clients.drivers import Story

QUEUE = ("sim.world.kernel.Call", "held: due")
HEALTHY_US = 5 * SECOND_US
SLACK_OURS = 40
"""Of one class of ours, and of what is counted by name, so many may be more: what is under way when we look …"""
SLACK_OTHERS = 250
"""… of what Python knows, and of the world's queue, where some dead calls lie for a while: these …"""
SLACK_BYTES = 65_536
"""… these bytes, some batches …"""
SLACK_PERCENT = 5
"""… or so many of a hundred."""
DEFAULTS: dict[str, Any] = {"linger.ms": 5}
HASTY: dict[str, Any] = {
    "linger.ms": 5,
    "request.timeout.ms": 1_000,
    "delivery.timeout.ms": 3_000,
    "max.block.ms": 100,
    "buffer.memory": 40_000,
    "batch.size": 4_000,
    "reconnect.backoff.ms": 20,
    "socket.connection.setup.timeout.ms": 500,
    "socket.connection.setup.timeout.max.ms": 1_000,
    "metadata.max.age.ms": 10_000,
    "connections.max.idle.ms": 10_000,
}
STEADFAST = HASTY | {"metadata.recovery.strategy": "none"}
"""It goes on taking records: who bootstraps anew knows no partition until somebody answers."""
PATIENCES = {
    "default time-outs": DEFAULTS,
    "default time-outs, no rebootstrap": DEFAULTS | {"metadata.recovery.strategy": "none"},
    "small time-outs": HASTY,
    "small time-outs, no rebootstrap": STEADFAST,
}


class Look(NamedTuple):
    """What is held at one moment; connections, records and bytes are all producers' together."""

    at_us: int
    near: int
    """Connections that the producers' drivers have, or try to have."""
    engine: int
    """Connections that the engines know."""
    far: int
    """The broker's ends."""
    records: int
    """Without an answer."""
    buffered_bytes: int
    due: int
    """Entries of the world's queue."""
    reachable: Counter[str]
    """But for what modules held before the vigil began: other tests' leavings are no measure for what a producer may grow by."""

    def __str__(self) -> str:
        return (
            f"{self.at_us // SECOND_US:6} s  {self.near:3} + {self.engine:3} connections, {self.far:4} at the broker"
            f"  {self.records:7,} records  {self.buffered_bytes:10,} B of buffers"
            f"  {self.due:6,} due  {self.objects:9,} objects"
        )

    @property
    def objects(self) -> int:
        return self.reachable.total() - self.reachable["bytes held"]


class Vigil:
    """Producers with acks=all and acks=0 that send steadily to one broker, which hangs soon."""

    def __init__(self, patience: dict[str, Any], *, period_us: int, value_bytes: int = 200) -> None:
        gc.collect()
        self._before = reachable()
        self.broker = HungBroker()
        self.producers = []
        for acks in ("all", "0"):
            given = patience | {"bootstrap.servers": self.broker.servers, "acks": acks}
            producer = SimProducer(
                self.broker.cluster, ProducerConfig.from_properties(given), name=f"producer-acks-{acks}"
            )
            self.producers.append(producer)
            self.broker.world.story(_send(producer, period_us, value_bytes))

    def looks(self, way: str, *, lasts_us: int, count: int) -> Iterator[Look]:
        """Let the broker hang after a while, and look that often."""
        world = self.broker.world
        world.run_until(world.now_us + HEALTHY_US)
        assert all(one.metrics() for one in self.producers)
        WAYS[way](self.broker)
        began_us = world.now_us
        for number in range(1, count + 1):
            world.run_until(began_us + number * lasts_us // count, events_max=1 << 40)
            yield self.look()

    def look(self) -> Look:
        gc.collect()
        engines = [one._engine for one in self.producers]
        return Look(
            self.broker.world.now_us,
            sum(len(one._driver._endpoints) + len(one._driver._attempts) for one in self.producers),
            sum(engine._client.connections.count for engine in engines),
            sum(1 for _ in self.broker.clients()),
            sum(len(one._topics) for one in self.producers),
            sum(engine._buffer.total_bytes - engine._buffer.free_bytes for engine in engines),
            len(self.broker.world._queue),
            reachable(self.broker, self.producers) - self._before,
        )


def _send(producer: SimProducer, period_us: int, value_bytes: int) -> Story:
    number = 0
    while True:
        yield from producer.send(Record(TOPIC, b"%0*d" % (value_bytes, number)), number)
        number += 1
        yield from producer.sleep(period_us)


def grown(looks: Iterable[Look]) -> dict[str, tuple[int, int]]:
    """What the second half held more of than the first half ever did, but for a little: (then, now)."""
    measured = [
        one.reachable | Counter({f"held: {name}": getattr(one, name) for name in Look._fields[1:-1]}) for one in looks
    ]
    half = len(measured) // 2
    then, now = (_most(part) for part in (measured[:half], measured[half:]))
    return {
        what: (then[what], count)
        for what, count in now.items()
        if count > then[what] + max(_slack(what), then[what] * SLACK_PERCENT // 100)
    }


def _slack(what: str) -> int:
    if "bytes" in what.rsplit(".", maxsplit=1)[-1]:
        return SLACK_BYTES if " " in what else SLACK_OTHERS
    is_ours = what.startswith(("producer.", "sim.", "held: ")) and what not in QUEUE
    return SLACK_OURS if is_ours else SLACK_OTHERS


def _most(measured: list[Counter[str]]) -> Counter[str]:
    most: Counter[str] = Counter()
    for one in measured:
        most |= one
    return most
