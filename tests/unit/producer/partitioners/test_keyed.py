"""Keys go where Kafka sends them, whether their hash was remembered or not, and whether anybody leads there or not."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.partitioners.keyed import KeyedPartitioner, partition_for_key
from producer.partitioners.murmur2 import murmur2, to_positive
from producer.wire.record_batch import decode_records
from tests.unit.producer.scripted_cluster import SECOND_US, ScriptedCluster

with warnings.catch_warnings():
    # kafka-python reads its schemas by an importlib function that is deprecated.
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.partitioner.default import murmur2 as kafka_pythons_murmur2


@pytest.mark.parametrize(
    "data, hashed",
    [  # org.apache.kafka.common.utils.UtilsTest
        (b"21", -973932308),
        (b"foobar", -790332482),
        (b"a-little-bit-long-string", -985981536),
        (b"a-little-bit-longer-string", -1486304829),
        (b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971),
        (b"abc", 479470107),
    ],
)
def test_murmur2_is_kafkas(data: bytes, hashed: int) -> None:
    assert murmur2(data) == hashed


@given(st.binary(max_size=300))
def test_murmur2_is_kafka_pythons(data: bytes) -> None:
    assert murmur2(data) & 0xFFFFFFFF == kafka_pythons_murmur2(data) & 0xFFFFFFFF


def test_to_positive_clears_the_sign_bit() -> None:
    assert to_positive(-1) == 0x7FFFFFFF
    assert to_positive(-(1 << 31)) == 0
    assert to_positive(5) == 5


@given(st.lists(st.binary(max_size=300), max_size=30), st.integers(1, 50), st.integers(0, 5))
def test_remembering_changes_nothing(keys: list[bytes], partition_count: int, cache_entries_max: int) -> None:
    partitioner = KeyedPartitioner(cache_entries_max)

    for key in keys + keys:
        assert partitioner.partition_for(key, partition_count) == partition_for_key(key, partition_count)
        assert len(partitioner.hashes) <= cache_entries_max


@pytest.mark.parametrize("partition_count", [0, -1])
def test_no_partition_is_the_callers_error(partition_count: int) -> None:
    with pytest.raises(UsageError, match=str(partition_count)):
        partition_for_key(b"k", partition_count)
    with pytest.raises(UsageError, match=str(partition_count)):
        KeyedPartitioner().partition_for(b"k", partition_count)


# -- in the engine -------------------------------------------------------------------------------------------------------

KEYS = [b"key-%d" % number for number in range(40)]


def partitions_of(cluster: ScriptedCluster) -> dict[bytes | None, int]:
    """Send a record for each key; give where they went."""
    already = len(cluster.seen)
    for key in KEYS:
        cluster.send(b"v", key=key)
    cluster.advance(SECOND_US)
    found: dict[bytes | None, int] = {}
    for request in cluster.seen[already:]:
        for partition, batch in request.batches.items():
            found.update({record.key: partition.partition for record in decode_records(batch)})
    return found


def test_added_partitions_move_keys_once_the_producer_hears_of_them() -> None:
    cluster = ScriptedCluster(partitions=4, metadata_max_age_ms=10_000)
    assert partitions_of(cluster) == {key: partition_for_key(key, 4) for key in KEYS}
    while cluster.waiting:
        cluster.answer()

    cluster.leaders |= dict.fromkeys((4, 5, 6), (1, 0))
    cluster.advance(10 * SECOND_US)

    now = partitions_of(cluster)
    assert now == {key: partition_for_key(key, 7) for key in KEYS}
    assert now != {key: partition_for_key(key, 4) for key in KEYS}


def test_a_key_waits_for_its_partition_while_nobody_leads_it() -> None:
    cluster = ScriptedCluster(partitions=4)
    orphan = partition_for_key(b"key-0", 4)
    cluster.leaders[orphan] = (-1, 6)

    assert partitions_of(cluster) == {
        key: partition_for_key(key, 4) for key in KEYS if partition_for_key(key, 4) != orphan
    }
    while cluster.waiting:
        cluster.answer()
    cluster.leaders[orphan] = (1, 7)
    cluster.advance(2 * SECOND_US)

    assert {partition.partition for partition in cluster.waiting[-1].batches} == {orphan}
    assert b"key-0" in [record.key for record in cluster.waiting[-1].records]
