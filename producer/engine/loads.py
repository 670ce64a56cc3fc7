"""How long the queues are, as the sticky partitioner is told: who waits long gets fewer records without a key (KIP-794)."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.client.client import Client
    from producer.engine.accumulator import Accumulator
    from producer.engine.partition_queue import PartitionQueue
    from producer.partitioners.sticky import StickyPartitioner


class Loads:
    """Weighs the topics that have records without a key, as far as something may have changed since the last time."""

    __slots__ = ("_accumulator", "_availability_timeout_us", "_client", "_late_since_us", "_metadata_seen",
                 "_partitions", "_sticky", "_topics_seen", "_uneven", "_weighs_all")  # fmt: skip

    def __init__(
        self,
        sticky: StickyPartitioner | None,
        *,
        accumulator: Accumulator,
        client: Client,
        availability_timeout_us: int,
    ) -> None:
        """Tell `sticky`; None leaves its draws uniform. A broker late for so long gets nothing by chance; 0 for any time."""
        self._sticky = sticky
        self._accumulator = accumulator
        self._client = client
        self._availability_timeout_us = availability_timeout_us
        self._late_since_us: dict[int, int] = {}
        """Since when brokers that have something to take could take nothing."""
        self._metadata_seen = -1
        self._weighs_all = True
        self._partitions: dict[str, list[int]] = {}
        """Of the topics whose partitions were all used, those, in the order in which they were."""
        self._topics_seen = 0
        self._uneven: dict[str, None] = {}
        """Topics that had batches waiting when they were weighed."""

    def forget(self) -> None:
        """Weigh every topic the next time: leaders changed, or batches went away that nobody has weighed."""
        self._weighs_all = True

    def weigh(self, waiting: Iterable[PartitionQueue], due_nodes: Iterable[int], now_us: int) -> None:
        """Tell how many batches wait for each partition, before those leave that are due."""
        was_late = bool(self._late_since_us)
        if self._availability_timeout_us:
            for node_id in due_nodes:
                if self._client.links.is_ready(node_id, now_us):
                    self._late_since_us.pop(node_id, None)
                else:
                    self._late_since_us.setdefault(node_id, now_us)
        sticky = self._sticky
        if sticky is None or not sticky.topics():
            return
        topics = sticky.topics()
        is_news = self._metadata_seen != self._client.metadata.version
        changed: Iterable[str] = topics
        if is_news:
            self._partitions.clear()
            self._metadata_seen = self._client.metadata.version
        elif not (self._weighs_all or was_late or self._late_since_us):
            unseen = sticky.newest(len(topics) - self._topics_seen)
            widened = [topic for topic in self._accumulator.take_changed() if topic in topics]
            changed = chain(self._uneven, widened, unseen)
        sizes: dict[str, dict[int, int]] = {topic: {} for topic in changed}
        self._topics_seen = len(topics)
        self._weighs_all = False
        for queue in waiting:
            topic, partition = queue.partition
            if topic in topics:
                sizes.setdefault(topic, {})[partition] = len(queue.batches)
        self._uneven.clear()
        for topic, by_partition in sizes.items():
            if by_partition:
                self._uneven[topic] = None
            self._weigh_topic(sticky, topic, by_partition, now_us)

    def _weigh_topic(self, sticky: StickyPartitioner, topic: str, sizes: dict[int, int], now_us: int) -> None:
        view = self._client.metadata.view
        count = view.partition_count(topic)
        used = self._accumulator.used(topic)
        if len(used) < count:
            # A partition that never had a queue would never be drawn.
            sticky.forget_load(topic)
        elif self._late_since_us or not count or len(view.topics[topic].available) < len(used):
            # Who leads nothing, or has been late for too long, is left out.
            answering = [queue.partition.partition for queue in used if self._answers_in_time(queue, now_us)]
            sticky.weigh(topic, answering, sizes, partition_count=count)
        else:
            partitions = self._partitions.get(topic)
            if partitions is None or len(partitions) != len(used):
                partitions = self._partitions[topic] = [queue.partition.partition for queue in used]
            sticky.weigh(topic, partitions, sizes, partition_count=count)

    def _answers_in_time(self, queue: PartitionQueue, now_us: int) -> bool:
        node_id = self._client.metadata.view.leader(queue.partition).node_id
        return node_id >= 0 and now_us - self._late_since_us.get(node_id, now_us) <= self._availability_timeout_us
