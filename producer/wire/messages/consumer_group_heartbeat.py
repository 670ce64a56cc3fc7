"""ConsumerGroupHeartbeat: all that a member of the consumer protocol says and is told (KIP-848)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import ZERO_ID, Int16, Int32, String, Uuid, since


class TopicPartitions(NamedTuple):
    """The partitions of one topic."""

    topic_id: Uuid = ZERO_ID
    partitions: tuple[Int32, ...] = ()


class ConsumerGroupHeartbeatRequest(NamedTuple):
    """I am alive, and this has changed: what has not is null, or -1."""

    group_id: String = ""
    member_id: String = ""
    """The member's own choice, since version 1."""
    member_epoch: Int32 = 0
    """0 joins, -1 leaves, -2 leaves for a while (static members)."""
    instance_id: String | None = None
    """A static member's name."""
    rack_id: String | None = None
    rebalance_timeout_ms: Int32 = -1
    subscribed_topic_names: tuple[String, ...] | None = None
    subscribed_topic_regex: Annotated[String | None, since(1)] = None
    """A regular expression of RE2J; the coordinator matches it."""
    server_assignor: String | None = None
    """Null lets the group's members, then the broker, choose."""
    topic_partitions: tuple[TopicPartitions, ...] | None = None
    """What the member owns."""


class Assignment(NamedTuple):
    """What the member shall own."""

    topic_partitions: tuple[TopicPartitions, ...] = ()


class ConsumerGroupHeartbeatResponse(NamedTuple):
    """Go on, and take or give up partitions."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = None
    member_id: String | None = None
    member_epoch: Int32 = 0
    heartbeat_interval_ms: Int32 = 0
    assignment: Assignment | None = None
    """Null where it has not changed."""
