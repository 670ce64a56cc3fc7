"""The leader's side of replication: a follower's Fetch, answered now or when something is appended.

Kafka: ReplicaManager.fetchMessages for a follower, DelayedFetch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.follower_reads import read_for_follower, watermark_news
from sim.cluster.messages import (
    NO_EPOCH,
    NOMINAL_BYTES,
    ReplicaFetch,
    ReplicaFetchAnswer,
    ReplicaFetchPartition,
    ReplicaFetchResult,
)

if TYPE_CHECKING:
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.serving import ServingBroker
    from sim.world.network import Endpoint


class PeerConnection:
    """The leader's end of a follower's stream: one Fetch at a time."""

    __slots__ = ("_broker", "_endpoint", "_fetch", "_waiting", "_watched")

    def __init__(self, broker: ServingBroker, endpoint: Endpoint) -> None:
        self._broker = broker
        self._endpoint = endpoint
        self._fetch: ReplicaFetch | None = None
        self._waiting: Waiting | None = None
        self._watched: list[Partition] = []
        endpoint.on_received = self.received
        endpoint.on_closed = self._closed

    def received(self, message: object) -> None:
        """Work on one Fetch."""
        assert isinstance(message, ReplicaFetch), f"a follower sent a {type(message).__name__}"
        if self._broker.is_closing:
            return
        if self._waiting is not None:
            self._stop_waiting()
        self._fetch = message
        results = self._read(message)
        if results:
            self._answer(results)
            return
        broker = self._broker
        wait_us = broker.config.replica_fetch_wait_max_us + broker.config.replica_fetch_turn_us
        self._waiting = broker.purgatory.wait(wait_us, self._expired)
        for asked in message.partitions:
            partition = broker.partitions[asked.tp]
            partition.watch(self._woken, is_follower=True)
            self._watched.append(partition)

    def _read(self, message: ReplicaFetch) -> list[ReplicaFetchResult]:
        broker = self._broker
        results = []
        for asked in message.partitions:
            partition = self._partition(asked)
            if partition is None:
                results.append(self._unknown(asked))
                continue
            result = partition.serve_follower(
                asked,
                broker=message.broker,
                broker_epoch=message.broker_epoch,
                bytes_max=broker.config.replica_fetch_bytes_max,
            )
            if result is not None:
                results.append(result)
        return results

    def _woken(self) -> None:
        """Something was appended, or a term ended."""
        assert self._fetch is not None
        self._stop_waiting()
        self._answer(self._read_again(self._fetch))

    def _read_again(self, message: ReplicaFetch) -> list[ReplicaFetchResult]:
        # Reads without noting where the follower stands: that was noted when it asked, and counts from then.
        broker = self._broker
        results = []
        for asked in message.partitions:
            partition = self._partition(asked)
            if partition is None:
                results.append(self._unknown(asked))
                continue
            result = read_for_follower(partition, asked, bytes_max=broker.config.replica_fetch_bytes_max)
            if result is not None:
                results.append(result)
        return results

    def _expired(self) -> None:
        self._waiting = None
        self._stop_waiting()
        self._answer([])

    def _answer(self, results: list[ReplicaFetchResult]) -> None:
        fetch = self._fetch
        assert fetch is not None
        self._fetch = None
        told = [result.tp for result in results] if results else ()
        for asked in fetch.partitions:
            partition = self._partition(asked)
            if partition is not None and asked.tp not in told:
                news = watermark_news(partition, asked)
                if news is not None:
                    results.append(news)
        size_bytes = NOMINAL_BYTES
        if results:
            size_bytes += sum([len(stored.data) for result in results for stored in result.batches])
        self._endpoint.send(ReplicaFetchAnswer(fetch.number, tuple(results)), size_bytes=size_bytes)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.end()
            self._waiting = None
        for partition in self._watched:
            partition.unwatch(self._woken)
        self._watched.clear()

    def _closed(self, _reason: str) -> None:
        self._stop_waiting()
        self._fetch = None

    def _partition(self, asked: ReplicaFetchPartition) -> Partition | None:
        """Return the replica that is meant: another topic may have the name by now."""
        partition = self._broker.partitions.get(asked.tp)
        return partition if partition is not None and partition.topic_id == asked.topic_id else None

    def _unknown(self, asked: ReplicaFetchPartition) -> ReplicaFetchResult:
        """Say that there is no such replica here (ReplicaManager.readFromLog, FetchSession.FullFetchContext)."""
        if asked.topic_id in self._broker.image.topic_of_id:
            code = self._broker.code_without_replica(asked.tp)
        else:
            code = Code.UNKNOWN_TOPIC_ID
        return ReplicaFetchResult(
            asked.topic_id, asked.tp, asked.leader_epoch, code, asked.fetch_offset, -1, NO_EPOCH, None, ()
        )
