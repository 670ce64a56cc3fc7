"""What a record costs does not grow with what the producer has seen: counted in lines of Python, so that no clock decides."""

import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster

GROWTH_MAX = 1.3


def lines_run(call: Callable[[], object]) -> int:
    """How many lines of Python the call takes."""
    lines = 0

    def count(frame: FrameType, event: str, _: object) -> Any:
        nonlocal lines
        lines += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        call()
    finally:
        sys.settrace(before)
    return lines


def that_used(partitions: int, **properties: Any) -> ScriptedCluster:
    """A producer that has sent a record to each of so many partitions, and has their answers."""
    cluster = ScriptedCluster(
        brokers=3, partitions=partitions, observes=False, linger_ms=0, buffer_memory=1 << 30, **properties
    )
    cluster.send(b"first")
    for partition in range(partitions):
        assert cluster.engine.send(Record("orders", b"warm", None, partition), None, now_us=cluster.now_us) is None
    cluster.settle()
    while cluster.waiting:
        cluster.answer()
    return cluster


def round_trip(cluster: ScriptedCluster, key: bytes | None) -> int:
    def go() -> None:
        cluster.send(b"value", key=key)
        cluster.answer()

    go()
    return lines_run(go)


@pytest.mark.parametrize("key", [b"key", None], ids=["keyed", "without a key"])
@pytest.mark.parametrize(
    "properties",
    [{}, {"enable_idempotence": False}, {"max_in_flight_requests_per_connection": 1}, {"compression_type": "lz4"}],
    ids=["default", "plain", "one in flight", "compressed"],
)
def test_a_round_trip_costs_the_same_however_many_partitions_were_used(
    key: bytes | None, properties: dict[str, Any]
) -> None:
    few, many = that_used(10, **properties), that_used(1_000, **properties)

    assert round_trip(many, key) <= GROWTH_MAX * round_trip(few, key)


def test_a_sequence_left_unresolved_somewhere_is_looked_at_without_looking_at_all_the_others() -> None:
    few, many = that_used(10), that_used(1_000)
    for cluster in (few, many):
        cluster.send_alone(b"given up", partition=0)
        cluster.engine.purge(cluster.now_us)
        cluster.settle()

    assert round_trip(many, b"key") <= GROWTH_MAX * round_trip(few, b"key")
