"""ConsumerGroupDescribe: groups of the consumer protocol, with members and assignments (KIP-848)."""

from typing import Annotated, NamedTuple

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import IGNORABLE, ZERO_ID, Boolean, Int8, Int16, Int32, String, Uuid, since


class ConsumerGroupDescribeRequest(NamedTuple):
    """Describe these groups."""

    group_ids: tuple[String, ...] = ()
    include_authorized_operations: Boolean = False


class TopicPartitions(NamedTuple):
    """The partitions of one topic."""

    topic_id: Uuid = ZERO_ID
    topic_name: String = ""
    partitions: tuple[Int32, ...] = ()


class Assignment(NamedTuple):
    """What a member owns, or shall own."""

    topic_partitions: tuple[TopicPartitions, ...] = ()


class Member(NamedTuple):
    """One member."""

    member_id: String = ""
    instance_id: String | None = None
    """A static member's name."""
    rack_id: String | None = None
    member_epoch: Int32 = 0
    client_id: String = ""
    client_host: String = ""
    subscribed_topic_names: tuple[String, ...] = ()
    subscribed_topic_regex: String | None = None
    assignment: Assignment = Assignment()
    target_assignment: Assignment = Assignment()
    """What it shall own once others have given it up."""
    member_type: Annotated[Int8, since(1), IGNORABLE] = -1
    """0 speaks the classic protocol, 1 the consumer protocol, -1 unknown."""


class DescribedGroup(NamedTuple):
    """One group."""

    error_code: Int16 = 0
    error_message: String | None = None
    group_id: String = ""
    group_state: String = ""
    """Empty, Assigning, Reconciling, Stable or Dead."""
    group_epoch: Int32 = 0
    assignment_epoch: Int32 = 0
    assignor_name: String = ""
    members: tuple[Member, ...] = ()
    authorized_operations: Int32 = OPERATIONS_UNKNOWN
    """A bit field."""


class ConsumerGroupDescribeResponse(NamedTuple):
    """The groups."""

    throttle_time_ms: Int32 = 0
    groups: tuple[DescribedGroup, ...] = ()
