"""What turns a value into bytes, and back: Kafka's two interfaces (`org.apache.kafka.common.serialization`)."""

from __future__ import annotations

from enum import Enum
from typing import Any, Protocol

HeaderList = list[tuple[str, bytes | None]]
"""A record's headers, which a serializer may read and add to."""


class Role(Enum):
    """Which part of a record a value is."""

    KEY = "key"
    VALUE = "value"


class Serializer(Protocol):
    """Turns a value into bytes."""

    def serialize(self, topic: str, headers: HeaderList, data: Any, /) -> bytes | None:
        """Give the bytes, None for a null. Raises SerializationError, or whatever it likes: nothing is sent then."""
        ...


class Deserializer(Protocol):
    """Turns bytes into a value."""

    def deserialize(self, topic: str, headers: HeaderList, data: bytes | None, /) -> Any:
        """Give the value, None for a null. Raises SerializationError for bytes that are none of its kind."""
        ...


class Called:
    """A function of one value in a serializer's place, as other clients take it."""

    def __init__(self, function: Any) -> None:
        self._function = function

    def serialize(self, _topic: str, _headers: HeaderList, data: Any) -> Any:
        """Give what the function gives."""
        return self._function(data)

    def __repr__(self) -> str:
        return f"Called({self._function!r})"
