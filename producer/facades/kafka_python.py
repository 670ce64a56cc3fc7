"""kafka-python's `KafkaProducer` over our engine: `send` gives a future, keyword arguments configure.

`from producer.facades.kafka_python import KafkaProducer` in place of `from kafka import KafkaProducer`; the errors that
applications catch stand here under kafka-python's names. docs/producer.md lists what differs.
"""

from __future__ import annotations

import logging
import re
from contextlib import suppress
from functools import partial
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from producer.config.config import canonical_name
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX
from producer.drivers.future import SendFuture
from producer.drivers.threads import Producer
from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    Code,
    ConfigError,
    DeliveryTimeoutError,
    ForkedProducerError,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    RecordTooLargeError,
    SendError,
    UsageError,
)
from producer.facades.pem import read_pem
from producer.records import TIMESTAMP_MS_MAX, Record, is_topic_name
from producer.records import TopicPartition as TopicPartition  # noqa: PLC0414 - it is imported from here

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.metrics import Measured
    from producer.records import RecordMetadata as Delivered

log = logging.getLogger(__name__)

TOKEN_GOOD_S = 1

DEFAULTS: dict[str, Any] = {
    "bootstrap.servers": "localhost:9092",
    "linger.ms": 0,
    "reconnect.backoff.max.ms": 30_000,
}
"""kafka-python's, where they are not Kafka's own."""

WITHOUT_EFFECT = {
    "allow_auto_create_topics": "the broker decides",
    "api_version": "versions are always negotiated",
    "api_version_auto_timeout_ms": "versions are always negotiated",
    "bootstrap_timeout_ms": "the constructor does not wait for a broker",
    "kafka_client": "the engine is our own",
    "metric_reporters": "metrics() gives them",
    "metrics_enabled": "metrics are always counted",
    "receive_message_max_bytes": "a frame is bounded by its own length",
    "selector": "the system's best selector is used",
    "socket_options": "TCP_NODELAY is always set",
}
"""kafka-python's arguments that are accepted, change nothing, and are logged with the reason."""


class KafkaError(Exception):
    """Everything that kafka-python's producer raises or puts into a future."""

    retriable = False


class KafkaTimeoutError(KafkaError):
    """No room, no metadata or no verdict in time."""

    retriable = True


class KafkaConfigurationError(KafkaError):
    """An argument has a bad value."""


class IllegalStateError(KafkaError):
    """The producer is closed, or was made in the process that this one was forked from."""


class BrokerResponseError(KafkaError):
    """A broker's error code, or the loss of the connection to it; `errno` and `message` name it."""

    errno = -1
    message = ""

    def __str__(self) -> str:
        return f"[Error {self.errno}] {self.message}: {super().__str__()}"


class MessageSizeTooLargeError(BrokerResponseError):
    """The record is larger than max_request_size, or than the broker takes."""

    errno = int(Code.MESSAGE_TOO_LARGE)
    message = Code.MESSAGE_TOO_LARGE.name


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
        error = self.exception
        return error is not None and error.retriable

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
        call = partial(f, *args, **kwargs)

        def when_done(future: SendFuture) -> None:
            if future.exception(0) is None:
                _call(call, self._metadata())

        self._future.add_done_callback(when_done)
        return self

    def add_errback(self, f: Callable[..., object], *args: Any, **kwargs: Any) -> Self:
        """Call `f(*args, error, **kwargs)` when the record failed, on the producer's thread."""
        call = partial(f, *args, **kwargs)

        def when_done(future: SendFuture) -> None:
            error = _error(future)
            if error is not None:
                _call(call, error)

        self._future.add_done_callback(when_done)
        return self

    def add_both(self, f: Callable[..., object], *args: Any, **kwargs: Any) -> Self:
        """Call `f` with the metadata or the error."""
        return self.add_callback(f, *args, **kwargs).add_errback(f, *args, **kwargs)

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
            named = {canonical_name(name): value for name, value in _secured(given).items()}
            properties = DEFAULTS | with_profile(named)
            properties["bootstrap.servers"] = _servers(properties["bootstrap.servers"])
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
        _check_topic(topic)
        if value is None and key is None:
            raise ValueError("Need at least one: key or value")
        headers = _checked_headers(headers)
        header_size = sum(len(name.encode()) + len(data) for name, data in headers) if headers else -1
        _check_number("partition", partition, INT_MAX)
        _check_number("timestamp_ms", timestamp_ms, TIMESTAMP_MS_MAX)
        key_bytes = _serialized("key", self._key_serializer, topic, headers, key)
        value_bytes = _serialized("value", self._value_serializer, topic, headers, value)
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
        _check_topic(topic)
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


def _error(future: SendFuture) -> KafkaError | None:
    """Say one of our errors in kafka-python's words; our own is its cause."""
    cause = future.exception(0)
    if cause is None:
        return None
    error = _translated(cause)
    error.__cause__ = cause
    return error


def _translated(cause: ProducerError) -> KafkaError:
    if isinstance(cause, DeliveryTimeoutError):
        return KafkaTimeoutError(str(cause))
    if not isinstance(cause, SendError):
        return KafkaError(str(cause))
    kind = MessageSizeTooLargeError if cause.code.code == Code.MESSAGE_TOO_LARGE else BrokerResponseError
    error = kind(str(cause))
    error.errno = cause.code.code
    error.message = cause.code.name
    error.retriable = cause.is_retriable
    return error


def _call(call: Callable[[Any], object], given: object) -> None:
    try:
        call(given)
    except Exception:  # the application's own; the producer goes on
        log.exception("Error processing callback")


def _servers(given: Any) -> list[str]:
    servers = [given] if isinstance(given, str) else list(given)
    names = [name.strip() for server in servers for name in server.split(",")]
    # A host alone means Kafka's port.
    return [name if re.search(r":\d+$", name) else f"{name}:9092" for name in names]


def _check_topic(topic: object) -> None:
    if not isinstance(topic, str):
        raise TypeError("topic must be string")
    if not is_topic_name(topic):
        raise ValueError(f"topic {topic!r} is invalid: must be chars [a-zA-Z0-9._-], and less than 250 length")


def _check_number(name: str, given: object, highest: int) -> None:
    if given is None:
        return
    if not isinstance(given, int) or isinstance(given, bool):
        raise TypeError(f"{name} must be an int, not {type(given).__name__}")
    if not 0 <= given <= highest:
        raise ValueError(f"{name} {given} is invalid: must be >= 0 and <= {highest}")


def _checked_headers(headers: object) -> list[tuple[str, bytes]]:
    if headers is None:
        return []
    if not isinstance(headers, list):
        raise TypeError("headers must be list-type")
    for item in headers:
        if not (isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], bytes)):
            raise TypeError(f"All headers items must be (str, bytes) tuples, not {shortened(item)}")
    return headers


def _serialized(role: str, serializer: Any, topic: str, headers: list[tuple[str, bytes]], data: object) -> bytes | None:
    if serializer is not None:
        serialize = getattr(serializer, "serialize", None)
        data = serializer(data) if serialize is None else serialize(topic, headers, data)
    if data is None or isinstance(data, bytes):
        return data
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    raise TypeError(f"Unsupported type for serialized {role}: {type(data)}")


def _by_group(metrics: Measured) -> dict[str, dict[str, float]]:
    nested: dict[str, dict[str, float]] = {}
    for name, value in metrics.items():
        group = ".".join([name.group, *(text for tag, text in name.tags if tag != "client-id")])
        nested.setdefault(group, {})[name.name] = value
    return nested


def _secured(properties: dict[str, Any]) -> dict[str, Any]:
    """Say kafka-python's arguments for TLS and tokens in Kafka's words. Raises ConfigError."""
    if properties.pop("ssl_check_hostname", True) is False:
        properties["ssl.endpoint.identification.algorithm"] = ""
    for argument, name in (("ssl_certfile", "ssl.keystore.certificate.chain"), ("ssl_keyfile", "ssl.keystore.key")):
        if argument in properties:
            properties[name] = read_pem(argument, properties.pop(argument))
    if "ssl_password" in properties:
        properties["ssl.key.password"] = properties.pop("ssl_password")
    provider = properties.pop("sasl_oauth_token_provider", None)
    if provider is not None:
        # It does not tell how long a token is good for, so each connection asks anew.
        properties["sasl.oauthbearer.token.callback"] = lambda: (provider.token(), TOKEN_GOOD_S)
    return properties
