"""Records through the engine into memory: from `send` to the bytes of Produce requests, 100 B values, keyed, 6 partitions."""

from collections.abc import Callable
from functools import partial
from typing import Any

from tests.bench.case import Case, Measured, stopwatch

RECORDS = 200_000
KEYS = 1_000
VALUE = b"x" * 100
PARTITIONS = 6


def into_memory(**properties: Any) -> Measured:
    """Send RECORDS through an engine whose brokers are bytes in memory and answer at once."""
    from producer.records import Record
    from tests.unit.producer.scripted_cluster import ScriptedCluster

    keys = [b"key-%012d" % (index % KEYS) for index in range(RECORDS)]
    cluster = ScriptedCluster(brokers=3, partitions=PARTITIONS, observes=False, **properties)
    cluster.send(b"warm")
    engine = cluster.engine
    with stopwatch() as watch:
        for key in keys:
            engine.send(Record("orders", VALUE, key), None, now_us=cluster.now_us)
            if engine.deadline_us <= cluster.now_us:
                cluster.settle()
                while cluster.waiting:
                    cluster.answer()
        engine.flush(cluster.now_us)
        cluster.settle()
        while cluster.waiting:
            cluster.answer()
    assert engine.is_idle, "every record has its answer"
    return watch.measured(RECORDS)


def case(name: str, run: Callable[[], Measured], *, reference: bool = False) -> Case:
    return Case(name, "records", run, reference=reference)


CASES = (
    case("acks=all, idempotent", partial(into_memory, linger_ms=5), reference=True),
    case("acks=0", partial(into_memory, acks="0", linger_ms=5)),
    case("acks=all, idempotent, lz4", partial(into_memory, compression_type="lz4", linger_ms=5)),
)
