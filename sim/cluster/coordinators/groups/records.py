"""What `__consumer_offsets` holds: Kafka's own schemas, OffsetCommitKey and -Value, GroupMetadataKey and -Value."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Bytes, Int32, Int64, String, Uuid, since, tag, versions


class OffsetCommitKey(NamedTuple):
    """A group's position in one partition."""

    group: String = ""
    topic: String = ""
    partition: Int32 = 0


class OffsetCommitValue(NamedTuple):
    """How far the group has come, and since when. Written in version 4, or 1 with a time of its own to expire."""

    offset: Int64 = 0
    leader_epoch: Annotated[Int32, since(3), IGNORABLE] = -1
    metadata: String = ""
    commit_timestamp: Int64 = 0
    expire_timestamp: Annotated[Int64, versions(1, 1), IGNORABLE] = -1
    topic_id: Annotated[Uuid, since(4), tag(0), IGNORABLE] = ZERO_ID


class GroupMetadataKey(NamedTuple):
    """A group of the classic protocol."""

    group: String = ""


class MemberMetadata(NamedTuple):
    """One member, with what it reads."""

    member_id: String = ""
    group_instance_id: Annotated[String | None, since(3), IGNORABLE] = None
    client_id: String = ""
    client_host: String = ""
    rebalance_timeout: Annotated[Int32, since(1), IGNORABLE] = -1
    session_timeout: Int32 = 0
    subscription: Bytes = b""
    assignment: Bytes = b""


class GroupMetadataValue(NamedTuple):
    """A generation. Written in version 3."""

    protocol_type: String = ""
    generation: Int32 = 0
    protocol: String | None = None
    leader: String | None = None
    current_state_timestamp: Annotated[Int64, since(2), IGNORABLE] = -1
    members: tuple[MemberMetadata, ...] = ()
