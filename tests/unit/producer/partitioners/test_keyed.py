"""Keys go where Kafka sends them, whether their hash was remembered or not."""

import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.errors import UsageError
from producer.partitioners.keyed import KeyedPartitioner, partition_for_key
from producer.partitioners.murmur2 import murmur2, to_positive

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
