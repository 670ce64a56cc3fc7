"""Which partition a record goes to: murmur2 of the key as Kafka computes it, and sticking to one for those without."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from struct import Struct

from producer.chance import Chance
from producer.errors import UsageError

_M = 0x5BD1E995
_MASK = 0xFFFFFFFF
_SEED = 0x9747B28C

CACHE_ENTRIES_MAX = 65_536
CACHED_KEY_BYTES_MAX = 256
"""A longer key is hashed each time, so that the cache's memory has a bound."""
STICKY_BATCH_BYTES = 16_384
"""The default of batch.size."""


@lru_cache(64)
def _words(count: int) -> Struct:
    return Struct(f"<{count}I")


def murmur2(data: bytes) -> int:
    """Hash as org.apache.kafka.common.utils.Utils.murmur2 does: 32 bits, signed."""
    size = len(data)
    h = _SEED ^ size
    count = size >> 2
    for word in _words(count).unpack_from(data):
        k = word * _M & _MASK
        h = h * _M & _MASK ^ (k ^ k >> 24) * _M & _MASK
    tail = size & 3
    if tail:
        h = (h ^ int.from_bytes(data[size - tail :], "little")) * _M & _MASK
    h = (h ^ h >> 13) * _M & _MASK
    h ^= h >> 15
    return h - (1 << 32) if h & 0x80000000 else h


def to_positive(number: int) -> int:
    """Clear the sign bit, as Utils.toPositive does; not the absolute value."""
    return number & 0x7FFFFFFF


def partition_for_key(key: bytes, partition_count: int) -> int:
    """Give the partition of a key among *all* partitions of the topic, available or not: expansion remaps keys."""
    if partition_count <= 0:
        msg = f"partition_count is {partition_count}, must be at least 1"
        raise UsageError(msg)
    return to_positive(murmur2(key)) % partition_count


class KeyedPartitioner:
    """`partition_for_key` that remembers hashes: keys repeat, and a lookup costs a twentieth of the hash."""

    __slots__ = ("_hashes", "cache_entries_max")

    def __init__(self, cache_entries_max: int = CACHE_ENTRIES_MAX) -> None:
        """Remember at most `cache_entries_max` keys; when full, forget all and begin again."""
        self.cache_entries_max = cache_entries_max
        self._hashes: dict[bytes, int] = {}

    def partition_for(self, key: bytes, partition_count: int) -> int:
        """Give what `partition_for_key` gives."""
        hashed = self._hashes.get(key)
        if hashed is None:
            hashed = to_positive(murmur2(key))
            if len(key) <= CACHED_KEY_BYTES_MAX and self.cache_entries_max > 0:
                if len(self._hashes) >= self.cache_entries_max:
                    self._hashes.clear()
                self._hashes[key] = hashed
        if partition_count <= 0:
            msg = f"partition_count is {partition_count}, must be at least 1"
            raise UsageError(msg)
        return hashed % partition_count


class _Stuck:
    """The partition a topic sticks to, and how much it was given."""

    __slots__ = ("index", "partition", "sent_bytes")

    def __init__(self, index: int, partition: int) -> None:
        self.index = index
        self.partition = partition
        self.sent_bytes = 0


class StickyPartitioner:
    """One partition a topic until it was given a batch worth of bytes, then another one by chance (KIP-794).

    Uniform by bytes whatever the records' sizes. It does not weigh partitions by their queues.
    """

    __slots__ = ("_chance", "_stuck", "batch_bytes")

    def __init__(self, chance: Chance, batch_bytes: int = STICKY_BATCH_BYTES) -> None:
        """Draw from `chance`; stick for `batch_bytes`, the producer's batch.size."""
        self.batch_bytes = batch_bytes
        self._chance = chance
        self._stuck: dict[str, _Stuck] = {}

    def partition_for(self, topic: str, partitions_available: Sequence[int]) -> int:
        """Give the partition for the next record without a key. Then tell `sent` what it took.

        `partitions_available` are those with a leader, in a stable order; raises UsageError if there is none.
        """
        stuck = self._stuck.get(topic)
        count = len(partitions_available)
        if stuck is not None and stuck.sent_bytes < self.batch_bytes:
            if stuck.index < count and partitions_available[stuck.index] == stuck.partition:
                return stuck.partition
            if stuck.partition in partitions_available:
                stuck.index = partitions_available.index(stuck.partition)
                return stuck.partition
        if count == 0:
            msg = f"{topic}: no partition is available"
            raise UsageError(msg)
        index = self._chance.randrange(count)
        partition = partitions_available[index]
        self._stuck[topic] = _Stuck(index, partition)
        return partition

    def sent(self, topic: str, size_bytes: int) -> None:
        """Count bytes given to the topic's current partition: encoded size, before compression."""
        stuck = self._stuck.get(topic)
        if stuck is not None:
            stuck.sent_bytes += size_bytes
