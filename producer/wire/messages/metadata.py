"""Metadata: the brokers, the topics, and who leads each partition."""

from typing import Annotated, NamedTuple

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import (
    IGNORABLE,
    ZERO_ID,
    Boolean,
    Int16,
    Int32,
    String,
    Uuid,
    nullable_since,
    since,
    versions,
)


class MetadataRequestTopic(NamedTuple):
    """A topic by its name, or by its id (brokers answer that since version 12)."""

    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    name: Annotated[String | None, nullable_since(10)] = ""
    """Null where the id is meant."""


class MetadataRequest(NamedTuple):
    """Tell me about these topics."""

    topics: Annotated[tuple[MetadataRequestTopic, ...] | None, nullable_since(1)] = ()
    """Null for all of them, empty for none; in version 0 empty is all."""
    allow_auto_topic_creation: Annotated[Boolean, since(4)] = True
    """Before version 4, brokers create as they are configured."""
    include_cluster_authorized_operations: Annotated[Boolean, versions(8, 10)] = False
    include_topic_authorized_operations: Annotated[Boolean, since(8)] = False


class MetadataBroker(NamedTuple):
    """Where a broker listens."""

    node_id: Int32 = 0
    host: String = ""
    port: Int32 = 0
    rack: Annotated[String | None, since(1), IGNORABLE] = None


class MetadataPartition(NamedTuple):
    """One partition, as the answering broker knows it."""

    error_code: Int16 = 0
    partition_index: Int32 = 0
    leader_id: Int32 = 0
    """-1 while there is none."""
    leader_epoch: Annotated[Int32, since(7), IGNORABLE] = -1
    replica_nodes: tuple[Int32, ...] = ()
    isr_nodes: tuple[Int32, ...] = ()
    offline_replicas: Annotated[tuple[Int32, ...], since(5), IGNORABLE] = ()


class MetadataTopic(NamedTuple):
    """One topic, as the answering broker knows it."""

    error_code: Int16 = 0
    name: Annotated[String | None, nullable_since(12)] = ""
    """Null for an id that is not known."""
    topic_id: Annotated[Uuid, since(10), IGNORABLE] = ZERO_ID
    is_internal: Annotated[Boolean, since(1), IGNORABLE] = False
    partitions: tuple[MetadataPartition, ...] = ()
    topic_authorized_operations: Annotated[Int32, since(8)] = OPERATIONS_UNKNOWN
    """A bit field."""


class MetadataResponse(NamedTuple):
    """The cluster, as the answering broker knows it: it may be behind."""

    throttle_time_ms: Annotated[Int32, since(3), IGNORABLE] = 0
    brokers: tuple[MetadataBroker, ...] = ()
    cluster_id: Annotated[String | None, since(2), IGNORABLE] = None
    controller_id: Annotated[Int32, since(1), IGNORABLE] = -1
    topics: tuple[MetadataTopic, ...] = ()
    cluster_authorized_operations: Annotated[Int32, versions(8, 10)] = OPERATIONS_UNKNOWN
    """A bit field."""
    error_code: Annotated[Int16, since(13), IGNORABLE] = 0
    """REBOOTSTRAP_REQUIRED (KIP-1102)."""


def named(*names: str) -> tuple[MetadataRequestTopic, ...]:
    """Give topics to ask for by their names."""
    return tuple([MetadataRequestTopic(name=name) for name in names])
