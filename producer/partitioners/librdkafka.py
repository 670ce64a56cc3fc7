"""librdkafka's partitioners by its names: a topic keeps its keys' partitions when another client goes on writing it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from producer.partitioners.keyed import KeyedPartitioner
from producer.partitioners.partitioner import Partitioner

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.partitioners.partitioner import Partitions
    from producer.records import Record

NO_KEY = (None,)
NO_KEY_OR_AN_EMPTY_ONE = (None, b"")


class HashPartitioner(Partitioner):
    """Keys by a hash over all partitions, available or not.

    Order: that of each key's records, as long as the number of partitions stays what it is.
    """

    __slots__ = ("_partition_of", "_unhashed")

    def __init__(self, partition_of: Callable[[bytes, int], int], unhashed: tuple[bytes | None, ...] = ()) -> None:
        """`partition_of` gives the partition of a key among so many; records with an `unhashed` key stick to any."""
        self._partition_of = partition_of
        self._unhashed = unhashed

    def partition(self, record: Record, partitions: Partitions) -> int | None:
        """Give the key's partition. Without a key it is that of the empty one, unless such records are left unhashed."""
        if record.key in self._unhashed:
            return None
        return self._partition_of(record.key or b"", partitions.count)


class RandomPartitioner(Partitioner):
    """Any partition, whatever the key; the same one for a batch, where librdkafka draws for each key anew. Order: none."""

    __slots__ = ()

    def partition(self, record: Record, partitions: Partitions) -> None:  # noqa: ARG002 - neither counts
        """Have no opinion."""
        return


def by_crc32(key: bytes, partition_count: int) -> int:
    return crc32(key) % partition_count


def by_fnv1a(key: bytes, partition_count: int) -> int:
    number = 0x811C9DC5
    for byte in key:
        number = ((number ^ byte) * 0x01000193) & 0xFFFFFFFF
    # As a signed number, without its sign: Sarama did so first.
    return min(number, (1 << 32) - number) % partition_count


PARTITIONERS: dict[str, Callable[[], Partitioner]] = {
    "random": RandomPartitioner,
    "consistent": partial(HashPartitioner, by_crc32),
    "consistent_random": partial(HashPartitioner, by_crc32, NO_KEY_OR_AN_EMPTY_ONE),
    # It remembers hashes, so each producer has one of its own.
    "murmur2": lambda: HashPartitioner(KeyedPartitioner().partition_for),
    "murmur2_random": lambda: HashPartitioner(KeyedPartitioner().partition_for, NO_KEY),
    "fnv1a": partial(HashPartitioner, by_fnv1a),
    "fnv1a_random": partial(HashPartitioner, by_fnv1a, NO_KEY),
}
"""By librdkafka's names; its default is `consistent_random`, Kafka's own is `murmur2_random`."""
