"""kafka-python's `KafkaProducer` over our engine: `send` gives a future, keyword arguments configure.

`from producer.facades.kafka_python import KafkaProducer` in place of `from kafka import KafkaProducer`; the errors that
applications catch stand here under kafka-python's names. docs/producer.md lists what differs.
"""

from typing import Any

from producer.facades.kafka_python import errors
from producer.facades.kafka_python.errors import (
    AuthorizationError,
    BrokerResponseError,
    IllegalStateError,
    InvalidMetadataError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    RetriableError,
)
from producer.facades.kafka_python.future import FutureRecordMetadata, RecordMetadata
from producer.facades.kafka_python.producer import KafkaProducer
from producer.records import TopicPartition

__all__ = [
    "AuthorizationError",
    "BrokerResponseError",
    "FutureRecordMetadata",
    "IllegalStateError",
    "InvalidMetadataError",
    "KafkaConfigurationError",
    "KafkaError",
    "KafkaProducer",
    "KafkaTimeoutError",
    "MessageSizeTooLargeError",
    "RecordMetadata",
    "RetriableError",
    "TopicPartition",
    "errors",
]


def __getattr__(name: str) -> Any:
    # A class of a broker's code, by kafka-python's name.
    return getattr(errors, name)
