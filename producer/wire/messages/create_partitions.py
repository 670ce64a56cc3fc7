"""CreatePartitions: topics get more partitions."""

from typing import NamedTuple

from producer.wire.schema import Boolean, Int16, Int32, String


class CreatePartitionsAssignment(NamedTuple):
    """On which brokers one new partition shall be."""

    broker_ids: tuple[Int32, ...] = ()


class CreatePartitionsTopic(NamedTuple):
    """One topic."""

    name: String = ""
    count: Int32 = 0  # type: ignore[assignment]  # Kafka's noun; nobody calls the method of tuples here
    """How many it shall have in all."""
    assignments: tuple[CreatePartitionsAssignment, ...] | None = ()
    """Of the new ones, in order; null lets the controller choose."""


class CreatePartitionsRequest(NamedTuple):
    """Add these."""

    topics: tuple[CreatePartitionsTopic, ...] = ()
    timeout_ms: Int32 = 0
    validate_only: Boolean = False
    """Say what would happen, and create nothing."""


class CreatePartitionsTopicResult(NamedTuple):
    """What became of one topic."""

    name: String = ""
    error_code: Int16 = 0
    error_message: String | None = None


class CreatePartitionsResponse(NamedTuple):
    """What became of each topic."""

    throttle_time_ms: Int32 = 0
    results: tuple[CreatePartitionsTopicResult, ...] = ()
