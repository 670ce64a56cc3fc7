"""Salts even out a hot key over partitions that can be named, and nothing else moves."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producer.config.config import ProducerConfig
from producer.errors import ConfigError
from producer.partitioners.hot_keys import HotKeys
from producer.partitioners.keyed import partition_for_key
from producer.partitioners.salted import SaltedPartitioner
from producer.records import Record
from tests.unit.producer.scripted_cluster import ScriptedCluster

PARTITIONS = 12


class Known:
    available = ()

    def __init__(self, count: int) -> None:
        self.count = count


def places(partitioner: SaltedPartitioner, key: bytes, times: int, partition_count: int) -> list[int | None]:
    known = Known(partition_count)
    return [partitioner.partition(Record("orders", b"", key), known) for _ in range(times)]


def zipf(seed: int, *, keys: int = 2_000, exponent: float = 1.2, records: int = 20_000) -> list[bytes]:
    weights = [1 / rank**exponent for rank in range(1, keys + 1)]
    return [b"user-%d" % key for key in random.Random(seed).choices(range(keys), weights=weights, k=records)]


def skew(loads: Counter[int], partition_count: int) -> float:
    """The fullest partition over the average."""
    return max(loads.values()) * partition_count / loads.total()


@given(st.binary(max_size=8), st.integers(1, 30), st.integers(1, 20))
def test_a_hot_key_s_records_lie_in_its_partitions_and_nowhere_else(key: bytes, salts: int, count: int) -> None:
    partitioner = SaltedPartitioner({key: salts})
    expected = partitioner.partitions_of(key, count)

    found = places(partitioner, key, 3 * len(expected), count)

    assert found == [*expected] * 3
    assert expected[0] == partition_for_key(key, count)
    assert len(set(expected)) == len(expected) == min(salts, count)


@given(st.binary(max_size=8), st.integers(1, 20))
def test_a_cold_key_stays_where_its_hash_names(key: bytes, count: int) -> None:
    partitioner = SaltedPartitioner({b"hot key": 5})

    home = partition_for_key(key, count)

    assert places(partitioner, key, 3, count) == [home] * 3
    assert partitioner.partitions_of(key, count) == (home,)
    assert list(partitioner.salts(key)) == [0]
    assert list(partitioner.salts(b"hot key")) == [0, 1, 2, 3, 4]


def test_topics_take_turns_each_for_itself() -> None:
    partitioner, known = SaltedPartitioner({b"k": 2}), Known(6)
    first, second = partitioner.partitions_of(b"k", 6)

    found = [partitioner.partition(Record(topic, b"", b"k"), known) for topic in "abab"]

    assert found == [first, first, second, second]


@pytest.mark.parametrize("seed", range(3))
def test_salts_for_the_hottest_keys_even_out_a_zipf_load(seed: int) -> None:
    before, after = zipf(seed), zipf(seed + 100)
    hot = HotKeys()
    for key in before:
        hot.count(key)

    salts = hot.salts(PARTITIONS)
    partitioner, known = SaltedPartitioner(salts), Known(PARTITIONS)
    unsalted = Counter(partition_for_key(key, PARTITIONS) for key in after)
    salted = Counter(partitioner.partition(Record("orders", b"", key), known) or 0 for key in after)

    assert skew(unsalted, PARTITIONS) > 3
    assert skew(salted, PARTITIONS) <= 1.3
    # The price: the order of so many keys, and of no other.
    assert len(salts) < 20


def test_the_engine_takes_it_by_name_and_keeps_the_order_of_each_salt() -> None:
    cluster = ScriptedCluster(
        partitions=6,
        partitioner_class="salted",
        acklab_partitioner_salts="user-42:2, a:b:3",
    )

    for number in range(6):
        cluster.send(b"%d" % number, key=b"user-42")

    first, second = SaltedPartitioner({b"user-42": 2}).partitions_of(b"user-42", 6)
    placed = cluster.placed()
    assert placed[first] == [b"0", b"2", b"4"]
    assert placed[second] == [b"1", b"3", b"5"]
    assert cluster.engine.config.acklab_partitioner_salts == {b"user-42": 2, b"a:b": 3}


@pytest.mark.parametrize(
    "salts,said",
    [
        ("user-42", "acklab.partitioner.salts has 'user-42', must be key:salts, as in user-42:6"),
        ("user-42:six", "has 'user-42:six', must be key:salts"),
        (":6", "has ':6', must be key:salts"),
        ("user-42:0", "has b'user-42': 0, must be a key in bytes and a number of at least 1"),
        ({"user-42": 6}, "has 'user-42': 6, must be a key in bytes"),
        ({b"user-42": "6"}, "has b'user-42': '6', must be a key in bytes and a number"),
        (6, "acklab.partitioner.salts is 6, must be a mapping"),
        ("", "need each other: one is missing"),
    ],
)
def test_salts_that_cannot_be_are_named(salts: Any, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        ProducerConfig.from_properties(
            {"bootstrap.servers": "b:1", "partitioner.class": "salted", "acklab.partitioner.salts": salts}
        )


def test_salts_without_their_partitioner_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"partitioner.class=salted and acklab.partitioner.salts.* need each other"):
        ProducerConfig.from_properties({"bootstrap.servers": "b:1", "acklab.partitioner.salts": "user-42:6"})
