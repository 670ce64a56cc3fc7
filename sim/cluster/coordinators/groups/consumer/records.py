"""What `__consumer_offsets` holds of groups by the consumer protocol: Kafka's own schemas, ConsumerGroup*Key and *Value."""

from typing import Annotated, NamedTuple

from producer.wire.schema import ZERO_ID, Bytes, Int8, Int32, Int64, String, Uuid, tag


class ConsumerGroupKey(NamedTuple):
    """A group: the key of its metadata, of its partition metadata, and of its target assignment's metadata."""

    group_id: String = ""


class ConsumerGroupMemberKey(NamedTuple):
    """A member: the key of its metadata, of its target assignment and of its current one."""

    group_id: String = ""
    member_id: String = ""


class ConsumerGroupRegularExpressionKey(NamedTuple):
    """A regular expression to which members of a group are subscribed."""

    group_id: String = ""
    regular_expression: String = ""


class ConsumerGroupMetadataValue(NamedTuple):
    """The group's epoch, and what the topics were by which it was counted."""

    epoch: Int32 = 0
    metadata_hash: Annotated[Int64, tag(0)] = 0


class PartitionRacks(NamedTuple):
    """In which racks a partition is."""

    partition: Int32 = 0
    racks: tuple[String, ...] = ()


class TopicMetadata(NamedTuple):
    """One topic."""

    topic_id: Uuid = ZERO_ID
    topic_name: String = ""
    num_partitions: Int32 = 0
    partition_metadata: tuple[PartitionRacks, ...] = ()


class ConsumerGroupPartitionMetadataValue(NamedTuple):
    """What the topics were: written before Kafka 4.1, which keeps a hash of it instead."""

    topics: tuple[TopicMetadata, ...] = ()


class ClassicProtocol(NamedTuple):
    """One protocol of a member that speaks the classic one, with its subscription in that protocol's words."""

    name: String = ""
    metadata: Bytes = b""


class ClassicMemberMetadata(NamedTuple):
    """What a member is beside that speaks the classic protocol."""

    session_timeout_ms: Int32 = 0
    supported_protocols: tuple[ClassicProtocol, ...] = ()


class ConsumerGroupMemberMetadataValue(NamedTuple):
    """Who a member is and what it reads."""

    instance_id: String | None = None
    rack_id: String | None = None
    client_id: String = ""
    client_host: String = ""
    subscribed_topic_names: tuple[String, ...] = ()
    subscribed_topic_regex: String | None = None
    rebalance_timeout_ms: Int32 = -1
    server_assignor: String | None = None
    classic_member_metadata: Annotated[ClassicMemberMetadata | None, tag(0)] = ClassicMemberMetadata()
    """Null for a member that speaks the consumer protocol."""


class ConsumerGroupTargetAssignmentMetadataValue(NamedTuple):
    """For which epoch of the group the target was made, and when."""

    assignment_epoch: Int32 = 0
    assignment_timestamp: Annotated[Int64, tag(0)] = 0


class TargetTopicPartitions(NamedTuple):
    """Partitions of one topic that a member shall have."""

    topic_id: Uuid = ZERO_ID
    partitions: tuple[Int32, ...] = ()


class ConsumerGroupTargetAssignmentMemberValue(NamedTuple):
    """What a member shall have."""

    topic_partitions: tuple[TargetTopicPartitions, ...] = ()


class CurrentTopicPartitions(NamedTuple):
    """Partitions of one topic that a member has, each with the epoch in which it got it."""

    topic_id: Uuid = ZERO_ID
    partitions: tuple[Int32, ...] = ()
    assignment_epochs: Annotated[tuple[Int32, ...] | None, tag(0)] = None


class ConsumerGroupCurrentMemberAssignmentValue(NamedTuple):
    """What a member has, and has to give up."""

    member_epoch: Int32 = 0
    previous_member_epoch: Int32 = 0
    state: Int8 = 0
    assigned_partitions: tuple[CurrentTopicPartitions, ...] = ()
    partitions_pending_revocation: tuple[CurrentTopicPartitions, ...] = ()


class ConsumerGroupRegularExpressionValue(NamedTuple):
    """The topics that it was found to match."""

    topics: tuple[String, ...] = ()
    version: Int64 = 0
    timestamp: Int64 = 0
