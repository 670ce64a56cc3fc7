"""confluent-kafka's `Producer` over our engine: `produce` never blocks, callbacks run in `poll` and `flush`.

`from producer.facades.confluent import Producer, KafkaError, KafkaException` in place of `from confluent_kafka import …`.
Defaults are librdkafka's wherever an application can see them: the partition of a key, no idempotence, 300 s for a
message, a million in flight. docs/producer.md lists what differs.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from operator import index
from reprlib import repr as shortened
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from producer.config.config import canonical_name
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX
from producer.drivers import forks
from producer.drivers.clock import epoch_ms, now_us
from producer.drivers.future import SendFuture
from producer.drivers.threads import Producer as ThreadedProducer
from producer.errors import ConfigError, ForkedProducerError, ProducerError
from producer.facades.confluent_errors import KafkaError, KafkaException, kafka_error
from producer.facades.pem import read_pem
from producer.records import TIMESTAMP_MS_MAX, Record
from producer.wire.record_batch import BATCH_OVERHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.engine.buffer import Wait
    from producer.records import Headers, RecordMetadata

    OnDelivery = Callable[["KafkaError | None", "Message"], object]

__all__ = [
    "TIMESTAMP_CREATE_TIME",
    "TIMESTAMP_LOG_APPEND_TIME",
    "TIMESTAMP_NOT_AVAILABLE",
    "ClusterMetadata",
    "KafkaError",
    "KafkaException",
    "Message",
    "Producer",
]

log = logging.getLogger(__name__)

TIMESTAMP_NOT_AVAILABLE = 0
TIMESTAMP_CREATE_TIME = 1
TIMESTAMP_LOG_APPEND_TIME = 2

PARTITION_ANY = -1
FOREVER = -1
WAIT_S_MAX = 1.0
"""How long the worker sleeps at most before it looks whose time is up."""

DEFAULTS: dict[str, Any] = {
    "enable.idempotence": False,
    "delivery.timeout.ms": 300_000,
    "batch.size": 1_000_000,
    "max.request.size": 1_000_000,
    # A key's partition is what an application notices first.
    "partitioner.class": "consistent_random",
    "reconnect.backoff.ms": 100,
    "reconnect.backoff.max.ms": 10_000,
}
"""librdkafka's, by Kafka's names."""
IN_FLIGHT_DEFAULT = 1_000_000
"""max.in.flight, unless idempotence asks for five."""
TRUTHS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
"""How librdkafka reads a boolean; Kafka takes the long words alone."""

WITHOUT_EFFECT = {
    "api.version.fallback.ms": "versions are always negotiated",
    "api.version.request": "versions are always negotiated",
    "api.version.request.timeout.ms": "request.timeout.ms holds for it",
    "batch.num.messages": "batch.size alone bounds a batch",
    "broker.address.family": "every address is tried",
    "broker.address.ttl": "names are resolved for each connection",
    "broker.version.fallback": "versions are always negotiated",
    "debug": "Python's logging decides what is shown",
    "delivery.report.only.error": "a callback can look at the error",
    "enable.gapless.guarantee": "a gap starts a new epoch, as in the Java producer",
    "error_cb": "a message's own error says what went wrong",
    "log.connection.close": "Python's logging decides what is shown",
    "log.queue": "Python's logging decides what is shown",
    "log.thread.name": "Python's logging decides what is shown",
    "log_cb": "Python's logging decides what is shown",
    "log_level": "Python's logging decides what is shown",
    "logger": "Python's logging decides what is shown",
    "queue.buffering.backpressure.threshold": "full batches leave at once",
    "socket.keepalive.enable": "the system's default holds",
    "socket.nagle.disable": "Nagle's algorithm is always off",
    "socket.timeout.ms": "request.timeout.ms holds for every request",
    "statistics.interval.ms": "there are no librdkafka statistics",
    "stats_cb": "there are no librdkafka statistics",
    "sticky.partitioning.linger.ms": "a partition is left after batch.size bytes (KIP-794)",
    "throttle_cb": "throttling is obeyed, not reported",
    "topic.metadata.propagation.max.ms": "an unknown topic is waited for until message.timeout.ms",
    "topic.metadata.refresh.fast.interval.ms": "retry.backoff.ms holds for it",
    "topic.metadata.refresh.interval.ms": "metadata.max.age.ms holds for it",
    "topic.metadata.refresh.sparse": "only topics in use are asked for",
}
"""librdkafka's properties that are accepted, change nothing, and are logged with the reason."""


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


class BrokerMetadata(NamedTuple):
    """A broker as `list_topics` gives it."""

    id: int
    host: str
    port: int


class PartitionMetadata(NamedTuple):
    """A partition as `list_topics` gives it; replicas are not known here."""

    id: int
    leader: int
    error: KafkaError | None = None


class TopicMetadata(NamedTuple):
    """A topic as `list_topics` gives it."""

    topic: str
    partitions: dict[int, PartitionMetadata]
    error: KafkaError | None = None


class ClusterMetadata(NamedTuple):
    """What `list_topics` gives."""

    cluster_id: str | None
    brokers: dict[int, BrokerMetadata]
    topics: dict[str, TopicMetadata]


class _Queued:
    """A message between `produce` and its delivery report."""

    __slots__ = ("on_delivery", "partition", "queued_us", "record", "size_bytes", "wait")

    def __init__(self, record: Record, on_delivery: OnDelivery | None, size_bytes: int) -> None:
        self.record = record
        self.on_delivery = on_delivery
        self.size_bytes = size_bytes
        self.queued_us = now_us()
        self.wait: Wait | None = None


class Producer:
    """A producer shaped as `confluent_kafka.Producer`; safe to use from many threads."""

    def __init__(self, config: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        """Start. Raises KafkaException with `_INVALID_ARG`."""
        try:
            settings = _settings(dict(config or {}) | more)
            self._producer = ThreadedProducer(settings.properties)
        except ConfigError as error:
            raise KafkaException(kafka_error(error)) from error
        self._settings = settings
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._reports: deque[tuple[_Queued, RecordMetadata | None, ProducerError | KafkaError | None]] = deque()
        self._backlogs: dict[str, deque[_Queued]] = {}
        """By topic: what waits for the topic's partitions or for room, in order; whoever comes later waits behind."""
        self._messages = 0
        self._bytes = 0
        self._flushing = 0
        self._worker: threading.Thread | None = None
        self._is_closed = False
        self._forked: ForkedProducerError | None = None
        """In a process forked from the one that made this: the error that says so."""
        forks.watch(self, self._producer.config.client_id)

    def produce(
        self,
        topic: str,
        value: str | bytes | None = None,
        key: str | bytes | None = None,
        partition: int = PARTITION_ANY,
        callback: OnDelivery | None = None,
        on_delivery: OnDelivery | None = None,
        timestamp: int = 0,
        headers: Mapping[str, Any] | list[tuple[str, Any]] | None = None,
    ) -> None:
        """Queue a message, without blocking; `on_delivery(error, message)` is called from `poll` or `flush`.

        Raises BufferError when the queue is full, KafkaException if the message can never be sent; TypeError, ValueError and
        OverflowError for arguments that cannot be right, as confluent-kafka does.
        """
        self._check_open()
        if not isinstance(topic, str):
            raise TypeError(f"argument 1 must be str, not {_type_name(topic)}")
        partition = _number_of("partition", partition, INT_MAX)
        timestamp = _number_of("timestamp", timestamp, TIMESTAMP_MS_MAX)
        record = Record(
            topic,
            _bytes(value),
            _bytes(key),
            None if partition == PARTITION_ANY else partition,
            _headers(headers),
            timestamp if timestamp > 0 else epoch_ms(),
        )
        size_bytes = len(record.value or b"") + len(record.key or b"")
        settings = self._settings
        if size_bytes + BATCH_OVERHEAD > settings.message_bytes_max:
            raise _refusal(KafkaError.MSG_SIZE_TOO_LARGE)
        if record.partition is not None and record.partition < 0:
            raise _refusal(KafkaError._UNKNOWN_PARTITION)
        # Compared with None: a callable object may well be empty.
        told = next((one for one in (on_delivery, callback, settings.on_delivery) if one is not None), None)
        queued = _Queued(record, told, size_bytes)
        with self._lock:
            if self._messages >= settings.messages_max or self._bytes + size_bytes > settings.bytes_max:
                raise BufferError("Local: Queue full")
            backlog = self._backlogs.get(topic)
            if backlog is not None:
                backlog.append(queued)
            else:
                try:
                    is_sent = self._try(queued)
                except _UnknownPartitionError as error:
                    raise _refusal(KafkaError._UNKNOWN_PARTITION) from error
                except ProducerError as error:
                    raise KafkaException(kafka_error(error)) from error
                if not is_sent:
                    self._backlogs[topic] = deque((queued,))
                    self._wake_worker()
            self._messages += 1
            self._bytes += size_bytes

    def poll(self, timeout: float = FOREVER) -> int:
        """Call the callbacks of what has its verdict, waiting up to `timeout` seconds for the first. Returns how many.

        What a callback raises is raised here; the reports behind it wait for the next call.
        """
        self._check_open()
        with self._changed:
            self._changed.wait_for(lambda: self._reports, None if timeout < 0 else timeout)
            due = len(self._reports)
        served = 0
        while served < due and self._serve_one():
            served += 1
        return served

    def flush(self, timeout: float = FOREVER) -> int:
        """Send everything without lingering and call the callbacks, up to `timeout` seconds. Returns how many are left.

        What a callback raises is raised once everything else was served.
        """
        self._check_open()
        limit_us = None if timeout < 0 else now_us() + int(timeout * 1e6)
        raised: Exception | None = None
        with self._lock:
            self._flushing += 1
        self._hurry()
        try:
            while self._messages:
                with self._changed:
                    left_s = None if limit_us is None else max(0, limit_us - now_us()) / 1e6
                    if not self._changed.wait_for(lambda: self._reports or not self._messages, left_s):
                        break
                try:
                    while self._serve_one():
                        pass
                except Exception as error:  # noqa: BLE001 - the callback's own, raised once the others were called
                    raised = raised or error
        finally:
            with self._lock:
                self._flushing -= 1
        if raised is not None:
            raise raised
        return len(self)

    def purge(self, in_queue: bool = True, in_flight: bool = True, blocking: bool = True) -> None:  # noqa: ARG002
        """Drop messages; their reports say `_PURGE_QUEUE` or `_PURGE_INFLIGHT`, and come from `poll` as all others."""
        self._check_open()
        with self._lock:
            if in_queue:
                for backlog in self._backlogs.values():
                    for queued in backlog:
                        self._end_in_backlog(queued, KafkaError(KafkaError._PURGE_QUEUE))
                self._backlogs.clear()
        self._producer.purge(queued=in_queue, in_flight=in_flight)

    def list_topics(self, topic: str | None = None, timeout: float = FOREVER) -> ClusterMetadata:
        """Give the cluster's brokers and one topic's partitions. Without a topic: KafkaException, `_NOT_IMPLEMENTED`."""
        self._check_open()
        if topic is None:
            raise KafkaException(KafkaError(KafkaError._NOT_IMPLEMENTED, "list_topics asks for one topic here"))
        limit_us = None if timeout < 0 else now_us() + int(timeout * 1e6)
        seen = self._producer.changes
        try:
            wait = self._producer.learn(topic)
            while wait is not None:
                left_s = WAIT_S_MAX if limit_us is None else max(0, limit_us - now_us()) / 1e6
                if not left_s:
                    self._producer.withdraw(wait, Record(topic, None))
                    raise KafkaException(KafkaError(KafkaError._TRANSPORT, "Failed to get metadata: Local: Timed out"))
                self._producer.await_change(seen, left_s)
                seen = self._producer.changes
                wait = self._producer.learn(topic, wait)
            partitions = self._producer.partitions_for(topic)
        except ProducerError as error:
            raise KafkaException(kafka_error(error)) from error
        cluster = self._producer.cluster()
        return ClusterMetadata(
            cluster.cluster_id,
            {node_id: BrokerMetadata(node_id, *address) for node_id, address in cluster.brokers.items()},
            {topic: TopicMetadata(topic, {one.partition: PartitionMetadata(one.partition, one.leader)
                                          for one in partitions})},
        )  # fmt: skip

    def close(self, timeout: float = FOREVER) -> bool:
        """Flush and end. What is left after `timeout` seconds is given up without a report. Returns whether none was."""
        if self._is_closed and self._forked is None:
            return True
        left = self.flush(timeout)
        with self._changed:
            self._is_closed = True
            self._backlogs.clear()
            self._changed.notify_all()
        self._producer.close(0)
        if self._worker is not None:
            self._worker.join()
        return not left

    def __len__(self) -> int:
        """Count the messages whose delivery report was not served yet."""
        self._check_open()
        return self._messages

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        if self._forked is None:
            self.close()

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to the process that this one was forked from; see `producer.drivers.forks`."""
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._forked = error
        self._is_closed = True

    # -- towards the engine ------------------------------------------------------------------------------------------

    def _try(self, queued: _Queued) -> bool:
        """Hand a message to the engine. Gives False if it must wait for its topic, or for room. Holds the lock."""
        record, producer = queued.record, self._producer
        count = producer.partition_count(record.topic)
        if not count:
            queued.wait = producer.learn(record.topic, queued.wait)
            if queued.wait is not None:
                return False
            count = producer.partition_count(record.topic)
        if record.partition is not None and record.partition >= count:
            raise _UnknownPartitionError(f"partition {record.partition} of {record.topic!r} (it has {count})")
        # Asked anew each time: a place in the queue for metadata is none in the queue for room.
        wait = producer.offer(record, SendFuture(self._report(queued)), queued.wait)
        queued.wait = wait
        if wait is None and self._flushing:
            self._hurry()
        return wait is None

    def _report(self, queued: _Queued) -> Callable[[RecordMetadata | None, ProducerError | None], object]:
        def on_delivery(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            with self._changed:
                self._reports.append((queued, metadata, error))
                self._changed.notify_all()

        return on_delivery

    def _hurry(self) -> None:
        try:
            self._producer.flush(0)
        except TimeoutError:
            # It need not be done; nothing lingers any more.
            return

    def _wake_worker(self) -> None:
        if self._worker is None:
            self._worker = threading.Thread(target=self._work, name="acklab-confluent-backlog", daemon=True)
            self._worker.start()
        self._changed.notify_all()

    def _work(self) -> None:
        """Send what had to wait, in order within each topic; `produce` itself never waits."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._backlogs or self._is_closed)
                if self._is_closed:
                    return
                seen = self._producer.changes
                for topic in list(self._backlogs):
                    self._work_off(topic)
            if self._backlogs:
                self._producer.await_change(seen, WAIT_S_MAX)

    def _work_off(self, topic: str) -> None:
        backlog = self._backlogs[topic]
        limit_us = self._settings.timeout_us
        while backlog:
            queued = backlog[0]
            try:
                if not self._try(queued):
                    if now_us() - queued.queued_us < limit_us:
                        return
                    self._end_in_backlog(queued, KafkaError(KafkaError._MSG_TIMED_OUT))
            except _UnknownPartitionError:
                self._end_in_backlog(queued, KafkaError(KafkaError._UNKNOWN_PARTITION))
            except (ProducerError, RuntimeError) as error:
                told = kafka_error(error) if isinstance(error, ProducerError) else KafkaError(KafkaError._FATAL)
                self._end_in_backlog(queued, told)
            backlog.popleft()
        del self._backlogs[topic]

    def _end_in_backlog(self, queued: _Queued, error: KafkaError) -> None:
        if queued.wait is not None:
            self._producer.withdraw(queued.wait, queued.record)
        self._reports.append((queued, None, error))
        self._changed.notify_all()

    # -- towards the application -------------------------------------------------------------------------------------

    def _serve_one(self) -> bool:
        with self._changed:
            if not self._reports:
                return False
            queued, metadata, error = self._reports.popleft()
            self._messages -= 1
            self._bytes -= queued.size_bytes
            self._changed.notify_all()
        if queued.on_delivery is not None:
            told = kafka_error(error) if isinstance(error, ProducerError) else error
            queued.on_delivery(told, _message(queued, metadata, told))
        return True

    def _check_open(self) -> None:
        if self._forked is not None:
            raise KafkaException(kafka_error(self._forked))
        if self._is_closed:
            raise RuntimeError("Producer has been closed")


class _UnknownPartitionError(Exception):
    """The topic is known, and has no such partition."""


def _message(queued: _Queued, metadata: RecordMetadata | None, error: KafkaError | None) -> Message:
    record = queued.record
    latency_s = (now_us() - queued.queued_us) / 1e6
    if metadata is None:
        return Message(record.topic, key=record.key, value=record.value, error=error, latency=latency_s)
    is_own = metadata.timestamp_ms == record.timestamp_ms
    return Message(
        metadata.topic,
        metadata.partition,
        metadata.offset if metadata.offset >= 0 else None,
        record.key,
        record.value,
        timestamp=(TIMESTAMP_CREATE_TIME if is_own else TIMESTAMP_LOG_APPEND_TIME, metadata.timestamp_ms),
        latency=latency_s,
    )


def _refusal(code: int) -> KafkaException:
    return KafkaException(KafkaError(code, f"Unable to produce message: {KafkaError(code).str()}"))


def _bytes(given: object) -> bytes | None:
    if isinstance(given, str):
        return given.encode()
    if given is None or isinstance(given, bytes):
        return given
    raise TypeError(f"a bytes-like object is required, not {_type_name(given)!r}")


def _headers(given: Mapping[str, Any] | list[tuple[str, Any]] | None) -> Headers:
    if not given:
        return ()
    if not isinstance(given, list) and not hasattr(given, "items"):
        raise TypeError(f"expected headers to be dict or list of (key, value) tuples, not {_type_name(given)}")
    found = []
    pairs: Any = given if isinstance(given, list) else given.items()
    for pair in pairs:
        if not isinstance(pair, tuple) or len(pair) != 2:
            raise TypeError(f"Headers are expected to be a list of (key, value) tuples, not of {shortened(pair)}")
        name, value = pair
        if not isinstance(name, str):
            raise TypeError(f"expected header name to be unicode string, not {_type_name(name)}")
        # Raises ValueError for half a character, now and not when the record leaves.
        name.encode()
        if value is not None and not isinstance(value, str | bytes):
            raise TypeError(f"expected header value to be None, binary, or unicode string, not {_type_name(value)}")
        found.append((name, _bytes(value)))
    return tuple(found)


def _number_of(name: str, given: object, highest: int) -> int:
    number = index(given)  # type: ignore[arg-type]  # a TypeError for what is no number is what is wanted
    if number > highest:
        raise OverflowError(f"{name} is {number}, must be at most {highest}")
    return number


def _type_name(given: object) -> str:
    return "None" if given is None else type(given).__name__


# -- configuration -----------------------------------------------------------------------------------------------------


class _Settings(NamedTuple):
    properties: dict[str, Any]
    messages_max: int
    bytes_max: int
    message_bytes_max: int
    timeout_us: int
    on_delivery: OnDelivery | None


def _settings(given: dict[str, Any]) -> _Settings:
    """Read librdkafka's properties. Raises ConfigError."""
    given |= dict(given.pop("default.topic.config", None) or {})
    on_delivery = given.pop("on_delivery", None)
    if on_delivery is not None and not callable(on_delivery):
        raise ConfigError("on_delivery requires a callable object")
    messages_max = _number(given, "queue.buffering.max.messages", 100_000) or INT_MAX
    bytes_max = _number(given, "queue.buffering.max.kbytes", 1_048_576) << 10
    level = given.pop("compression.level", None)
    _secure(given)
    named: dict[str, Any] = {}
    for name, value in given.items():
        if name in WITHOUT_EFFECT:
            log.warning("property %s has no effect here: %s", name, WITHOUT_EFFECT[name])
        else:
            named[canonical_name(name)] = value
    properties = DEFAULTS | with_profile(named)
    properties.setdefault("bootstrap.servers", "localhost:9092")
    if level is not None and int(level) >= 0 and properties.get("compression.type") in ("gzip", "lz4", "zstd"):
        properties[f"compression.{properties['compression.type']}.level"] = level
    is_idempotent = str(properties["enable.idempotence"]).strip().lower()
    properties["enable.idempotence"] = TRUTHS.get(is_idempotent, is_idempotent)
    if properties["enable.idempotence"] is False:
        properties.setdefault("max.in.flight.requests.per.connection", IN_FLIGHT_DEFAULT)
    timeout_ms = _fit_timeouts(properties)
    # The engine counts whole batches, of which every partition has one open.
    properties.setdefault("buffer.memory", max(bytes_max, 64 * int(properties["batch.size"])))
    return _Settings(
        properties,
        messages_max,
        bytes_max,
        int(properties["max.request.size"]),
        timeout_ms * 1_000,
        on_delivery,
    )


def _secure(given: dict[str, Any]) -> None:
    """Say librdkafka's properties for certificates and tokens in Kafka's words. Raises ConfigError."""
    for theirs, name in (
        ("ssl.certificate.location", "ssl.keystore.certificate.chain"),
        ("ssl.key.location", "ssl.keystore.key"),
    ):
        if theirs in given:
            given[name] = read_pem(theirs, given.pop(theirs))
    callback = given.pop("oauth_cb", None)
    told = given.pop("sasl.oauthbearer.config", "")
    if callback is not None:

        def token() -> tuple[str, float]:
            text, expires_s, *_ = callback(told)
            return text, expires_s - epoch_ms() / 1_000

        given["sasl.oauthbearer.token.callback"] = token


def _fit_timeouts(properties: dict[str, Any]) -> int:
    """Let the time for a message bound the time for a request: librdkafka accepts any pair, Kafka's rule does not."""
    timeout_ms = int(properties["delivery.timeout.ms"]) or INT_MAX
    linger_ms = -int(-float(properties.get("linger.ms", 5)) // 1)
    request_ms = int(properties.get("request.timeout.ms", 30_000))
    linger_ms = min(linger_ms, timeout_ms - 1)
    properties["delivery.timeout.ms"] = timeout_ms
    properties["linger.ms"] = linger_ms
    properties["request.timeout.ms"] = min(request_ms, timeout_ms - linger_ms)
    return timeout_ms


def _number(given: dict[str, Any], name: str, default: int) -> int:
    value = given.pop(name, default)
    try:
        return int(value)
    except (TypeError, ValueError) as error:
        raise ConfigError(f"{name} is {value!r}, must be a number") from error
