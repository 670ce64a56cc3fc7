"""What a client believes about the cluster: brokers, topics, leaders and their epochs (org.apache.kafka.clients.Metadata).

It may be out of date: an older leader epoch never replaces a newer one, whatever was forgotten in between; a topic deleted
and created again (another topic id) starts afresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.last_seen import NO_LEADER, NOBODY, LastSeen, Leader
from producer.errors import Code, error_code
from producer.records import TopicPartition
from producer.wire.schema import ZERO_ID

if TYPE_CHECKING:
    from collections.abc import Container

    from producer.wire.messages.leaders import NodeEndpoint
    from producer.wire.messages.metadata import MetadataResponse, MetadataTopic


class TopicView:
    """One topic as last heard of."""

    __slots__ = ("_available", "error_code", "is_doubted", "is_unsettled", "leaders", "name", "topic_id")

    def __init__(self, *, name: str, topic_id: bytes) -> None:
        self.name = name
        self.topic_id = topic_id
        self.error_code = int(Code.NONE)
        self.is_doubted = False
        """Whether somebody wants to know, since it was heard of last, if the error still holds."""
        self.is_unsettled = False
        """Whether some partition is in a state that is soon another one, such as an election."""
        self.leaders: list[Leader] = []
        """By partition; changed by `lead` only."""
        self._available: tuple[int, ...] | None = None

    @property
    def count(self) -> int:
        """How many partitions the topic has."""
        return len(self.leaders)

    @property
    def available(self) -> tuple[int, ...]:
        """The partitions that have a leader, in ascending order."""
        if self._available is None:
            self._available = tuple(index for index, leader in enumerate(self.leaders) if leader.node_id != NO_LEADER)
        return self._available

    def lead(self, partition: int, leader: Leader) -> None:
        """Note another leader of a partition."""
        self.leaders[partition] = leader
        self._available = None


class ClusterView:
    """Brokers by id, topics by name."""

    __slots__ = ("_last_seen", "_names", "brokers", "cluster_id", "racks", "topics")

    def __init__(self, *, remembers_leaders: bool = True) -> None:
        """Know nothing. Not `remembers_leaders`, a topic that was forgotten is believed anew, as by Kafka's own client."""
        self._last_seen = LastSeen(is_lasting=remembers_leaders)
        self.brokers: dict[int, tuple[str, int]] = {}
        """Node id -> (host, port)."""
        self.racks: dict[int, str] = {}
        """Node id -> rack, of the brokers that have one."""
        self.topics: dict[str, TopicView] = {}
        self.cluster_id: str | None = None
        self._names: dict[bytes, str] = {}

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has; 0 if it is not known."""
        view = self.topics.get(topic)
        return view.count if view is not None else 0

    def leader(self, partition: TopicPartition) -> Leader:
        """Who leads; `NOBODY` if that is not known."""
        view = self.topics.get(partition.topic)
        number = partition.partition
        if view is None or not 0 <= number < len(view.leaders):
            return NOBODY
        return view.leaders[number]

    def leader_rack(self, topic: str, partition: int) -> str | None:
        """The rack of the broker that leads a partition; None if either is not known."""
        return self.racks.get(self.leader(TopicPartition(topic, partition)).node_id)

    def topic_name(self, topic_id: bytes) -> str | None:
        """The topic of that id, if it was heard of."""
        return self._names.get(topic_id)

    def update(self, response: MetadataResponse) -> bool:
        """Take what a broker said, as far as it can be (`plausible_metadata`).

        Returns whether a leader, an epoch, a partition or a topic's id was news.
        """
        self.cluster_id = response.cluster_id
        self._last_seen.in_cluster(response.cluster_id)
        self.brokers = {broker.node_id: (broker.host, broker.port) for broker in response.brokers}
        self.racks = {broker.node_id: broker.rack for broker in response.brokers if broker.rack is not None}
        is_news = False
        for topic in response.topics:
            if topic.name is not None:
                before = self.topics.get(topic.name)
                after = self._update_topic(topic.name, topic)
                is_news |= before is None or (before.topic_id, before.leaders) != (after.topic_id, after.leaders)
        return is_news

    def retain(self, topics: Container[str]) -> None:
        """Know nothing of any other topic."""
        self.topics = {name: view for name, view in self.topics.items() if name in topics}

    def forget_all(self) -> None:
        """Know nothing any more, but which topics the ids in answers still to come stand for, and the newest leaders.

        The broker that is asked next may have slept through an election: to believe its older epoch would be to send to a
        deposed leader, which does not know the sequences any more.
        """
        self.brokers = {}
        self.racks = {}
        self.topics = {}
        self.cluster_id = None

    def learn_leader(self, partition: TopicPartition, leader: Leader, endpoint: NodeEndpoint | None) -> bool:
        """Take a hint from a Produce or Fetch response (KIP-951). Returns whether it was news."""
        view = self.topics.get(partition.topic)
        if view is None or not 0 <= partition.partition < len(view.leaders):
            return False
        if leader.epoch <= view.leaders[partition.partition].epoch:
            return False
        if endpoint is None and leader.node_id not in self.brokers:
            return False
        if not self._last_seen.moved(partition, leader):
            return False
        if endpoint is not None:
            self.brokers[leader.node_id] = endpoint.host, endpoint.port
            if endpoint.rack is not None:
                self.racks[leader.node_id] = endpoint.rack
        view.lead(partition.partition, leader)
        return True

    def summary(self) -> tuple[tuple[str, int, int, int], ...]:
        """(topic, partition, leader, leader epoch) of everything known, in the order of the topics' names."""
        return tuple(
            (name, index, leader.node_id, leader.epoch)
            for name in sorted(self.topics)
            for index, leader in enumerate(self.topics[name].leaders)
        )

    def _update_topic(self, name: str, topic: MetadataTopic) -> TopicView:
        known = self.topics.get(name)
        if topic.error_code and known is not None and not topic.partitions:
            # A broker that starts may not know the topic yet: what we knew still serves until a leader refuses.
            known.error_code = topic.error_code
            known.is_doubted = False
            return known
        last_seen = self._last_seen
        seen = last_seen.topic(name, topic.topic_id, known_id=ZERO_ID if known is None else known.topic_id)
        view = TopicView(name=name, topic_id=topic.topic_id)
        if seen is None:
            # A broker that slept through the deletion. What is known of the topic that has the name now still serves.
            seen = last_seen.latest(name)
            view.topic_id = seen.topic_id
            view.leaders = [seen.leaders.get(index, NOBODY) for index in range(max(seen.leaders, default=-1) + 1)]
        else:
            view.error_code = topic.error_code
            view.is_unsettled = any(
                one.error_code and error_code(one.error_code).refresh_metadata for one in topic.partitions
            )
            leaders: dict[int, Leader] = {}
            for partition in topic.partitions:
                index, told = partition.partition_index, Leader(partition.leader_id, partition.leader_epoch)
                leaders[index] = last_seen.newest(seen, index, told)
            # Brokers list all partitions of a topic. What one leaves out all the same is as it was.
            count = max(leaders, default=-1) + 1
            view.leaders = [leaders.get(index) or seen.leaders.get(index, NOBODY) for index in range(count)]
        self.topics[name] = view
        self._names[view.topic_id] = name
        return view
