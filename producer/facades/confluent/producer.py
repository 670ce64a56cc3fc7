"""The producer: messages wait here for their topic or for room, and their reports for `poll` and `flush`."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Self

from producer.config.property_types import INT_MAX
from producer.drivers import forks
from producer.drivers.clock import epoch_ms, now_us
from producer.drivers.future import SendFuture
from producer.drivers.threads import Producer as ThreadedProducer
from producer.errors import ConfigError, ForkedProducerError, ProducerError
from producer.facades.confluent.arguments import bytes_of, header_pairs_of, number_of, type_name
from producer.facades.confluent.cluster import BrokerMetadata, ClusterMetadata, PartitionMetadata, TopicMetadata
from producer.facades.confluent.configuration import read_settings
from producer.facades.confluent.errors import KafkaError, KafkaException, kafka_error
from producer.facades.confluent.message import TIMESTAMP_CREATE_TIME, TIMESTAMP_LOG_APPEND_TIME, Message
from producer.records import TIMESTAMP_MS_MAX, Record
from producer.wire.record_batch import BATCH_OVERHEAD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.engine.buffer import Wait
    from producer.facades.confluent.message import OnDelivery
    from producer.records import RecordMetadata

PARTITION_ANY = -1
FOREVER = -1
WAIT_S_MAX = 1.0
"""How long the worker sleeps at most before it looks whose time is up."""


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

    def __init__(self, *config: dict[str, Any], **more: Any) -> None:
        """Start with one dict of properties; those given as keywords win. Raises KafkaException with `_INVALID_ARG`.

        Raises TypeError, and for `throttle_cb` ValueError, for what confluent-kafka looks at before librdkafka does.
        """
        if len(config) > 1:
            raise TypeError("expected tuple containing single dict")
        if config and not isinstance(config[0], dict):
            raise TypeError("expected configuration dict")
        try:
            settings = read_settings({**dict(*config), **more})
            self._producer = ThreadedProducer(settings.properties)
        except ConfigError as error:
            told = f"Failed to create producer: {error}"
            raise KafkaException(KafkaError(KafkaError._INVALID_ARG, told, cause=error)) from error
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
            raise TypeError(f"argument 1 must be str, not {type_name(topic)}")
        partition = number_of("partition", partition, INT_MAX)
        timestamp = number_of("timestamp", timestamp, TIMESTAMP_MS_MAX)
        record = Record(
            topic,
            bytes_of(value),
            bytes_of(key),
            None if partition == PARTITION_ANY else partition,
            header_pairs_of(headers),
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
        if queued.on_delivery is not None and not (error is None and self._settings.reports_only_errors):
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
