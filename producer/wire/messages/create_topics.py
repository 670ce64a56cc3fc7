"""CreateTopics: new topics."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, ZERO_ID, Boolean, Int8, Int16, Int32, String, Uuid, since, tag


class CreatableReplicaAssignment(NamedTuple):
    """On which brokers one partition shall be."""

    partition_index: Int32 = 0
    broker_ids: tuple[Int32, ...] = ()
    """The preferred leader first."""


class CreatableTopicConfig(NamedTuple):
    """One setting of a topic."""

    name: String = ""
    value: String | None = ""


class CreatableTopic(NamedTuple):
    """One topic to create."""

    name: String = ""
    num_partitions: Int32 = 0
    """-1 for the broker's default, or where `assignments` says it."""
    replication_factor: Int16 = 0
    """-1 for the broker's default, or where `assignments` says it."""
    assignments: tuple[CreatableReplicaAssignment, ...] = ()
    configs: tuple[CreatableTopicConfig, ...] = ()


class CreateTopicsRequest(NamedTuple):
    """Create these."""

    topics: tuple[CreatableTopic, ...] = ()
    timeout_ms: Int32 = 60000
    validate_only: Boolean = False
    """Say what would happen, and create nothing."""


class CreatableTopicConfigs(NamedTuple):
    """One setting of the topic as created."""

    name: String = ""
    value: String | None = ""
    read_only: Boolean = False
    config_source: Int8 = -1
    """Where the value is from: the number of a config source."""
    is_sensitive: Boolean = False


class CreatableTopicResult(NamedTuple):
    """What became of one topic."""

    name: String = ""
    topic_id: Annotated[Uuid, since(7), IGNORABLE] = ZERO_ID
    error_code: Int16 = 0
    error_message: String | None = ""
    topic_config_error_code: Annotated[Int16, since(5), tag(0), IGNORABLE] = 0
    """Why `configs` is null: TOPIC_AUTHORIZATION_FAILED."""
    num_partitions: Annotated[Int32, since(5), IGNORABLE] = -1
    replication_factor: Annotated[Int16, since(5), IGNORABLE] = -1
    configs: Annotated[tuple[CreatableTopicConfigs, ...] | None, since(5), IGNORABLE] = ()


class CreateTopicsResponse(NamedTuple):
    """What became of each topic."""

    throttle_time_ms: Int32 = 0
    topics: tuple[CreatableTopicResult, ...] = ()
