"""What became of one record: kafka-python's future, and the metadata that it ends in."""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from producer.errors import ForkedProducerError
from producer.facades.kafka_python.errors import (
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    RetriableError,
    translated,
)
from producer.records import TopicPartition

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.drivers.future import SendFuture
    from producer.records import RecordMetadata as Delivered

log = logging.getLogger(__name__)


class RecordMetadata(NamedTuple):
    """Where an acknowledged record lies."""

    topic: str
    partition: int
    topic_partition: TopicPartition
    offset: int
    """-1 with acks=0."""
    timestamp: int
    checksum: None
    serialized_key_size: int
    serialized_value_size: int
    serialized_header_size: int
    """-1 without headers."""


class FutureRecordMetadata:
    """What became of one record."""

    __slots__ = ("_future", "_header_size")

    def __init__(self, future: SendFuture, header_size: int) -> None:
        self._future = future
        self._header_size = header_size

    @property
    def is_done(self) -> bool:
        """Whether the record has its answer."""
        return self._future.done()

    @property
    def value(self) -> RecordMetadata | None:
        """Where it lies; None if it failed or has no answer yet."""
        return self._metadata() if self.succeeded() else None

    @property
    def exception(self) -> KafkaError | None:
        """Why it failed; None if it did not, or has no answer yet."""
        return _error(self._future) if self.is_done else None

    def succeeded(self) -> bool:
        return self.is_done and self._future.exception(0) is None

    def failed(self) -> bool:
        return self.is_done and self._future.exception(0) is not None

    def retriable(self) -> bool:
        return isinstance(self.exception, RetriableError)

    def get(self, timeout: float | None = None) -> RecordMetadata:
        """Wait up to `timeout` seconds. Raises what the record failed with, or KafkaTimeoutError."""
        try:
            self._future.exception(timeout)
        except TimeoutError as error:
            raise KafkaTimeoutError(f"Timeout after waiting for {timeout} secs.") from error
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error
        failure = _error(self._future)
        if failure is not None:
            raise failure
        return self._metadata()

    def add_callback(self, f: Callable[..., object], *args: Any, **kwargs: Any) -> Self:
        """Call `f(*args, metadata, **kwargs)` when the record is delivered, on the producer's thread."""
        call = partial(f, *args, **kwargs) if args or kwargs else f

        def when_done(future: SendFuture) -> None:
            if future.exception(0) is None:
                _call(call, self._metadata())

        self._future.add_done_callback(when_done)
        return self

    def add_errback(self, f: Callable[..., object], *args: Any, **kwargs: Any) -> Self:
        """Call `f(*args, error, **kwargs)` when the record failed, on the producer's thread."""
        call = partial(f, *args, **kwargs) if args or kwargs else f

        def when_done(future: SendFuture) -> None:
            error = _error(future)
            if error is not None:
                _call(call, error)

        self._future.add_done_callback(when_done)
        return self

    def add_both(self, f: Callable[..., object], *args: Any, **kwargs: Any) -> Self:
        """Call `f` with the metadata or the error."""
        return self.add_callback(f, *args, **kwargs).add_errback(f, *args, **kwargs)

    def chain(self, future: Any) -> Self:
        """Let another future end as this one does: by its `success` or `failure`."""
        return self.add_callback(future.success).add_errback(future.failure)

    def _metadata(self) -> RecordMetadata:
        told: Delivered = self._future.result(0)
        return RecordMetadata(
            told.topic,
            told.partition,
            TopicPartition(told.topic, told.partition),
            told.offset,
            told.timestamp_ms,
            None,
            told.serialized_key_size,
            told.serialized_value_size,
            self._header_size,
        )


def _error(future: SendFuture) -> KafkaError | None:
    cause = future.exception(0)
    return None if cause is None else translated(cause)


def _call(call: Callable[[Any], object], given: object) -> None:
    try:
        call(given)
    except Exception:  # the application's own; the producer goes on
        log.exception("Error processing callback")
