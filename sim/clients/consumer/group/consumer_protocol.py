"""The consumer protocol (KIP-848): one request, over and over; the coordinator says what to give up, and then what to take.

Kafka: ConsumerHeartbeatRequestManager, ConsumerMembershipManager.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import TYPE_CHECKING

from producer.client.backoff import NEVER_US
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import decode
from producer.wire.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
    TopicPartitions,
)
from sim.clients.consumer.group.membership import Membership, Question, Reached, Word, word_of
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.client.cluster_view import ClusterView

REBALANCE_TIMEOUT_US = 300 * SECOND_US
"""max.poll.interval.ms: how long it may take to give partitions up."""
_JOINING_EPOCH = 0
_LEFT_EPOCH = -1
_UUID_BYTES = 16


class ConsumerMembership(Membership):
    """A member by the consumer protocol. What it keeps in a rebalance it reads on."""

    def __init__(self, group_id: str, topics: tuple[str, ...], view: ClusterView, chance: Chance) -> None:
        """`view` knows the topics of ids; the member's own id is drawn from `chance`."""
        super().__init__(group_id, topics)
        self._view = view
        drawn = bytes([chance.randrange(256) for _ in range(_UUID_BYTES)])
        self.member_id = urlsafe_b64encode(drawn).decode().rstrip("=")
        self.epoch = _JOINING_EPOCH
        self._wanted: tuple[tuple[bytes, int], ...] = ()
        """What the coordinator wants it to have, by topics' ids."""
        self._said: tuple[TopicPartition, ...] | None = None
        """What it has said last that it owns; None if all is to be said anew."""
        self._saying: tuple[TopicPartition, ...] | None = None
        self._interval_us = 0
        self._is_asking = False

    @property
    def target(self) -> tuple[TopicPartition, ...]:
        known = [(self._view.topic_name(topic_id), partition) for topic_id, partition in self._wanted]
        return tuple([TopicPartition(topic, partition) for topic, partition in known if topic is not None])

    @property
    def is_settled(self) -> bool:
        return self.epoch > _JOINING_EPOCH and len(self.target) == len(self._wanted)

    @property
    def fetches_as(self) -> tuple[str | None, int]:
        return self.member_id, self.epoch

    def question(self, owned: tuple[TopicPartition, ...]) -> Question:
        self._is_asking = True
        self.due_us = NEVER_US
        self._saying = owned
        is_full = self._said is None
        request = ConsumerGroupHeartbeatRequest(
            self.group_id,
            self.member_id,
            self.epoch,
            rebalance_timeout_ms=REBALANCE_TIMEOUT_US // MILLISECOND_US if is_full else -1,
            subscribed_topic_names=self.topics if is_full else None,
            topic_partitions=self._topic_partitions(owned) if is_full or owned != self._said else None,
        )
        return Question(ApiKey.CONSUMER_GROUP_HEARTBEAT, request)

    def _topic_partitions(self, owned: tuple[TopicPartition, ...]) -> tuple[TopicPartitions, ...]:
        # What it owns is among what it shall have, but for what it has to give up and its application still works on.
        ids = {topic: self._view.topics[topic].topic_id for topic, _ in owned if topic in self._view.topics}
        ids |= {topic: topic_id for topic, topic_id in self._known_ids() if topic is not None}
        by_topic: dict[bytes, list[int]] = {}
        for topic, partition in owned:
            by_topic.setdefault(ids[topic], []).append(partition)
        return tuple([TopicPartitions(topic_id, tuple(partitions)) for topic_id, partitions in by_topic.items()])

    def _known_ids(self) -> list[tuple[str | None, bytes]]:
        return [(self._view.topic_name(topic_id), topic_id) for topic_id, _ in self._wanted]

    def take(self, body: bytes, version: int, now_us: int) -> Reached:
        self._is_asking = False
        told = decode(ConsumerGroupHeartbeatResponse, body, version)
        word = word_of(told.error_code)
        if word is Word.WELL:
            self._said = self._saying
            self.epoch = told.member_epoch
            self._interval_us = told.heartbeat_interval_ms * MILLISECOND_US
            self.due_us = now_us + self._interval_us
            if told.assignment is not None:
                topics = told.assignment.topic_partitions
                self._wanted = tuple([(one.topic_id, partition) for one in topics for partition in one.partitions])
        elif word is not Word.FENCED:
            self._said = None
            self.due_us = now_us
        return Reached(word, told.error_code, told.error_message or "", told.throttle_time_ms)

    def lost(self, now_us: int) -> None:
        self._is_asking = False
        # Whatever was said may not have been heard.
        self._said = None
        self.due_us = now_us

    def owns(self, owned: tuple[TopicPartition, ...], now_us: int) -> None:
        if owned != self._said and not self._is_asking:
            # The others wait for what was given up, and the coordinator wants to know what was taken.
            self.due_us = min(self.due_us, now_us)

    def fenced(self, now_us: int) -> None:
        self.epoch = _JOINING_EPOCH
        self._wanted = ()
        self._said = None
        self.due_us = now_us

    def leaving(self) -> Question:
        request = ConsumerGroupHeartbeatRequest(self.group_id, self.member_id, _LEFT_EPOCH)
        return Question(ApiKey.CONSUMER_GROUP_HEARTBEAT, request)
