"""The producer: `send` gives a future, keyword arguments configure."""

from __future__ import annotations

import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from producer.drivers.future import SendFuture
from producer.drivers.threads import Producer
from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    ConfigError,
    ForkedProducerError,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    TransactionError,
    TransactionStateError,
    UsageError,
)
from producer.facades.kafka_python.arguments import (
    bytes_of,
    check_topic,
    checked_headers,
    checked_partition,
    checked_timestamp,
    estimated_bytes,
    serialized,
)
from producer.facades.kafka_python.configuration import read_arguments
from producer.facades.kafka_python.errors import (
    BadValueError,
    IllegalStateError,
    KafkaError,
    KafkaTimeoutError,
    MessageSizeTooLargeError,
    translated,
)
from producer.facades.kafka_python.future import FutureRecordMetadata
from producer.facades.kafka_python.partitioning import Cluster, choose
from producer.facades.kafka_python.transactions import raise_translated, read_group, read_offsets
from producer.records import TIMESTAMP_MS_MAX

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.metrics import Measured

DROPPED_S = 1.0
"""How long kafka-python closes a producer that was dropped unclosed."""
OVERHEAD_BYTES_MAX = 100
"""No record without headers needs as much beside its key and value."""


class KafkaProducer:
    """A producer shaped as `kafka.KafkaProducer`; safe to use from many threads."""

    def __init__(self, **configs: Any) -> None:
        """Start; a broker is connected to in the background.

        Raises KafkaConfigurationError, which is a ValueError or a TypeError as well where kafka-python raises one.
        """
        self._is_closed = True
        try:
            self.config, properties = read_arguments(configs)
            self._producer = Producer(properties)
            # Dropped without close, it is given as long as kafka-python's gives itself.
            weakref.finalize(self, self._producer.abandon, DROPPED_S).atexit = False
        except ConfigError as error:
            raise BadValueError(str(error)) from error
        self._key_serializer, self._value_serializer = self.config["key_serializer"], self.config["value_serializer"]
        self._partitioner = self.config["partitioner"]
        self._surely_fits_bytes = self._producer.config.max_request_size - OVERHEAD_BYTES_MAX
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
        that cannot be right; whatever a serializer or a partitioner raises.
        """
        if self._is_closed:
            raise IllegalStateError("KafkaProducer already closed!")
        if value is None and key is None:
            raise ValueError("Need at least one: key or value")
        pairs = checked_headers(headers)
        key_bytes = bytes_of("key", serialized(self._key_serializer, topic, pairs, key))
        value_bytes = bytes_of("value", serialized(self._value_serializer, topic, pairs, value))
        check_topic(topic)
        topic = str.__str__(topic)
        try:
            if partition is not None or self._partitioner is not None:
                partition = self._choose(topic, checked_partition(partition), key, key_bytes, value, value_bytes)
            header_size = sum(len(name.encode()) + len(data) for name, data in pairs) if pairs else -1
            if pairs or len(key_bytes or b"") + len(value_bytes or b"") > self._surely_fits_bytes:
                self._check_size(estimated_bytes(key_bytes, value_bytes, pairs))
            time_ms = checked_timestamp(timestamp_ms, TIMESTAMP_MS_MAX)
            future = self._producer.send(
                topic, value_bytes, key=key_bytes, partition=partition, headers=pairs, timestamp_ms=time_ms
            )
        except (MetadataTimeoutError, BufferExhaustedError) as error:
            raise KafkaTimeoutError(str(error)) from error
        except (ProducerClosedError, TransactionStateError) as error:
            raise IllegalStateError(str(error)) from error
        except TransactionError as error:
            raise KafkaError(str(error)) from error
        except (AuthenticationError, UsageError) as error:
            # The cluster refuses us, or the topic; kafka-python says so in the future.
            header_size, future = -1, SendFuture()
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
        """Send what is queued, wait up to `timeout` seconds for its answers, and end. Twice is once. Raises ValueError."""
        if self._is_closed:
            self._check_process()
            return
        if timeout is not None and not 0 <= timeout <= threading.TIMEOUT_MAX:
            raise ValueError(f"Invalid timeout: {timeout}")
        self._is_closed = True
        try:
            self._producer.close(timeout)
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error
        for serializer in (self._key_serializer, self._value_serializer):
            end = getattr(serializer, "close", None)
            if end is not None:
                end()

    def partitions_for(self, topic: str) -> set[int]:
        """Give the numbers of the topic's partitions; waits up to max_block_ms. Raises KafkaTimeoutError."""
        check_topic(topic)
        known = self._producer.partition_count(topic)
        if known:
            self._check_process()
            return set(range(known))
        try:
            return {one.partition for one in self._producer.partitions_for(topic)}
        except MetadataTimeoutError as error:
            raise KafkaTimeoutError(str(error)) from error
        except ProducerClosedError as error:
            raise IllegalStateError(str(error)) from error
        except (AuthenticationError, UsageError) as error:
            raise translated(error) from error

    def bootstrap_connected(self) -> bool:
        """Whether a broker has answered so far."""
        return not self._is_closed and bool(self._producer.cluster().brokers)

    def metrics(self, raw: bool = False) -> Mapping[Any, Any]:
        """Give Kafka's producer metrics by group and name, a topic's as `producer-topic-metrics.TOPIC`.

        `raw` gives them by `producer.metrics.MetricName`.
        """
        try:
            found = self._producer.metrics()
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error
        return dict(found) if raw else _by_group(found)

    # -- transactions ------------------------------------------------------------------------------------------------

    def init_transactions(self) -> None:
        """Take over the transactional_id; called again after a KafkaTimeoutError, it goes on.

        Raises IllegalStateError without transactional_id, as all of these do; KafkaTimeoutError after max_block_ms; the class of
        the code that ended it.
        """
        self._transact(self._producer.init_transactions)

    def begin_transaction(self) -> None:
        """Begin a transaction."""
        self._transact(self._producer.begin_transaction)

    def send_offsets_to_transaction(self, offsets: Mapping[Any, Any], group_metadata: Any) -> None:
        """Let a group's offsets count if the transaction is committed; unlike there, they are by the time this returns.

        `group_metadata` is what `KafkaConsumer.group_metadata()` gives, or a group's id.
        """
        group, taken = read_group(group_metadata), read_offsets(offsets)
        self._transact(lambda: self._producer.send_offsets_to_transaction(taken, group))

    def commit_transaction(self) -> None:
        """Wait for every record's answer, and commit."""
        self._transact(self._producer.commit_transaction)

    def abort_transaction(self) -> None:
        """Drop what has not left, and abort."""
        self._transact(self._producer.abort_transaction)

    def _transact(self, call: Callable[[], object]) -> None:
        if self._producer.config.transactional_id is None:
            raise IllegalStateError("Transactional method invoked on a non-transactional producer.")
        try:
            call()
        except ProducerError as error:
            raise_translated(error)

    # -- as any object -----------------------------------------------------------------------------------------------

    def __str__(self) -> str:
        return (
            f"<KafkaProducer client_id={self.config['client_id']} transactional_id={self.config['transactional_id']}>"
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(IllegalStateError):
            self.close()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _choose(
        self,
        topic: str,
        partition: int | None,
        key: Any,
        key_bytes: bytes | None,
        value: Any,
        value_bytes: bytes | None,
    ) -> int:
        cluster = Cluster(topic, self._producer)
        if partition is None:
            return choose(self._partitioner, topic, key, key_bytes, value, value_bytes, cluster)
        if partition not in (cluster.partitions_for_topic(topic) or ()):
            raise ValueError(f"Unrecognized partition {partition} for topic {topic}")
        return partition

    def _check_size(self, size_bytes: int) -> None:
        if size_bytes > self._producer.config.max_request_size:
            raise MessageSizeTooLargeError(
                f"The message is {size_bytes} bytes when serialized which is larger than the maximum request size you "
                "have configured with the max_request_size configuration"
            )

    def _check_process(self) -> None:
        try:
            self._producer.metrics()
        except ForkedProducerError as error:
            raise IllegalStateError(str(error)) from error


def _by_group(metrics: Measured) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        group = ".".join([name.group, *(text for tag, text in name.tags if tag != "client-id")])
        nested.setdefault(group, {})[name.name] = value
    return nested
