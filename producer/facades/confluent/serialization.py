"""What confluent-kafka's serializers are called with, and what a SerializingProducer raises for them."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from producer.facades.confluent.errors import KafkaError, KafkaException

if TYPE_CHECKING:
    from producer.facades.confluent.message import Message


class MessageField(StrEnum):
    """Which part of a message is made into bytes."""

    NONE = "none"
    KEY = "key"
    VALUE = "value"


class SerializationContext:
    """What a serializer is told besides the object."""

    def __init__(self, topic: str, field: MessageField, headers: Any = None) -> None:
        """`headers` are the very ones that `produce` was given: what a serializer puts there is sent."""
        self.topic = topic
        self.field = field
        self.headers = headers


class SerializationError(KafkaException):
    """What goes wrong with serializers."""


class ProduceError(KafkaException):
    """A message that cannot be produced; `exception` is what was raised."""

    def __init__(self, kafka_error: KafkaError, exception: Exception | None = None) -> None:
        """As confluent-kafka."""
        super().__init__(kafka_error)
        self.exception = exception
        self.kafka_message: Message | None = None

    @property
    def code(self) -> int:
        """The error's code."""
        return int(self.args[0].code())

    @property
    def name(self) -> str:
        """The error's name."""
        return str(self.args[0].name())


class KeySerializationError(ProduceError, SerializationError):
    """A key's serializer raised."""

    def __init__(self, exception: Exception | None = None) -> None:
        """As confluent-kafka."""
        super().__init__(KafkaError(KafkaError._KEY_SERIALIZATION, str(exception)), exception)


class ValueSerializationError(ProduceError, SerializationError):
    """A value's serializer raised."""

    def __init__(self, exception: Exception | None = None) -> None:
        """As confluent-kafka."""
        super().__init__(KafkaError(KafkaError._VALUE_SERIALIZATION, str(exception)), exception)
