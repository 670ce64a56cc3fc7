"""The follower's side of replication: one fetcher for each leader, one Fetch in flight for all partitions followed there.

Kafka: ReplicaFetcherThread, AbstractFetcherThread with truncation on fetch (KIP-595). A Fetch with nothing to read waits
at the leader; whatever lies in a paused follower's socket is appended when it goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.fetcher import BACKING_OFF, FETCHING, IDLE, READY, Fetcher
from sim.cluster.messages import NOMINAL_BYTES, ReplicaFetch, ReplicaFetchAnswer, ReplicaFetchPartition

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.world.network import Endpoint


class ReplicaFetcher(Fetcher):
    """All that one broker follows on one leader."""

    __slots__ = ("_asked", "_leader", "_number", "is_kept", "partitions", "paused")

    def __init__(self, broker: Surroundings, leader: int) -> None:
        super().__init__(broker, broker.config.replica_socket_timeout_us)
        self._leader = leader
        self._number = 0
        # What the next Fetch asks for; made anew only when something moved.
        self._asked: tuple[ReplicaFetchPartition, ...] | None = None
        self.is_kept = False
        """Whether it goes on without a partition that the story knows: others are followed there. Then call `step`."""
        self.partitions: dict[TopicPartition, Partition] = {}
        self.paused: dict[TopicPartition, int] = {}
        """Partitions left out after an error: how many pauses still run."""

    def follow(self, partition: Partition) -> None:
        """Fetch this partition, too, from the next Fetch on. Then call `step`."""
        self.partitions[partition.tp] = partition
        self._asked = None

    def unfollow(self, tp: TopicPartition) -> None:
        """Fetch it no longer. Then call `step`."""
        if self.partitions.pop(tp, None) is not None:
            self._asked = None

    def end(self) -> None:
        """Fetch nothing any more."""
        self.is_kept = False
        self.partitions.clear()
        self._asked = None
        self.step()

    def moved(self) -> None:
        """A partition's log or hold changed by other hands: ask anew."""
        self._asked = None

    def step(self) -> None:
        """Do what the state allows next."""
        state = self.state
        if self.is_kept or self.partitions:
            if state is READY:
                self._fetch()
            elif state is IDLE:
                self._connect()
        elif state is not IDLE and state is not BACKING_OFF:
            self._close(IDLE)

    # -- the connection ------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        address = self._broker.image.brokers.get(self._leader)
        if address is None:
            self._back_off()
            return
        self._connect_to(address.host)

    def _ready(self) -> None:
        self._number = 0
        self.state = READY
        self.step()

    def _failed(self, _reason: str) -> None:
        self._close(IDLE)
        self._back_off()

    def _back_off(self) -> None:
        self.state = BACKING_OFF
        self._broker.host.call_in(self._broker.config.replica_fetch_backoff_us, self._go_on)

    def _go_on(self) -> None:
        if self.state is BACKING_OFF:
            self.state = IDLE
            self.step()

    # -- fetching ------------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        asked = self._asked
        if asked is None:
            asked = self._asked = tuple(
                [
                    partition.wanted()
                    for tp, partition in self.partitions.items()
                    if tp not in self.paused and not partition.is_held
                ]
            )
        if not asked and not self.is_kept:
            return
        assert self._endpoint is not None
        self._wait_in(FETCHING)
        self._number += 1
        broker = self._broker
        self._endpoint.send(
            ReplicaFetch(self._number, broker.broker_id, broker.broker_epoch, asked),
            size_bytes=NOMINAL_BYTES,
        )

    def _received(self, endpoint: Endpoint, answer: ReplicaFetchAnswer) -> None:
        if endpoint is not self._endpoint or answer.number != self._number:
            return
        results = answer.results
        size_bytes = sum([len(stored.data) for result in results for stored in result.batches]) if results else 0
        if size_bytes:
            broker = self._broker
            broker.disk.write(broker.world.now_us, size_bytes, self._take, endpoint, answer)
        else:
            self._take(endpoint, answer)

    def _take(self, endpoint: Endpoint, answer: ReplicaFetchAnswer) -> None:
        # The bytes are here even if the connection broke while they were written: appended all the same.
        for result in answer.results:
            partition = self.partitions.get(result.tp)
            if partition is None or partition.is_held:
                continue
            self._asked = None
            if not partition.replicate(result):
                self._pause(result.tp)
        if endpoint is self._endpoint and self.state is FETCHING:
            self.state = READY
            self.step()

    def _pause(self, tp: TopicPartition) -> None:
        self.paused[tp] = self.paused.get(tp, 0) + 1
        self._broker.host.call_in(self._broker.config.replica_fetch_backoff_us, self._unpause, tp)

    def _unpause(self, tp: TopicPartition) -> None:
        left = self.paused.pop(tp) - 1
        if left:
            self.paused[tp] = left
        self._asked = None
        self.step()
