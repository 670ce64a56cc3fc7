"""What one broker follows, and on whom: a fetcher for each broker that leads one of its replicas.

Kafka: ReplicaFetcherManager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.replication import ReplicaFetcher
from sim.cluster.metadata_states import NO_LEADER

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.broker.partition import Partition


class ReplicaFetchers:
    """The fetchers by leader."""

    __slots__ = ("_broker", "_fetchers", "is_leaving")

    def __init__(self, broker: HostingBroker) -> None:
        self._broker = broker
        self._fetchers: dict[int, ReplicaFetcher] = {}
        self.is_leaving = False
        """Whether the broker is about to stop, and follows no longer where it left the ISR: it would only be taken back in."""

    def follow(self, partition: Partition) -> None:
        """Fetch a partition from whoever leads it now, and from nobody else. Then call `step`."""
        self.unfollow(partition.tp)
        leader = partition.leader
        if leader in {NO_LEADER, self._broker.broker_id} or self._has_left(partition):
            return
        self._fetcher(leader).follow(partition)

    def unfollow(self, tp: TopicPartition) -> None:
        """Fetch a partition no longer. Then call `step`."""
        for fetcher in self._fetchers.values():
            fetcher.unfollow(tp)

    def _has_left(self, partition: Partition) -> bool:
        """Whether this broker is about to stop, and already out of sync on purpose (ReplicaManager.isInControlledShutdown)."""
        return self.is_leaving and partition.state is not None and self._broker.broker_id not in partition.state.isr

    def _fetcher(self, leader: int) -> ReplicaFetcher:
        if leader not in self._fetchers:
            self._fetchers[leader] = ReplicaFetcher(self._broker, leader)
        return self._fetchers[leader]

    def keep(self) -> None:
        """Follow every broker in service, as far as this one knows, for partitions that no story tells of.

        Whoever holds none that a story tells of holds no other, either: those that a story begins with are fetched at once.
        """
        broker = self._broker
        if not broker.partitions:
            return
        for number in broker.image.brokers:
            is_kept = broker.config.follows_other_partitions and broker.image.is_alive(number)
            if number != broker.broker_id and (is_kept or number in self._fetchers):
                self._fetcher(number).is_kept = is_kept

    def step(self) -> None:
        """Do what there is to do next."""
        for fetcher in self._fetchers.values():
            fetcher.step()

    def ask_anew(self) -> None:
        """A log, or a hold, changed by other hands."""
        for fetcher in self._fetchers.values():
            fetcher.moved()

    def end(self) -> None:
        """Fetch nothing any more."""
        for fetcher in self._fetchers.values():
            fetcher.end()
