"""A message as its delivery report gives it back, and where its time is from."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Self

from producer.facades.confluent.arguments import c_int, c_long_long

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.facades.confluent.errors import KafkaError
    from producer.records import Record

    OnDelivery = Callable[["KafkaError | None", "Message"], object]

TIMESTAMP_NOT_AVAILABLE = 0
TIMESTAMP_CREATE_TIME = 1
TIMESTAMP_LOG_APPEND_TIME = 2

NOWHERE = -1
"""No partition, no leader epoch."""
OFFSET_NOWHERE = -1_001


class Message:
    """A message as its delivery report gives it back; `len` counts the bytes of its value."""

    __slots__ = (
        "_error", "_headers", "_key", "_latency_s", "_leader_epoch", "_offset", "_partition", "_timestamp", "_topic", "_value",
    )  # fmt: skip

    def __init__(
        self,
        topic: Any = None,
        partition: int = NOWHERE,
        offset: int = OFFSET_NOWHERE,
        key: Any = None,
        value: Any = None,
        headers: Any = None,
        error: KafkaError | None = None,
        timestamp: Any = (TIMESTAMP_NOT_AVAILABLE, 0),
        latency: float = -1.0,
        leader_epoch: int = NOWHERE,
    ) -> None:
        """As confluent-kafka. Raises TypeError, OverflowError."""
        if not isinstance(timestamp, tuple) or len(timestamp) != 2:
            raise TypeError("timestamp must be a tuple of (int, int)")
        self._topic = topic
        self._partition = c_int(partition)
        self._offset = c_long_long(offset)
        self._key = key
        self._value = value
        self._headers = headers
        self._error = error
        self._timestamp = (c_int(timestamp[0]), c_long_long(timestamp[1]))
        # Raises for what is no number.
        self._latency_s = math.copysign(math.fabs(latency), latency)
        self._leader_epoch = c_int(leader_epoch)

    @classmethod
    def of(
        cls,
        record: Record,
        partition: int,
        offset: int,
        error: KafkaError | None,
        timestamp: tuple[int, int],
        latency_s: float,
    ) -> Self:
        """Make what a delivery report tells of a record: it needs none of the looks that what others give does."""
        message = cls.__new__(cls)
        message._topic, message._value, message._key = record.topic, record.value, record.key
        message._partition, message._offset, message._leader_epoch = partition, offset, NOWHERE
        message._headers, message._error = None, error
        message._timestamp, message._latency_s = timestamp, latency_s
        return message

    def topic(self) -> Any:
        return self._topic

    def partition(self) -> int | None:
        """Where it lies, or was to lie; None if no partition was chosen."""
        return self._partition if self._partition != NOWHERE else None

    def offset(self) -> int | None:
        """Where it lies; None if it failed, and with acks=0."""
        return self._offset if self._offset >= 0 else None

    def key(self) -> Any:
        return self._key

    deserialized_key = key

    def value(self) -> Any:
        return self._value

    deserialized_value = value

    def headers(self) -> Any:
        """Always None in a delivery report, as confluent-kafka has it."""
        return self._headers

    def error(self) -> KafkaError | None:
        return self._error

    def timestamp(self) -> tuple[int, int]:
        """(TIMESTAMP_CREATE_TIME or TIMESTAMP_LOG_APPEND_TIME, epoch milliseconds)."""
        return self._timestamp

    def latency(self) -> float | None:
        """Seconds from `produce` to the verdict."""
        return self._latency_s if self._latency_s >= 0 else None

    def leader_epoch(self) -> int | None:
        """Not told to producers."""
        return self._leader_epoch if self._leader_epoch >= 0 else None

    def delivery_count(self) -> int | None:
        """Not told to producers."""
        return None

    def set_topic(self, topic: Any) -> None:
        self._topic = topic

    def set_headers(self, headers: Any) -> None:
        self._headers = headers

    def set_key(self, key: Any) -> None:
        self._key = key

    def set_value(self, value: Any) -> None:
        self._value = value

    def set_error(self, error: KafkaError | None) -> None:
        self._error = error

    def __eq__(self, other: object) -> bool:
        """Whether all is the same but for how long each took."""
        return isinstance(other, Message) and self._told() == other._told()

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __len__(self) -> int:
        return 0 if self._value is None else len(self._value)

    def _told(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.__slots__ if name != "_latency_s")
