"""The arguments of kafka-python's transactional calls, and what those raise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from producer.errors import (
    ProducerClosedError,
    ProducerError,
    TransactionError,
    TransactionStateError,
    TransactionTimeoutError,
)
from producer.facades.kafka_python.errors import IllegalStateError, KafkaError, KafkaTimeoutError, for_code, translated
from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition

if TYPE_CHECKING:
    from collections.abc import Mapping


def read_offsets(offsets: Mapping[Any, Any]) -> dict[TopicPartition, OffsetAndMetadata]:
    """Read kafka-python's offsets by its partitions."""
    return {
        TopicPartition(partition.topic, partition.partition): OffsetAndMetadata(
            one.offset, -1 if one.leader_epoch is None else one.leader_epoch, one.metadata or ""
        )
        for partition, one in offsets.items()
    }


def read_group(group: Any) -> ConsumerGroupMetadata:
    """Read what `KafkaConsumer.group_metadata()` gives, or a group's id. Raises TypeError and ValueError as kafka-python does."""
    if isinstance(group, str):
        return ConsumerGroupMetadata(group)
    names = ("group_id", "generation_id", "member_id", "group_instance_id")
    if not all(hasattr(group, name) for name in names):
        raise TypeError(
            "send_offsets_to_transaction expects group_metadata to be a "
            f"ConsumerGroupMetadata or a group_id str, got {type(group)!r}"
        )
    if group.generation_id > 0 and not group.member_id:
        raise ValueError(
            f"Invalid ConsumerGroupMetadata: generation_id={group.generation_id} implies a"
            " joined group but member_id is empty"
        )
    return ConsumerGroupMetadata(*(getattr(group, name) for name in names))


def raise_translated(error: ProducerError) -> NoReturn:
    """Raise, in kafka-python's words, what ended a transactional call."""
    match error:
        case TransactionTimeoutError():
            raise KafkaTimeoutError(str(error)) from error
        case TransactionStateError():
            raise KafkaError(str(error)) from error
        case ProducerClosedError():
            raise IllegalStateError(str(error)) from error
        case TransactionError(code=code):
            raise for_code(code.code)(str(error)) from error
        case _:
            raise translated(error) from error
