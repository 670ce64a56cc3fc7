"""A record's key and value on their way into bytes: what is wrong with one is said before anything is queued."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.drivers.callbacks import call_each
from producer.errors import ProducerError, SerializationError
from producer.serialization import names
from producer.serialization.plain import BYTES
from producer.serialization.serializer import Role

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.config.config import ProducerConfig
    from producer.serialization.serializer import HeaderList, Serializer


class Serializing:
    """The two serializers of one producer; whoever has none is not asked."""

    __slots__ = ("_key", "_serializers", "_value")

    def __init__(self, key: Serializer | None, value: Serializer | None) -> None:
        """None takes bytes as they are."""
        self._serializers = [one for one in (key, value) if one is not None]
        self._key = (key or BYTES).serialize
        self._value = (value or BYTES).serialize

    def key_and_value(self, topic: str, key: Any, value: Any, headers: HeaderList) -> tuple[bytes | None, bytes | None]:
        """Give the bytes of both; what serializers say in headers is put behind those. Raises SerializationError."""
        role, given = Role.KEY, key
        try:
            key_bytes = self._key(topic, headers, key)
            role, given = Role.VALUE, value
            return key_bytes, self._value(topic, headers, value)
        except SerializationError as error:
            raise error.of(f"{role.value} for topic {topic!r}") from error
        except ProducerError:
            raise
        except Exception as error:  # the application's own serializer
            what = f"{role.value} for topic {topic!r}: {type(error).__name__}: {error}"
            raise SerializationError(what, value=given) from error

    def close(self) -> None:
        """Close what has something to close; an application's own, too, as Kafka does."""
        endings: list[Callable[[], object]] = [
            ending for one in self._serializers if callable(ending := getattr(one, "close", None))
        ]
        self._serializers = []
        call_each(endings)


def serializing_of(config: ProducerConfig) -> Serializing | None:
    """Make the serializers that a producer was configured with; None if records are bytes. Raises ConfigError."""
    key = names.make(config.key_serializer, Role.KEY)
    value = names.make(config.value_serializer, Role.VALUE)
    return None if key is None and value is None else Serializing(key, value)
