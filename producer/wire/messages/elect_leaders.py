"""ElectLeaders: partitions get the leader they should have, or any that lives (KIP-183, KIP-460)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import Int8, Int16, Int32, String, since


class TopicPartitions(NamedTuple):
    """The partitions of one topic."""

    topic: String = ""
    partitions: tuple[Int32, ...] = ()


class ElectLeadersRequest(NamedTuple):
    """Elect."""

    election_type: Annotated[Int8, since(1)] = 0
    """0 the preferred replica, 1 any replica that lives, even out of sync."""
    topic_partitions: tuple[TopicPartitions, ...] | None = ()
    """Null for all."""
    timeout_ms: Int32 = 60000


class PartitionResult(NamedTuple):
    """What became of one partition."""

    partition_id: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = ""


class ReplicaElectionResult(NamedTuple):
    """The partitions of one topic."""

    topic: String = ""
    partition_result: tuple[PartitionResult, ...] = ()


class ElectLeadersResponse(NamedTuple):
    """What became of each partition."""

    throttle_time_ms: Int32 = 0
    error_code: Annotated[Int16, since(1)] = 0
    replica_election_results: tuple[ReplicaElectionResult, ...] = ()
