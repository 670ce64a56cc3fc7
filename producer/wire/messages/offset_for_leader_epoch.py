"""OffsetForLeaderEpoch: where an epoch ends in the leader's log, to find where two logs part (KIP-101, KIP-320)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Int16, Int32, Int64, String, since


class OffsetForLeaderPartition(NamedTuple):
    """An epoch of one partition."""

    partition: Int32 = 0
    current_leader_epoch: Int32 = -1
    """The epoch the asker believes in; -1 asks for no check."""
    leader_epoch: Int32 = 0
    """The epoch whose end is wanted."""


class OffsetForLeaderTopic(NamedTuple):
    """The partitions of one topic."""

    topic: String = ""
    partitions: tuple[OffsetForLeaderPartition, ...] = ()


class OffsetForLeaderEpochRequest(NamedTuple):
    """Ask where epochs end."""

    replica_id: Annotated[Int32, since(3), IGNORABLE] = -2
    """A follower's; -1 for a consumer."""
    topics: tuple[OffsetForLeaderTopic, ...] = ()


class EpochEndOffset(NamedTuple):
    """The largest epoch of the leader's that is not above the one asked for, and where it ends."""

    error_code: Int16 = 0
    partition: Int32 = 0
    leader_epoch: Int32 = -1
    end_offset: Int64 = -1


class OffsetForLeaderTopicResult(NamedTuple):
    """The partitions of one topic."""

    topic: String = ""
    partitions: tuple[EpochEndOffset, ...] = ()


class OffsetForLeaderEpochResponse(NamedTuple):
    """Where the epochs end."""

    throttle_time_ms: Int32 = 0
    topics: tuple[OffsetForLeaderTopicResult, ...] = ()
