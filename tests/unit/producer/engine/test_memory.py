"""What a producer holds when nobody answers: buffer.memory bounds what waits, and a stated constant what comes on top.

buffer.memory counts bytes as they will be on the wire, as Java's producer does. Python's objects are larger: a record that
waits has its key, its value, its future and its places in the batch's columns. docs/producer.md has the figures.
"""

from __future__ import annotations

import gc
import random
import tracemalloc

import pytest

from producer.drivers.future import SendFuture
from producer.records import Record
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

BUFFER_BYTES = 1 << 20
KEYS = 100
RECORD_BYTES_MAX = 220
"""On top of the bytes of key and value: 33 for each bytes object, 80 for the future, 68 for the places in columns."""
COPIES_MAX = 2
"""A batch that was sent is there once as records, and once as bytes until its answer."""
PRODUCER_BYTES_MAX = 500_000
"""Batches, queues, metrics, the requests themselves."""
LEFT_BYTES_MAX = 100_000


def traced_bytes() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def silent_cluster(codec: str) -> ScriptedCluster:
    cluster = ScriptedCluster(
        partitions=4,
        observes=False,
        buffer_memory=BUFFER_BYTES,
        compression_type=codec,
        linger_ms=5,
        request_timeout_ms=60_000,
    )
    for partition in range(4):
        cluster.send(b"warm", partition=partition)
    cluster.advance(SECOND_US)
    while cluster.waiting:
        cluster.answer()
    for key in range(KEYS):
        cluster.engine._keyed.partition_for(b"%d" % key, 4)
    return cluster


def fill(cluster: ScriptedCluster, value_bytes: int) -> int:
    """Send until the buffer is full. What leaves is read by nobody, and held by nobody but the producer."""
    engine, chance = cluster.engine, random.Random(7)
    count = 0
    while True:
        record = Record("orders", chance.randbytes(value_bytes), b"%d" % (count % KEYS))
        if engine.send(record, SendFuture(), now_us=cluster.now_us) is not None:
            engine.timer_fired(cluster.now_us)
            engine.take_commands()
            return count
        count += 1
        if count % 20 == 0:
            cluster.now_us += 1_000
            engine.timer_fired(cluster.now_us)
            engine.take_commands()


@pytest.mark.parametrize("codec", ["none", "lz4"])
@pytest.mark.parametrize("value_bytes", [10, 100, 10_000])
def test_a_full_buffer_takes_what_is_stated_and_gives_it_back(value_bytes: int, codec: str) -> None:
    cluster = silent_cluster(codec)
    tracemalloc.start()
    try:
        count = fill(cluster, value_bytes)
        full_bytes = traced_bytes()
        cluster.engine.purge(cluster.now_us)
        # What was in flight is held until its request is given up.
        cluster.advance(61 * SECOND_US)
        cluster.answers.clear()
        left_bytes = traced_bytes()
    finally:
        tracemalloc.stop()

    assert cluster.engine._buffer.free_bytes == BUFFER_BYTES
    assert full_bytes <= COPIES_MAX * BUFFER_BYTES + RECORD_BYTES_MAX * count + PRODUCER_BYTES_MAX
    assert left_bytes <= LEFT_BYTES_MAX
