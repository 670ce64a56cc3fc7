"""kafka-python's `KafkaProducer` over our engine: `send` gives a future, keyword arguments configure.

`from producer.facades.kafka_python import KafkaProducer` in place of `from kafka import KafkaProducer`; the errors that
applications catch stand here under kafka-python's names. docs/producer.md lists what differs.
"""

from producer.facades.kafka_python.errors import (
    BrokerResponseError,
    IllegalStateError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
)
from producer.facades.kafka_python.future import FutureRecordMetadata, RecordMetadata
from producer.facades.kafka_python.producer import KafkaProducer
from producer.records import TopicPartition

__all__ = [
    "BrokerResponseError",
    "FutureRecordMetadata",
    "IllegalStateError",
    "KafkaConfigurationError",
    "KafkaError",
    "KafkaProducer",
    "KafkaTimeoutError",
    "MessageSizeTooLargeError",
    "RecordMetadata",
    "TopicPartition",
]
