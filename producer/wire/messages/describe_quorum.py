"""DescribeQuorum: the controllers' quorum: who leads, and how far each replica is (KIP-595, KIP-836)."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Int16, Int32, Int64, String, Uint16, Uuid, since


class QuorumPartition(NamedTuple):
    """One partition."""

    partition_index: Int32 = 0


class QuorumTopic(NamedTuple):
    """The partitions of one topic: of __cluster_metadata there is one."""

    topic_name: String = ""
    partitions: tuple[QuorumPartition, ...] = ()


class DescribeQuorumRequest(NamedTuple):
    """Describe the quorum."""

    topics: tuple[QuorumTopic, ...] = ()


class QuorumReplica(NamedTuple):
    """How far one replica is."""

    replica_id: Int32 = 0
    replica_directory_id: Annotated[Uuid, since(2)] = ZERO_ID
    log_end_offset: Int64 = 0
    last_fetch_timestamp: Annotated[Int64, since(1), IGNORABLE] = -1
    """Milliseconds by the leader's clock; -1 where unknown."""
    last_caught_up_timestamp: Annotated[Int64, since(1), IGNORABLE] = -1
    """When it last had all; milliseconds by the leader's clock, -1 where unknown."""


class QuorumPartitionResponse(NamedTuple):
    """The quorum of one partition."""

    partition_index: Int32 = 0
    error_code: Int16 = 0
    error_message: Annotated[String | None, since(2), IGNORABLE] = ""
    leader_id: Int32 = 0
    leader_epoch: Int32 = 0
    high_watermark: Int64 = 0
    current_voters: tuple[QuorumReplica, ...] = ()
    observers: tuple[QuorumReplica, ...] = ()


class QuorumTopicResponse(NamedTuple):
    """The partitions of one topic."""

    topic_name: String = ""
    partitions: tuple[QuorumPartitionResponse, ...] = ()


class Listener(NamedTuple):
    """One address of a controller."""

    name: String = ""
    host: String = ""
    port: Uint16 = 0


class Node(NamedTuple):
    """Where one controller listens."""

    node_id: Int32 = 0
    listeners: tuple[Listener, ...] = ()


class DescribeQuorumResponse(NamedTuple):
    """The quorum."""

    error_code: Int16 = 0
    error_message: Annotated[String | None, since(2), IGNORABLE] = ""
    topics: tuple[QuorumTopicResponse, ...] = ()
    nodes: Annotated[tuple[Node, ...], since(2)] = ()
