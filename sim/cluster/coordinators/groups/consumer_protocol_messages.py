"""What consumers say to each other inside the classic protocol: Kafka's ConsumerProtocolSubscription and -Assignment."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Bytes, Int32, String, since


class TopicPartitions(NamedTuple):
    """Partitions of one topic."""

    topic: String = ""
    partitions: tuple[Int32, ...] = ()


class ConsumerProtocolSubscription(NamedTuple):
    """What a member reads, and what it has now. Versions 0 to 3."""

    topics: tuple[String, ...] = ()
    user_data: Bytes | None = None
    owned_partitions: Annotated[tuple[TopicPartitions, ...], since(1), IGNORABLE] = ()
    generation_id: Annotated[Int32, since(2), IGNORABLE] = -1
    rack_id: Annotated[String | None, since(3), IGNORABLE] = None


class ConsumerProtocolAssignment(NamedTuple):
    """What a member is given. Versions 0 to 3."""

    assigned_partitions: tuple[TopicPartitions, ...] = ()
    user_data: Bytes | None = None
