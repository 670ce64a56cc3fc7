"""Produce: batches to a leader, and where they landed. Topics go by name up to version 12, by id since 13."""

from typing import Annotated, NamedTuple

from producer.wire.messages.leaders import UNKNOWN_LEADER, LeaderIdAndEpoch, NodeEndpoint
from producer.wire.schema import IGNORABLE, ZERO_ID, Int16, Int32, Int64, Records, String, Uuid, since, tag, until


class ProducePartition(NamedTuple):
    """What one partition is given."""

    index: Int32 = 0  # type: ignore[assignment]  # Kafka's noun; nobody calls the method of tuples here
    records: Records | None = None
    """Whole record batches; brokers want exactly one."""


class ProduceTopic(NamedTuple):
    """The partitions of one topic."""

    name: Annotated[String, until(12), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(13), IGNORABLE] = ZERO_ID
    partition_data: tuple[ProducePartition, ...] = ()


class ProduceRequest(NamedTuple):
    """Append these."""

    transactional_id: String | None = None
    """Null outside of transactions."""
    acks: Int16 = 0
    """0 none (and no response at all), 1 the leader, -1 the whole ISR."""
    timeout_ms: Int32 = 0
    topic_data: tuple[ProduceTopic, ...] = ()


class RecordError(NamedTuple):
    """Which record of a refused batch was at fault (KIP-467)."""

    batch_index: Int32 = 0
    batch_index_error_message: String | None = None


class ProducePartitionResponse(NamedTuple):
    """What became of one partition's batch."""

    index: Int32 = 0  # type: ignore[assignment]  # Kafka's noun; nobody calls the method of tuples here
    error_code: Int16 = 0
    base_offset: Int64 = 0
    log_append_time_ms: Int64 = -1
    """-1 where the topic keeps CreateTime."""
    log_start_offset: Annotated[Int64, since(5), IGNORABLE] = -1
    record_errors: Annotated[tuple[RecordError, ...], since(8), IGNORABLE] = ()
    error_message: Annotated[String | None, since(8), IGNORABLE] = None
    current_leader: Annotated[LeaderIdAndEpoch, since(10), tag(0)] = UNKNOWN_LEADER
    """With NOT_LEADER_OR_FOLLOWER: who leads instead (KIP-951)."""


class ProduceTopicResponse(NamedTuple):
    """The partitions of one topic; name or id, as in the request."""

    name: Annotated[String, until(12), IGNORABLE] = ""
    topic_id: Annotated[Uuid, since(13), IGNORABLE] = ZERO_ID
    partition_responses: tuple[ProducePartitionResponse, ...] = ()


class ProduceResponse(NamedTuple):
    """What became of each batch."""

    responses: tuple[ProduceTopicResponse, ...] = ()
    throttle_time_ms: Int32 = 0
    node_endpoints: Annotated[tuple[NodeEndpoint, ...], since(10), tag(0)] = ()
    """Where the leaders named in the partitions listen (KIP-951)."""
