"""TxnOffsetCommit: a group's positions that count when the transaction is committed."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int16, Int32, Int64, String, since


class TxnOffsetCommitRequestPartition(NamedTuple):
    """A position in one partition."""

    partition_index: Int32 = 0
    committed_offset: Int64 = 0
    committed_leader_epoch: Annotated[Int32, since(2), IGNORABLE] = -1
    """Of the last record read; -1 where unknown."""
    committed_metadata: String | None = ""


class TxnOffsetCommitRequestTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[TxnOffsetCommitRequestPartition, ...] = ()


class TxnOffsetCommitRequest(NamedTuple):
    """Remember these positions when the transaction commits."""

    transactional_id: String = ""
    group_id: String = ""
    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    generation_id: Annotated[Int32, since(3)] = -1
    """The consumer's, so that a zombie is fenced (KIP-447); -1 for no check."""
    member_id: Annotated[String, since(3)] = ""
    group_instance_id: Annotated[String | None, since(3)] = None
    """A static member's name (KIP-345)."""
    topics: tuple[TxnOffsetCommitRequestTopic, ...] = ()


class TxnOffsetCommitResponsePartition(NamedTuple):
    """Whether one position was taken."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class TxnOffsetCommitResponseTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[TxnOffsetCommitResponsePartition, ...] = ()


class TxnOffsetCommitResponse(NamedTuple):
    """Which positions were taken."""

    throttle_time_ms: Int32 = 0
    topics: tuple[TxnOffsetCommitResponseTopic, ...] = ()
