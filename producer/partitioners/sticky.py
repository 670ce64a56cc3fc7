"""Records without a key: one partition for a batch, then another, rather one with a short queue (KIP-794)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, KeysView, Mapping, Sequence
from itertools import accumulate, islice

from producer.chance import Chance
from producer.errors import UsageError
from producer.partitioners.rack_aware import RackPreference

STICKY_BATCH_BYTES = 16_384
"""The default of batch.size."""


class _Stuck:
    """The partition a topic sticks to, and how much it was given."""

    __slots__ = ("is_over", "partition", "sent_bytes")

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.sent_bytes = 0
        self.is_over = False


class _Load:
    """Partitions and how many batches wait for each: a short queue is drawn more often than a long one."""

    __slots__ = ("_longest", "_partitions", "_queue_sizes", "_running_sums")

    def __init__(self, partitions: Sequence[int], queue_sizes: Mapping[int, int], longest: int) -> None:
        self._partitions = partitions
        self._queue_sizes = queue_sizes
        self._longest = longest
        self._running_sums: list[int] = []
        """Of the weights; only a draw has use for them, and most loads have changed before there is one."""

    def draw(self, chance: Chance) -> int:
        """Draw with a weight of (longest queue + 1 - own queue)."""
        sums = self._running_sums
        if not sums:
            size_of, longest_plus_1 = self._queue_sizes.get, self._longest + 1
            sums += accumulate(longest_plus_1 - size_of(partition, 0) for partition in self._partitions)
        return self._partitions[bisect_right(sums, chance.randrange(sums[-1]))]


class StickyPartitioner:
    """One partition a topic until it was given a batch worth of bytes, then another one by chance (KIP-794).

    Uniform by bytes whatever the records' sizes, unless `weigh` was told that some queues are longer than others
    (`org.apache.kafka.clients.producer.internals.BuiltInPartitioner`).
    """

    __slots__ = ("_chance", "_loads", "_preference", "_stuck", "batch_bytes")

    def __init__(
        self, chance: Chance, batch_bytes: int = STICKY_BATCH_BYTES, preference: RackPreference | None = None
    ) -> None:
        """Draw from `chance`, among the partitions of a preference; stick for `batch_bytes`, the producer's batch.size."""
        self.batch_bytes = batch_bytes
        self._chance = chance
        self._preference = preference
        self._stuck: dict[str, _Stuck] = {}
        self._loads: dict[str, _Load] = {}

    def topics(self) -> KeysView[str]:
        """Give the topics that have had records without a key, in the order in which they had the first."""
        return self._stuck.keys()

    def newest(self, count: int) -> Iterator[str]:
        """Give so many of these topics, those that had their first such record last."""
        return islice(reversed(self._stuck), count)

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

    def weigh(
        self, topic: str, partitions: Sequence[int], queue_sizes: Mapping[int, int], *, partition_count: int
    ) -> None:
        """Take the partitions that answer in time, in a stable order, and the batches that wait for each, where some do.

        Partitions are then drawn with a weight of (longest queue + 1 - own queue), others never. As long as none is left
        out and all queues are alike, the draw is uniform.
        """
        partitions = self._preferred(topic, partitions)
        is_complete = len(partitions) == partition_count
        if not is_complete:
            queue_sizes = {partition: queue_sizes.get(partition, 0) for partition in partitions}
        longest = max(queue_sizes.values(), default=0)
        shortest = min(queue_sizes.values(), default=0) if len(queue_sizes) == partition_count else 0
        if not partitions or partition_count < 2 or (is_complete and shortest == longest):
            self._loads.pop(topic, None)
        else:
            self._loads[topic] = _Load(partitions, queue_sizes, longest)

    def forget_load(self, topic: str) -> None:
        """Draw uniformly: nothing is known of the queues."""
        self._loads.pop(topic, None)

    def _draw(self, topic: str, partitions_available: Sequence[int]) -> int:
        load = self._loads.get(topic)
        if load is not None:
            return load.draw(self._chance)
        if not partitions_available:
            msg = f"{topic}: no partition is available"
            raise UsageError(msg)
        partitions = self._preferred(topic, partitions_available)
        return partitions[self._chance.randrange(len(partitions))]

    def _preferred(self, topic: str, partitions: Sequence[int]) -> Sequence[int]:
        return partitions if self._preference is None else self._preference.among(topic, partitions)
