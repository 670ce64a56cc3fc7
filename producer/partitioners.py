"""Which partition a record goes to: murmur2 of the key as Kafka computes it, and sticking to one for those without."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
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


class _Stuck:
    """The partition a topic sticks to, and how much it was given."""

    __slots__ = ("is_over", "partition", "sent_bytes")

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.sent_bytes = 0
        self.is_over = False


class _Load:
    """Partitions with their weights summed up: a short queue is drawn more often than a long one."""

    __slots__ = ("partitions", "running_sums")

    def __init__(self, partitions: Sequence[int], running_sums: list[int]) -> None:
        self.partitions = partitions
        self.running_sums = running_sums


class StickyPartitioner:
    """One partition a topic until it was given a batch worth of bytes, then another one by chance (KIP-794).

    Uniform by bytes whatever the records' sizes, unless `weigh` was told that some queues are longer than others
    (`org.apache.kafka.clients.producer.internals.BuiltInPartitioner`).
    """

    __slots__ = ("_chance", "_loads", "_stuck", "batch_bytes")

    def __init__(self, chance: Chance, batch_bytes: int = STICKY_BATCH_BYTES) -> None:
        """Draw from `chance`; stick for `batch_bytes`, the producer's batch.size."""
        self.batch_bytes = batch_bytes
        self._chance = chance
        self._stuck: dict[str, _Stuck] = {}
        self._loads: dict[str, _Load] = {}

    def topics(self) -> Collection[str]:
        """Give the topics that have had records without a key."""
        return self._stuck.keys()

    def partition_for(self, topic: str, partition_count: int, partitions_available: Callable[[], Sequence[int]]) -> int:
        """Give the partition for the next record without a key. Then tell `sent` what it took.

        `partitions_available` gives those with a leader, or all of them if none has one, in a stable order; it is asked
        only when a new partition is drawn. Raises UsageError if there is none.
        """
        stuck = self._stuck.get(topic)
        if stuck is None or stuck.is_over or stuck.partition >= partition_count:
            # Drawn only now, with the load as it is by now.
            stuck = self._stuck[topic] = _Stuck(self._draw(topic, partitions_available()))
        return stuck.partition

    def stays_at(self, topic: str) -> int:
        """Give the partition that the topic sticks to; -1 if another one is to be drawn."""
        stuck = self._stuck.get(topic)
        return -1 if stuck is None or stuck.is_over else stuck.partition

    def sent(self, topic: str, size_bytes: int, *, is_batch_full: bool = True) -> None:
        """Count bytes given to the topic's current partition: encoded size, before compression.

        Enough of them end the stay once no batch there is half filled, or at twice as many whatever the batch.
        """
        stuck = self._stuck.get(topic)
        if stuck is None:
            return
        stuck.sent_bytes += size_bytes
        enough = self.batch_bytes if is_batch_full else 2 * self.batch_bytes
        if stuck.sent_bytes >= enough:
            stuck.is_over = True

    def weigh(self, topic: str, queue_sizes: Mapping[int, int], *, partition_count: int) -> None:
        """Take the batches waiting for each partition that answers in time; the others are left out.

        Partitions are then drawn with a weight of (longest queue + 1 - own queue). As long as a partition has never had a
        queue, or all are alike, the draw is uniform.
        """
        sizes = list(queue_sizes.values())
        is_complete = len(sizes) == partition_count
        if not sizes or partition_count < 2 or (is_complete and min(sizes) == max(sizes)):
            self._loads.pop(topic, None)
            return
        longest_plus_1 = max(sizes) + 1
        running_sums = list(accumulate(longest_plus_1 - size for size in sizes))
        self._loads[topic] = _Load(list(queue_sizes), running_sums)

    def forget_load(self, topic: str) -> None:
        """Draw uniformly: nothing is known of the queues."""
        self._loads.pop(topic, None)

    def _draw(self, topic: str, partitions_available: Sequence[int]) -> int:
        load = self._loads.get(topic)
        if load is not None:
            drawn = self._chance.randrange(load.running_sums[-1])
            return load.partitions[bisect_right(load.running_sums, drawn)]
        if not partitions_available:
            msg = f"{topic}: no partition is available"
            raise UsageError(msg)
        return partitions_available[self._chance.randrange(len(partitions_available))]
