"""confluent-kafka's `Producer` over our engine: `produce` never blocks, callbacks run in `poll` and `flush`.

`from producer.facades.confluent import Producer, KafkaError, KafkaException` in place of `from confluent_kafka import …`.
Defaults are librdkafka's wherever an application can see them: the partition of a key, no idempotence, 300 s for a
message, a million in flight. docs/producer.md lists what differs.
"""

from producer.facades.confluent.cluster import ClusterMetadata
from producer.facades.confluent.errors import KafkaError, KafkaException
from producer.facades.confluent.message import (
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    TIMESTAMP_NOT_AVAILABLE,
    Message,
)
from producer.facades.confluent.producer import Producer
from producer.facades.confluent.serialization import (
    KeySerializationError,
    MessageField,
    SerializationContext,
    SerializationError,
    ValueSerializationError,
)
from producer.facades.confluent.serializing_producer import SerializingProducer

__all__ = [
    "TIMESTAMP_CREATE_TIME",
    "TIMESTAMP_LOG_APPEND_TIME",
    "TIMESTAMP_NOT_AVAILABLE",
    "ClusterMetadata",
    "KafkaError",
    "KafkaException",
    "KeySerializationError",
    "Message",
    "MessageField",
    "Producer",
    "SerializationContext",
    "SerializationError",
    "SerializingProducer",
    "ValueSerializationError",
]
