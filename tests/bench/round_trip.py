"""One record's round trip through the engine, in virtual time, by how many partitions were ever used: `send` to its answer."""

import gc
from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.case import Case, Measured, stopwatch

ROUND_TRIPS = 2_000
BROKERS = 3
BUFFER_BYTES = 128 << 20
"""Room for a batch of every partition at once."""


def round_trips(partitions: int, key: bytes | None = b"key", **properties: Any) -> Measured:
    """Use every partition once; then send records one after the other, each when the one before has its answer."""
    from producer.records import Record
    from tests.unit.producer.scripted_cluster import ScriptedCluster

    cluster = ScriptedCluster(
        brokers=BROKERS, partitions=partitions, observes=False, linger_ms=0, buffer_memory=BUFFER_BYTES, **properties
    )
    cluster.send(b"warm")
    engine = cluster.engine
    for partition in range(partitions):
        # All of them wait before the first one leaves.
        wait = engine.send(Record("orders", b"warm", None, partition), None, now_us=cluster.now_us)
        assert wait is None
    cluster.settle()
    while cluster.waiting:
        cluster.answer()
    # What setting up left to the garbage collector is no part of a round trip.
    gc.collect()
    with stopwatch() as watch:
        for _ in range(ROUND_TRIPS):
            cluster.send(b"value", key=key)
            cluster.answer()
    assert engine.is_idle, "every record has its answer"
    assert not cluster.failed, "and none failed"
    return watch.measured(ROUND_TRIPS)


def case(name: str, run: Callable[[], Measured], *, reference: bool = False) -> Case:
    return Case(name, "round trips", run, reference=reference)


CASES = (
    case("10 partitions used", partial(round_trips, 10), reference=True),
    case("1,000 partitions used", partial(round_trips, 1_000)),
    case("5,000 partitions used", partial(round_trips, 5_000)),
    case("10, without a key", partial(round_trips, 10, None)),
    case("5,000, without a key", partial(round_trips, 5_000, None)),
    case("5,000, without idempotence", partial(round_trips, 5_000, enable_idempotence=False)),
)
