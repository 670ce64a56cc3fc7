"""Fetch: batches from a leader, for followers and consumers. Topics go by name up to version 12, by id since 13."""

from typing import Annotated, NamedTuple

from producer.wire.messages.leaders import UNKNOWN_LEADER, LeaderIdAndEpoch, NodeEndpoint
from producer.wire.schema import IGNORABLE, ZERO_ID, Int8, Int16, Int32, Int64, Records, String, Uuid, since, tag, until

HIGH_WATERMARK_UNSUPPORTED = (1 << 63) - 1
"""In a request: the replica does not tell its high watermark."""


class ReplicaState(NamedTuple):
    """The follower that asks, and its broker epoch (KIP-903)."""

    replica_id: Int32 = -1
    """-1 for a consumer."""
    replica_epoch: Int64 = -1


class FetchPartition(NamedTuple):
    """Where to read in one partition."""

    partition: Int32 = 0
    current_leader_epoch: Annotated[Int32, since(9), IGNORABLE] = -1
    """-1 asks for no check."""
    fetch_offset: Int64 = 0
    last_fetched_epoch: Annotated[Int32, since(12)] = -1
    """The broker answers `diverging_epoch` if its log does not agree (KIP-595)."""
    log_start_offset: Annotated[Int64, since(5), IGNORABLE] = -1
    """A follower's; -1 from a consumer."""
    partition_max_bytes: Int32 = 0
    replica_directory_id: Annotated[Uuid, since(17), tag(0), IGNORABLE] = ZERO_ID
    high_watermark: Annotated[Int64, since(18), tag(1), IGNORABLE] = HIGH_WATERMARK_UNSUPPORTED
    """A follower's (KIP-1166)."""


class FetchTopic(NamedTuple):
    """The partitions of one topic."""

    topic: Annotated[String, until(12), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(13), IGNORABLE] = ZERO_ID
    partitions: tuple[FetchPartition, ...] = ()


class ForgottenTopic(NamedTuple):
    """Partitions to drop from a fetch session."""

    topic: Annotated[String, until(12), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(13), IGNORABLE] = ZERO_ID
    partitions: tuple[Int32, ...] = ()


class FetchRequest(NamedTuple):
    """Give me what follows."""

    cluster_id: Annotated[String | None, since(12), tag(0), IGNORABLE] = None
    """The cluster the follower believes in."""
    replica_id: Annotated[Int32, until(14)] = -1
    """-1 for a consumer; since version 15 in `replica_state`."""
    replica_state: Annotated[ReplicaState, since(15), tag(1)] = ReplicaState()
    max_wait_ms: Int32 = 0
    min_bytes: Int32 = 0
    max_bytes: Int32 = 0x7FFFFFFF
    isolation_level: Int8 = 0
    """0 read_uncommitted, 1 read_committed."""
    session_id: Annotated[Int32, since(7), IGNORABLE] = 0
    """0 to begin a session (KIP-227)."""
    session_epoch: Annotated[Int32, since(7), IGNORABLE] = -1
    """-1 for no session, 0 for a new one."""
    topics: tuple[FetchTopic, ...] = ()
    forgotten_topics_data: Annotated[tuple[ForgottenTopic, ...], since(7)] = ()
    rack_id: Annotated[String, since(11), IGNORABLE] = ""
    """A consumer's, so that a near replica can serve it (KIP-392)."""


class EpochEndOffset(NamedTuple):
    """The largest epoch both logs know, and where it ends in the leader's."""

    epoch: Int32 = -1
    end_offset: Int64 = -1


NO_DIVERGENCE = EpochEndOffset()


class SnapshotId(NamedTuple):
    """The snapshot to fetch instead: metadata logs alone have one."""

    end_offset: Int64 = -1
    epoch: Int32 = -1


class AbortedTransaction(NamedTuple):
    """A transaction whose records a read_committed consumer must skip."""

    producer_id: Int64 = 0
    first_offset: Int64 = 0


class FetchPartitionResponse(NamedTuple):
    """What one partition gave."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    high_watermark: Int64 = 0
    last_stable_offset: Int64 = -1
    log_start_offset: Annotated[Int64, since(5), IGNORABLE] = -1
    diverging_epoch: Annotated[EpochEndOffset, since(12), tag(0)] = NO_DIVERGENCE
    """Where the follower has to truncate to; an epoch of -1 where the logs agree."""
    current_leader: Annotated[LeaderIdAndEpoch, since(12), tag(1)] = UNKNOWN_LEADER
    """With NOT_LEADER_OR_FOLLOWER or FENCED_LEADER_EPOCH: who leads."""
    snapshot_id: Annotated[SnapshotId, since(12), tag(2)] = SnapshotId()
    aborted_transactions: tuple[AbortedTransaction, ...] | None = ()
    """Null for read_uncommitted."""
    preferred_read_replica: Annotated[Int32, since(11)] = -1
    """The broker that a consumer had better ask; -1 for this one."""
    records: Records | None = None
    """Record batches, the first perhaps from before the offset, the last perhaps cut off."""


class FetchTopicResponse(NamedTuple):
    """The partitions of one topic; name or id, as in the request."""

    topic: Annotated[String, until(12), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(13), IGNORABLE] = ZERO_ID
    partitions: tuple[FetchPartitionResponse, ...] = ()


class FetchResponse(NamedTuple):
    """What follows."""

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(7), IGNORABLE] = 0
    session_id: Annotated[Int32, since(7)] = 0
    responses: tuple[FetchTopicResponse, ...] = ()
    node_endpoints: Annotated[tuple[NodeEndpoint, ...], since(16), tag(0)] = ()
    """Where the leaders named in the partitions listen (KIP-951)."""
