"""A message as its delivery report gives it back, and where its time is from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.facades.confluent.errors import KafkaError

    OnDelivery = Callable[["KafkaError | None", "Message"], object]

TIMESTAMP_NOT_AVAILABLE = 0
TIMESTAMP_CREATE_TIME = 1
TIMESTAMP_LOG_APPEND_TIME = 2


class Message:
    """A message as its delivery report gives it back."""

    __slots__ = ("_error", "_headers", "_key", "_latency_s", "_offset", "_partition", "_timestamp", "_topic", "_value")

    def __init__(
        self,
        topic: str | None = None,
        partition: int | None = None,
        offset: int | None = None,
        key: Any = None,
        value: Any = None,
        headers: Any = None,
        error: KafkaError | None = None,
        timestamp: tuple[int, int] | None = None,
        latency: float | None = None,
    ) -> None:
        self._topic = topic
        self._partition = partition
        self._offset = offset
        self._key = key
        self._value = value
        self._headers = headers
        self._error = error
        self._timestamp = timestamp or (TIMESTAMP_NOT_AVAILABLE, -1)
        self._latency_s = latency

    def topic(self) -> str | None:
        return self._topic

    def partition(self) -> int | None:
        """Where it lies; None if it failed."""
        return self._partition

    def offset(self) -> int | None:
        """Where it lies; None if it failed, and with acks=0."""
        return self._offset

    def key(self) -> Any:
        return self._key

    def value(self) -> Any:
        return self._value

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
        return self._latency_s

    def leader_epoch(self) -> int | None:
        """Not told to producers."""
        return None

    def set_headers(self, headers: Any) -> None:
        self._headers = headers

    def set_key(self, key: Any) -> None:
        self._key = key

    def set_value(self, value: Any) -> None:
        self._value = value

    def set_error(self, error: KafkaError | None) -> None:
        self._error = error

    def __len__(self) -> int:
        return 0 if self._value is None else len(self._value)
