"""confluent-kafka's `SerializingProducer`: a producer that asks two functions for the bytes of keys and values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.facades.confluent.message import NOWHERE
from producer.facades.confluent.producer import NOW, Producer
from producer.facades.confluent.serialization import (
    KeySerializationError,
    MessageField,
    SerializationContext,
    ValueSerializationError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.facades.confluent.message import OnDelivery

    Serialize = Callable[[Any, SerializationContext], bytes | None]


class SerializingProducer(Producer):
    """A producer shaped as `confluent_kafka.SerializingProducer`; serializers made for that one do for this one."""

    def __init__(self, conf: dict[str, Any]) -> None:
        """`key.serializer` and `value.serializer` are functions of an object and a SerializationContext. Raises as `Producer`."""
        properties = dict(conf)
        self._key_serializer: Serialize | None = properties.pop("key.serializer", None)
        self._value_serializer: Serialize | None = properties.pop("value.serializer", None)
        super().__init__(properties)

    def produce(  # type: ignore[override]  # confluent-kafka has other arguments here, too
        self,
        topic: str,
        key: Any = None,
        value: Any = None,
        partition: int = NOWHERE,
        on_delivery: OnDelivery | None = None,
        timestamp: int = NOW,
        headers: Any = None,
    ) -> None:
        """Queue a message, as `Producer.produce`. Raises KeySerializationError and ValueSerializationError: nothing is queued."""
        # Serializers may register a schema: not for a message that can no longer be sent.
        if self._outbox.is_closed:
            self._check_open()
        if not isinstance(topic, str):
            raise TypeError(f"topic must be a str, not {type(topic).__name__}")
        context = SerializationContext(topic, MessageField.KEY, headers)
        if self._key_serializer is not None:
            try:
                key = self._key_serializer(key, context)
            except Exception as error:
                raise KeySerializationError(error) from error
        context.field = MessageField.VALUE
        if self._value_serializer is not None:
            try:
                value = self._value_serializer(value, context)
            except Exception as error:
                raise ValueSerializationError(error) from error
        super().produce(topic, value, key, partition, on_delivery=on_delivery, timestamp=timestamp, headers=headers)
