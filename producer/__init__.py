"""A real Kafka producer: a sans-IO engine, and drivers for it.

The names here are the public face (`docs/public.md`). They stay; where they live may change. Each is loaded when it is first
asked for, so that `import producer.engine.engine` brings no thread, no event loop and no socket along.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.config.config import ProducerConfig, canonical_name
    from producer.dead_letters import DeadLetterPolicy, DeadLetterProducer
    from producer.drivers.aio import AsyncProducer
    from producer.drivers.interceptors import Interceptor
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.drivers.threads import Producer
    from producer.error_codes import Code, ErrorCode, error_code
    from producer.errors import (
        AuthenticationError,
        BufferExhaustedError,
        CommitFailedError,
        ConfigError,
        DeliveryTimeoutError,
        FatalTransactionError,
        ForkedProducerError,
        MetadataTimeoutError,
        Outcome,
        PartitionerError,
        PeerError,
        ProducerClosedError,
        ProducerError,
        ProducerFencedError,
        PurgedError,
        RecordTooLargeError,
        ReentrantCallError,
        SchemaRegistryError,
        SendError,
        SerializationError,
        TopicRefusedError,
        TransactionAbortableError,
        TransactionAbortedError,
        TransactionError,
        TransactionRefusedError,
        TransactionStateError,
        TransactionTimeoutError,
        UsageError,
    )
    from producer.large_payloads.chunking import Assembler
    from producer.large_payloads.claim_check import ClaimCheck
    from producer.metrics import prometheus_text
    from producer.partitioners.composite_key import CompositeKey
    from producer.partitioners.hot_keys import HotKeys
    from producer.partitioners.partitioner import Partitioner
    from producer.partitioners.salted import SaltedPartitioner
    from producer.records import (
        ClusterInfo,
        ConsumerGroupMetadata,
        OffsetAndMetadata,
        PartitionInfo,
        Record,
        RecordMetadata,
        TopicPartition,
    )
    from producer.schemas.schema import Reference, Schema, SchemaType
    from producer.serialization.schema_deserializer import SchemaDeserializer
    from producer.serialization.schema_serializer import SchemaSerializer
    from producer.transactions.prepared import PreparedTransaction

__all__ = [
    "Assembler",
    "AsyncProducer",
    "AuthenticationError",
    "BufferExhaustedError",
    "ClaimCheck",
    "ClusterInfo",
    "Code",
    "CommitFailedError",
    "CompositeKey",
    "ConfigError",
    "ConsumerGroupMetadata",
    "DeadLetterPolicy",
    "DeadLetterProducer",
    "DeliveryTimeoutError",
    "ErrorCode",
    "FatalTransactionError",
    "ForkedProducerError",
    "HotKeys",
    "Interceptor",
    "MetadataTimeoutError",
    "OffsetAndMetadata",
    "Outcome",
    "PartitionInfo",
    "Partitioner",
    "PartitionerError",
    "PeerError",
    "PreparedTransaction",
    "Producer",
    "ProducerClosedError",
    "ProducerConfig",
    "ProducerError",
    "ProducerFencedError",
    "PurgedError",
    "Record",
    "RecordMetadata",
    "RecordTooLargeError",
    "ReentrantCallError",
    "Reference",
    "SaltedPartitioner",
    "Schema",
    "SchemaDeserializer",
    "SchemaRegistry",
    "SchemaRegistryError",
    "SchemaSerializer",
    "SchemaType",
    "SendError",
    "SerializationError",
    "TopicPartition",
    "TopicRefusedError",
    "TransactionAbortableError",
    "TransactionAbortedError",
    "TransactionError",
    "TransactionRefusedError",
    "TransactionStateError",
    "TransactionTimeoutError",
    "UsageError",
    "canonical_name",
    "error_code",
    "prometheus_text",
]

_WORDS = {
    "producer.config.config": "ProducerConfig canonical_name",
    "producer.dead_letters": "DeadLetterPolicy DeadLetterProducer",
    "producer.drivers.aio": "AsyncProducer",
    "producer.drivers.interceptors": "Interceptor",
    "producer.drivers.thread_registry": "SchemaRegistry",
    "producer.drivers.threads": "Producer",
    "producer.error_codes": "Code ErrorCode error_code",
    "producer.errors": "AuthenticationError BufferExhaustedError CommitFailedError ConfigError DeliveryTimeoutError FatalTransactionError ForkedProducerError MetadataTimeoutError Outcome PartitionerError PeerError ProducerClosedError ProducerError ProducerFencedError PurgedError RecordTooLargeError ReentrantCallError SchemaRegistryError SendError SerializationError TopicRefusedError TransactionAbortableError TransactionAbortedError TransactionError TransactionRefusedError TransactionStateError TransactionTimeoutError UsageError",
    "producer.large_payloads.chunking": "Assembler",
    "producer.large_payloads.claim_check": "ClaimCheck",
    "producer.metrics": "prometheus_text",
    "producer.partitioners.composite_key": "CompositeKey",
    "producer.partitioners.hot_keys": "HotKeys",
    "producer.partitioners.partitioner": "Partitioner",
    "producer.partitioners.salted": "SaltedPartitioner",
    "producer.records": "ClusterInfo ConsumerGroupMetadata OffsetAndMetadata PartitionInfo Record RecordMetadata TopicPartition",
    "producer.schemas.schema": "Reference Schema SchemaType",
    "producer.serialization.schema_deserializer": "SchemaDeserializer",
    "producer.serialization.schema_serializer": "SchemaSerializer",
    "producer.transactions.prepared": "PreparedTransaction",
}
"""Where each name lives now: a module, and the names that are taken from it."""

_HOMES = {name: home for home, names in _WORDS.items() for name in names.split()}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module 'producer' has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
