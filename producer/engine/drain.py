"""Which batches may leave for which broker, and when the next ones may (RecordAccumulator.ready and drain)."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US

if TYPE_CHECKING:
    from collections.abc import Iterator

    from producer.client.client import Client
    from producer.client.last_seen import Leader
    from producer.engine.accumulator import Accumulator
    from producer.engine.batch import Batch
    from producer.engine.buffer import BufferPool
    from producer.engine.idempotence import Idempotence
    from producer.engine.loads import Loads
    from producer.engine.partition_queue import PartitionQueue
    from producer.engine.settings import SendSettings


class Drain:
    """Takes batches out of the accumulator for brokers that can be sent to."""

    __slots__ = ("_accumulator", "_buffer", "_client", "_loads", "_served", "_settings", "idempotence", "is_closing",
                 "is_completing")  # fmt: skip

    def __init__(
        self,
        settings: SendSettings,
        *,
        accumulator: Accumulator,
        client: Client,
        buffer: BufferPool,
        idempotence: Idempotence | None,
        loads: Loads,
    ) -> None:
        self._settings = settings
        self._accumulator = accumulator
        self._client = client
        self._buffer = buffer
        self._loads = loads
        self._served: dict[int, int] = {}
        """By broker, the place of the queue that a batch was taken from last."""
        self.idempotence = idempotence
        self.is_closing = False
        """Whether batches leave without lingering because the producer closes."""
        self.is_completing = False
        """Whether they do because their transaction ends."""

    def departures(self, now_us: int) -> Iterator[tuple[int, list[Batch]]]:
        """Give broker after broker what leaves for it in one request. Each is to be sent before the next is asked for.

        A broker for which one batch is due takes along what lingers for it, up to the size of a request.
        """
        client, view = self._client, self._client.metadata.view
        by_node: dict[int, list[PartitionQueue]] = {}
        due_nodes: dict[int, None] = {}
        waiting = self._accumulator.waiting()
        for queue in waiting:
            leader = view.leader(queue.partition)
            if leader.node_id not in view.brokers:
                client.metadata.follow(queue.partition.topic, now_us)
                if not client.metadata.is_asking:
                    client.metadata.want()
                continue
            by_node.setdefault(leader.node_id, []).append(queue)
            if self._due_us(queue, leader) <= now_us:
                due_nodes[leader.node_id] = None
        self._loads.weigh(waiting, due_nodes, now_us)
        for node_id in due_nodes:
            queues = by_node[node_id]
            while client.links.is_ready(node_id, now_us):
                batches = self._take(node_id, queues, now_us)
                if not batches:
                    break
                yield node_id, batches
                if not any(self._is_due(queue, now_us) for queue in queues):
                    break

    def deadline_us(self, now_us: int) -> int:
        """When the next batch may leave, or runs out of time; `NEVER_US` for never."""
        due_us = NEVER_US
        client, view = self._client, self._client.metadata.view
        for queue in self._accumulator.waiting():
            leader = view.leader(queue.partition)
            leave_us = self._due_us(queue, leader)
            if leave_us <= now_us:
                # Due, yet still here: the broker's connection decides, metadata, or an answer that is awaited.
                is_known = leader.node_id in view.brokers
                leave_us = client.links.reconnect_at_us(leader.node_id, now_us) if is_known else NEVER_US
            due_us = min(due_us, leave_us)
        oldest_us = self._accumulator.incomplete.oldest_us
        if oldest_us is not None:
            due_us = min(due_us, oldest_us + self._settings.delivery_timeout_us)
        return due_us

    def leaders_changed(self) -> None:
        """Take it that what was known of the leaders of partitions is out of date."""
        self._loads.forget()

    def _take(self, node_id: int, queues: list[PartitionQueue], now_us: int) -> list[Batch]:
        """Take at most one batch a partition, up to the request's size; the first one goes however large it is."""
        taken: list[Batch] = []
        size_bytes = 0
        for queue in self._in_turn(node_id, queues):
            if not queue.batches or queue.is_muted:
                continue
            first = queue.batches[0]
            if first.attempts and not self._is_due(queue, now_us):
                continue
            if self.idempotence is not None and not self.idempotence.may_leave(first):
                continue
            if taken and size_bytes + first.estimated_bytes > self._settings.request_bytes_max:
                break
            queue.take_first()
            self._served[node_id] = queue.place
            queue.is_muted = self._settings.keeps_order
            size_bytes += first.estimated_bytes
            taken.append(first)
        return taken

    def _in_turn(self, node_id: int, queues: list[PartitionQueue]) -> list[PartitionQueue]:
        """Give a broker's queues, which stand in the order of their places, beginning behind the one that was served last.

        So whoever did not fit into a request is the first in the next one, and none starves (nodesDrainIndex).
        """
        behind = bisect_right(queues, self._served.get(node_id, -1), key=lambda queue: queue.place)
        return queues[behind:] + queues[:behind]

    def _is_due(self, queue: PartitionQueue, now_us: int) -> bool:
        return self._due_us(queue, self._client.metadata.view.leader(queue.partition)) <= now_us

    def _due_us(self, queue: PartitionQueue, leader: Leader) -> int:
        hurry = self.is_closing or self.is_completing or self._buffer.has_waiters
        return self._accumulator.due_us(queue, leader_epoch=leader.epoch, hurry=hurry)
