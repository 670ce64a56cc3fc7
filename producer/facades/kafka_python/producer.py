"""The producer: `send` gives a future, keyword arguments configure."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from producer.config.config import canonical_name
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX
from producer.drivers.future import SendFuture
from producer.drivers.threads import Producer
from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    ConfigError,
    ForkedProducerError,
    MetadataTimeoutError,
    ProducerClosedError,
    RecordTooLargeError,
    UsageError,
)
from producer.facades.kafka_python.arguments import check_number, check_topic, checked_headers, serialized
from producer.facades.kafka_python.configuration import DEFAULTS, WITHOUT_EFFECT, secured
from producer.facades.kafka_python.errors import (
    IllegalStateError,
    KafkaConfigurationError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
)
from producer.facades.kafka_python.future import FutureRecordMetadata
from producer.facades.servers import read_servers
from producer.records import TIMESTAMP_MS_MAX, Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.metrics import Measured

log = logging.getLogger(__name__)


class KafkaProducer:
    """A producer shaped as `kafka.KafkaProducer`; safe to use from many threads."""

    def __init__(self, **configs: Any) -> None:
        """Start; a broker is connected to in the background. Raises KafkaConfigurationError."""
        self._key_serializer = configs.pop("key_serializer", None)
        self._value_serializer = configs.pop("value_serializer", None)
        self._partitioner = configs.pop("partitioner", None)
        given: dict[str, Any] = {}
        for name, value in configs.items():
            if name in WITHOUT_EFFECT:
                log.warning("argument %s has no effect here: %s", name, WITHOUT_EFFECT[name])
            elif value is not None:
                given[name] = value
        if given.get("retries") == float("inf"):
            del given["retries"]
        try:
            named = {canonical_name(name): value for name, value in secured(given).items()}
            properties = DEFAULTS | with_profile(named)
            properties["bootstrap.servers"] = read_servers(properties["bootstrap.servers"])
            self._producer = Producer(properties)
        except ConfigError as error:
            raise KafkaConfigurationError(str(error)) from error
        self.config = self._producer.config
        self._is_closed = False

    def send(
        self,
        topic: str,
        value: Any = None,
        key: Any = None,
        headers: list[tuple[str, bytes]] | None = None,
        partition: int | None = None,
        timestamp_ms: int | None = None,
    ) -> FutureRecordMetadata:
        """Queue one record; waits up to max_block_ms for the topic's partitions and for room.

        Raises KafkaTimeoutError, MessageSizeTooLargeError, IllegalStateError; TypeError and ValueError for arguments
        that cannot be right; whatever a serializer raises.
        """
        if self._is_closed:
            raise IllegalStateError("KafkaProducer already closed!")
        check_topic(topic)
        if value is None and key is None:
            raise ValueError("Need at least one: key or value")
        headers = checked_headers(headers)
        header_size = sum(len(name.encode()) + len(data) for name, data in headers) if headers else -1
        check_number("partition", partition, INT_MAX)
        check_number("timestamp_ms", timestamp_ms, TIMESTAMP_MS_MAX)
        key_bytes = serialized("key", self._key_serializer, topic, headers, key)
        value_bytes = serialized("value", self._value_serializer, topic, headers, value)
        try:
            partition = self._choose(topic, partition, key_bytes)
            record = Record(topic, value_bytes, key_bytes, partition, tuple(headers), timestamp_ms)
            future = self._producer.send_record(record)
        except (MetadataTimeoutError, BufferExhaustedError) as error:
            raise KafkaTimeoutError(str(error)) from error
        except RecordTooLargeError as error:
            raise MessageSizeTooLargeError(str(error)) from error
        except ProducerClosedError as error:
            raise IllegalStateError(str(error)) from error
        except (AuthenticationError, UsageError) as error:
            # The cluster refuses us, or the topic; kafka-python says so in the future.
            future = SendFuture()
            future.resolve(error, 0)
        return FutureRecordMetadata(future, header_size)

    def flush(self, timeout: float | None = None) -> None:
        """Wait until everything sent so far has its answer. Raises KafkaTimeoutError."""
        try:
            self._producer.flush(timeout)
        except TimeoutError as error:
            raise KafkaTimeoutError(str(error)) from error
        except ProducerClosedError as error:
            raise IllegalStateError(str(error)) from error

    def close(self, timeout: float | None = None) -> None:
        """Send what is queued, wait up to `timeout` seconds for its answers, and end. Twice is once."""
        self._is_closed = True
        try:
            self._producer.close(timeout)
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error

    def partitions_for(self, topic: str) -> set[int]:
        """Give the numbers of the topic's partitions; waits up to max_block_ms. Raises KafkaTimeoutError."""
        check_topic(topic)
        try:
            return {one.partition for one in self._producer.partitions_for(topic)}
        except MetadataTimeoutError as error:
            raise KafkaTimeoutError(str(error)) from error
        except ProducerClosedError as error:
            raise IllegalStateError(str(error)) from error
        except (AuthenticationError, UsageError) as error:
            raise KafkaError(str(error)) from error

    def bootstrap_connected(self) -> bool:
        """Whether a broker has answered so far."""
        return bool(self._producer.cluster().brokers)

    def metrics(self, raw: bool = False) -> Mapping[Any, Any]:
        """Give Kafka's producer metrics by group and name, a topic's as `producer-topic-metrics.TOPIC`.

        `raw` gives them by `producer.metrics.MetricName`.
        """
        try:
            found = self._producer.metrics()
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error
        return dict(found) if raw else _by_group(found)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(IllegalStateError):
            self.close()

    def _choose(self, topic: str, partition: int | None, key: bytes | None) -> int | None:
        if partition is None and self._partitioner is None:
            return None
        known = [one.partition for one in self._producer.partitions_for(topic)]
        if partition is None:
            available = [one.partition for one in self._producer.partitions_for(topic) if one.leader >= 0]
            chosen: int = self._partitioner(key, known, available)
            return chosen
        if partition not in known:
            raise ValueError(f"Unrecognized partition {partition} for topic {topic}")
        return partition


def _by_group(metrics: Measured) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        group = ".".join([name.group, *(text for tag, text in name.tags if tag != "client-id")])
        nested.setdefault(group, {})[name.name] = value
    return nested
