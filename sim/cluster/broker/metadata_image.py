"""The cluster as one broker knows it: what it has applied of the controller's changes, and no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.leaders import LeaderIdAndEpoch, NodeEndpoint

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.messages import BrokerState, MetadataDelta, PartitionState, TopicState


class MetadataImage:
    """Brokers, topics and partitions up to an offset of the metadata log."""

    __slots__ = ("brokers", "offset", "partitions", "partitions_of", "topic_of_id", "topics")

    def __init__(self) -> None:
        self.offset = 0
        self.brokers: dict[int, BrokerState] = {}
        self.topics: dict[str, TopicState] = {}
        self.topic_of_id: dict[bytes, TopicState] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.partitions_of: dict[str, dict[int, PartitionState]] = {}
        """By topic and number."""

    def apply(self, delta: MetadataDelta) -> None:
        """Take one change."""
        self.offset = delta.offset
        for broker in delta.brokers:
            self.brokers[broker.broker] = broker
        for topic in delta.topics:
            self.topics[topic.name] = topic
            self.topic_of_id[topic.topic_id] = topic
        for state in delta.partitions:
            self.partitions[state.tp] = state
            self.partitions_of.setdefault(state.tp.topic, {})[state.tp.partition] = state

    def is_alive(self, broker: int) -> bool:
        """Whether that broker serves, as far as this image goes; one that is about to stop does to the last."""
        known = self.brokers.get(broker)
        return known is not None and not known.is_fenced

    def leader_hint(self, state: PartitionState) -> tuple[LeaderIdAndEpoch, NodeEndpoint | None]:
        """Who leads and where it listens, for answers that send a client elsewhere (KIP-951)."""
        leader = LeaderIdAndEpoch(state.leader, state.leader_epoch)
        known = self.brokers.get(state.leader)
        if known is None or known.is_fenced:
            return leader, None
        return leader, NodeEndpoint(known.broker, *known.advertised, known.rack)
