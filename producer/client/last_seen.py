"""The newest leader that was heard of for each partition, for as long as the client lives (Metadata.lastSeenLeaderEpochs).

What a client knows of a topic is forgotten when no broker can be reached, when nobody uses the topic for a while, when a
broker says that there is no such topic. Who is asked next may have slept through an election: a deposed leader, that still
takes itself for one. Only what is kept here tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.wire.schema import ZERO_ID

if TYPE_CHECKING:
    from producer.records import TopicPartition

NO_LEADER = -1
NO_EPOCH = -1


class Leader(NamedTuple):
    """Who leads a partition, and since which epoch."""

    node_id: int
    epoch: int


NOBODY = Leader(NO_LEADER, NO_EPOCH)


class SeenTopic:
    """One topic: the id it has, those it had, and the newest leader of each partition."""

    __slots__ = ("leaders", "replaced", "topic_id")

    def __init__(self) -> None:
        self.topic_id = ZERO_ID
        self.leaders: dict[int, Leader] = {}
        self.replaced: dict[bytes, None] = {}
        """Ids of topics of this name that were deleted: an id never comes back."""

    def begin_anew(self, topic_id: bytes) -> None:
        """Another topic has the name now: its epochs begin at 0."""
        if self.topic_id != ZERO_ID:
            self.replaced[self.topic_id] = None
        self.topic_id = topic_id
        self.leaders = {}


class LastSeen:
    """What was seen of each topic, by name. Not `is_lasting`, it is as Kafka's own client has it.

    Kafka keeps the epochs, too, but takes a topic that it has forgotten for another one as soon as an answer gives its id,
    and then believes whatever is said of it.
    """

    __slots__ = ("_cluster_id", "_topics", "is_lasting")

    def __init__(self, *, is_lasting: bool) -> None:
        self.is_lasting = is_lasting
        self._cluster_id: str | None = None
        self._topics: dict[str, SeenTopic] = {}

    def in_cluster(self, cluster_id: str | None) -> None:
        """Hear which cluster answers: of another one nothing was seen yet. None if it does not say."""
        if cluster_id is None:
            return
        if self._cluster_id not in {None, cluster_id}:
            self._topics = {}
        self._cluster_id = cluster_id

    def topic(self, name: str, topic_id: bytes, *, known_id: bytes) -> SeenTopic | None:
        """What was seen of the topic that an answer speaks of; None if it speaks of one that was deleted since.

        `known_id` is the id under which the topic is known at this moment. Without an id (before Kafka 2.8) a topic
        cannot be told from an older one of its name.
        """
        seen = self._topics.setdefault(name, SeenTopic())
        if topic_id == ZERO_ID:
            return seen
        if self.is_lasting:
            known_id = seen.topic_id
            if topic_id in seen.replaced:
                return None
        if topic_id != known_id:
            seen.begin_anew(topic_id)
        return seen

    def newest(self, seen: SeenTopic, partition: int, leader: Leader) -> Leader:
        """Who leads a partition of which an answer says that `leader` does: that one, or who was seen in a newer epoch."""
        if leader.epoch <= NO_EPOCH:
            # An old broker's, or an error's: who it names may be right, but since when it does not say.
            if not self.is_lasting:
                seen.leaders.pop(partition, None)
            return leader
        before = seen.leaders.get(partition, NOBODY)
        if leader.epoch < before.epoch:
            return before
        seen.leaders[partition] = leader
        return leader

    def latest(self, name: str) -> SeenTopic:
        """What was seen of a topic that was heard of."""
        return self._topics[name]

    def moved(self, partition: TopicPartition, leader: Leader) -> bool:
        """Take a leader that a broker hinted at (KIP-951). Returns False if a newer one was seen."""
        seen = self._topics[partition.topic]
        if leader.epoch < seen.leaders.get(partition.partition, NOBODY).epoch:
            return False
        seen.leaders[partition.partition] = leader
        return True
