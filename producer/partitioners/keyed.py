"""Records with a key: the partition that murmur2 of the key names (`BuiltInPartitioner.partitionForKey`)."""

from __future__ import annotations

from collections.abc import Sequence

from producer.errors import UsageError
from producer.partitioners.murmur2 import murmur2, to_positive

CACHE_ENTRIES_MAX = 65_536
CACHED_KEY_BYTES_MAX = 256
"""A longer key is hashed each time, so that the cache's memory has a bound."""


def partition_for_key(key: bytes, partition_count: int) -> int:
    """Give the partition of a key among *all* partitions of the topic, available or not: expansion remaps keys."""
    if partition_count <= 0:
        msg = f"partition_count is {partition_count}, must be at least 1"
        raise UsageError(msg)
    return to_positive(murmur2(key)) % partition_count


class KeyedPartitioner:
    """`partition_for_key` that remembers hashes: keys repeat, and a lookup costs a twentieth of the hash."""

    __slots__ = ("cache_entries_max", "hashes")

    def __init__(self, cache_entries_max: int = CACHE_ENTRIES_MAX) -> None:
        """Remember at most `cache_entries_max` keys; when full, forget all and begin again."""
        self.cache_entries_max = cache_entries_max
        self.hashes: dict[bytes, int] = {}
        """Positive hashes of keys seen; the partition is this modulo the count of partitions."""

    def partition_for(self, key: bytes, partition_count: int) -> int:
        """Give what `partition_for_key` gives."""
        hashed = self.hashes.get(key)
        if hashed is None:
            hashed = to_positive(murmur2(key))
            if len(key) <= CACHED_KEY_BYTES_MAX and self.cache_entries_max > 0:
                if len(self.hashes) >= self.cache_entries_max:
                    self.hashes.clear()
                self.hashes[key] = hashed
        if partition_count <= 0:
            msg = f"partition_count is {partition_count}, must be at least 1"
            raise UsageError(msg)
        return hashed % partition_count

    def spread(self, keys: Sequence[bytes], partition_count: int) -> dict[int, list[int]]:
        """Give the places of the keys that go to each partition, as `partition_for` says for each of them."""
        places: list[list[int]] = [[] for _ in range(partition_count)]
        for place, hashed in enumerate(map(self.hashes.get, keys)):
            if hashed is None:
                places[self.partition_for(keys[place], partition_count)].append(place)
            else:
                places[hashed % partition_count].append(place)
        return {partition: some for partition, some in enumerate(places) if some}
