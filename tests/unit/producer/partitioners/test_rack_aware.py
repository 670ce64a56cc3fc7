"""Records without a key go to partitions led in the client's rack, and elsewhere only while there are none (KIP-1123)."""

import random
from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from producer.partitioners.keyed import partition_for_key
from producer.partitioners.rack_aware import RackPreference
from producer.partitioners.sticky import StickyPartitioner
from tests.unit.producer.scripted_cluster import ScriptedCluster

RACKS = ("a", "b", "c")


def preferring(rack: str, *racks: str | None) -> RackPreference:
    """Partition 0 is led in the first of `racks`, and so on."""
    return RackPreference(rack, lambda _, partition: racks[partition])


def draws(partitioner: StickyPartitioner, times: int, partitions: int) -> Counter[int]:
    drawn: Counter[int] = Counter()
    for _ in range(times):
        drawn[partitioner.partition_for("orders", partitions, lambda: range(partitions))] += 1
        partitioner.sent("orders", partitioner.batch_bytes)
    return drawn


@given(
    st.sampled_from("abc"),
    st.lists(st.sampled_from(["a", "b", None]), min_size=1, max_size=12),
    st.data(),
)
def test_those_in_the_rack_if_there_are_any_otherwise_all(rack: str, racks: list[str | None], data: Any) -> None:
    partitions = data.draw(st.lists(st.sampled_from(range(len(racks))), unique=True))

    among = list(preferring(rack, *racks).among("orders", partitions))

    near = [partition for partition in partitions if racks[partition] == rack]
    assert among == (near or partitions)


def test_without_load_the_draw_is_uniform_within_the_rack() -> None:
    partitioner = StickyPartitioner(random.Random(1), preference=preferring("b", "a", "b", "b", None))

    drawn = draws(partitioner, 4_000, 4)

    assert set(drawn) == {1, 2}
    assert abs(drawn[1] - 2_000) < 150


def test_a_long_queue_in_the_rack_is_drawn_less_often_and_those_elsewhere_not_at_all() -> None:
    partitioner = StickyPartitioner(random.Random(1), preference=preferring("b", "a", "b", "b", "a"))
    # Queues of 3 and 1 in the rack give weights 1 and 3.
    partitioner.weigh("orders", [0, 1, 2, 3], {0: 0, 1: 3, 2: 1, 3: 9}, partition_count=4)

    drawn = draws(partitioner, 4_000, 4)

    assert set(drawn) == {1, 2}
    assert abs(drawn[1] - 1_000) < 150


def test_a_rack_whose_brokers_are_all_late_is_left() -> None:
    partitioner = StickyPartitioner(random.Random(1), preference=preferring("b", "a", "b", "b", "a"))

    partitioner.weigh("orders", [0, 3], {0: 1, 3: 1}, partition_count=4)

    assert set(draws(partitioner, 200, 4)) == {0, 3}


def near(rack: str, **properties: Any) -> ScriptedCluster:
    given: dict[str, Any] = {"brokers": 3, "racks": RACKS, "partitions": 6, "batch_size": 1}
    return ScriptedCluster(**given | {"client_rack": rack, "partitioner_rack_aware": True} | properties)


def test_the_engine_keeps_records_without_a_key_in_the_rack() -> None:
    cluster = near("b")

    for _ in range(40):
        cluster.send(b"v")

    # Broker 2 is in rack b, and leads partitions 1 and 4.
    assert set(cluster.placed()) == {1, 4}


def test_a_key_goes_where_it_always_goes() -> None:
    cluster = near("b")
    keys = [b"%d" % number for number in range(20)]

    for key in keys:
        cluster.send(key, key=key)

    assert {value for values in cluster.placed().values() for value in values} == set(keys)
    for partition, values in cluster.placed().items():
        assert all(partition_for_key(key or b"", 6) == partition for key in values)


def test_without_awareness_a_rack_changes_nothing() -> None:
    cluster = near("b", partitioner_rack_aware=False)

    for _ in range(60):
        cluster.send(b"v")

    assert set(cluster.placed()) == set(range(6))


def test_a_rack_that_leads_nothing_is_as_good_as_none() -> None:
    cluster = near("elsewhere")

    for _ in range(60):
        cluster.send(b"v")

    assert set(cluster.placed()) == set(range(6))


def test_records_follow_a_leader_that_moves_out_of_the_rack_and_back() -> None:
    cluster = near("b", metadata_max_age_ms=1_000, partitions=3)
    cluster.send(b"before")
    # A broker answers one request after the other: metadata would wait behind batches without an answer.
    cluster.placed()

    cluster.leaders[1] = (1, 6)
    cluster.advance(2_000_000)
    for _ in range(30):
        cluster.send(b"while no leader is near")
    cluster.placed()
    cluster.leaders[1] = (2, 7)
    cluster.advance(2_000_000)
    for _ in range(30):
        cluster.send(b"after")

    placed = cluster.placed()
    where = {value: {partition for partition, values in placed.items() if value in values} for value in placed[1]}
    assert where == {b"before": {1}, b"while no leader is near": {0, 1, 2}, b"after": {1}}
