"""Messages between `produce` and their delivery reports: what waits for its topic or for room, and what waits for `poll`."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, Any

from producer.drivers.clock import now_us
from producer.drivers.future import metadata_of
from producer.errors import ForkedProducerError, ProducerError, SendError
from producer.events import BatchMetadata
from producer.facades.confluent.errors import KafkaError, KafkaException, kafka_error
from producer.facades.confluent.message import (
    NOWHERE,
    OFFSET_NOWHERE,
    TIMESTAMP_CREATE_TIME,
    TIMESTAMP_LOG_APPEND_TIME,
    Message,
)
from producer.records import TopicPartition, is_topic_name

if TYPE_CHECKING:
    from producer.drivers.threads import Producer
    from producer.engine.buffer import Wait
    from producer.facades.confluent.configuration import Settings
    from producer.facades.confluent.message import OnDelivery
    from producer.records import Record

WAIT_S_MAX = 1.0
"""How long the worker sleeps at most before it looks whose time is up."""


class Queued:
    """One message, from `produce` to its delivery report; to the engine, the future of its record."""

    __slots__ = ("answer", "index", "on_delivery", "outbox", "partition", "queued_us", "record", "size_bytes", "wait")

    def __init__(self, outbox: Outbox, record: Record, partition: int, size_bytes: int, on_delivery: Any) -> None:
        self.outbox = outbox
        self.record = record
        self.partition = partition
        """The one asked for, which need not be one; -1 for any."""
        self.on_delivery: OnDelivery | None = on_delivery
        self.size_bytes = size_bytes
        """Of key and value."""
        self.queued_us = now_us()
        self.wait: Wait | None = None
        self.answer: BatchMetadata | ProducerError | KafkaError | None = None
        """What became of it."""
        self.index = 0
        """Its record's place in the batch that `answer` is about."""

    def resolve(self, answer: BatchMetadata | ProducerError, index: int) -> None:
        """Take the answer; the driver gives it, once."""
        self.index = index
        self.outbox.report(self, answer)


class Outbox:
    """The messages of one producer; safe to use from many threads."""

    def __init__(self, producer: Producer, settings: Settings) -> None:
        self._producer = producer
        self._settings = settings
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._reports: deque[Queued] = deque()
        self._backlogs: dict[str, deque[Queued]] = {}
        """By topic: what waits for the topic's partitions or for room, in order; whoever comes later waits behind."""
        self.messages = 0
        """Those whose delivery report was not served yet."""
        self._bytes = 0
        self._flushing = 0
        self._worker: threading.Thread | None = None
        self.is_closed = False
        self.forked: ForkedProducerError | None = None
        """In a process forked from the one that made this: the error that says so."""

    def put(self, queued: Queued) -> None:
        """Take a message, which leaves as soon as it can. Raises BufferError, and KafkaException if it never can."""
        settings, topic = self._settings, queued.record.topic
        with self._lock:
            if self.messages >= settings.messages_max or self._bytes + queued.size_bytes > settings.bytes_max:
                raise BufferError("Local: Queue full")
            backlog = self._backlogs.get(topic)
            if backlog is not None:
                backlog.append(queued)
            else:
                self._send(queued)
            self.messages += 1
            self._bytes += queued.size_bytes

    def await_reports(self, until_us: int | None) -> int:
        """Wait for a report, or until nothing is left that could have one. Returns how many there are."""
        with self._changed:
            left_s = None if until_us is None else max(0, until_us - now_us()) / 1e6
            self._changed.wait_for(lambda: self._reports, left_s)
            return len(self._reports)

    def serve_one(self) -> bool:
        """Call the callback of one report, and raise what it raises. Returns whether there was a report."""
        with self._lock:
            if not self._reports:
                return False
            queued = self._reports.popleft()
            self.messages -= 1
            self._bytes -= queued.size_bytes
            if not self.messages:
                self._changed.notify_all()
        if queued.on_delivery is not None and not (
            type(queued.answer) is BatchMetadata and self._settings.reports_only_errors
        ):
            queued.on_delivery(*_told(queued))
        return True

    def flush(self, until_us: int | None) -> None:
        """Let nothing linger, and serve every report until then. Raises what a callback raised, once the others were called."""
        raised: Exception | None = None
        with self._lock:
            self._flushing += 1
        self._hurry()
        try:
            while self.messages:
                with self._changed:
                    left_s = None if until_us is None else max(0, until_us - now_us()) / 1e6
                    if not self._changed.wait_for(lambda: self._reports or not self.messages, left_s):
                        break
                try:
                    while self.serve_one():
                        pass
                except Exception as error:  # noqa: BLE001 - the callback's own, raised once the others were called
                    raised = raised or error
        finally:
            with self._lock:
                self._flushing -= 1
        if raised is not None:
            raise raised

    def purge(self) -> None:
        """Give up what waits in here; its reports say `_PURGE_QUEUE`."""
        with self._lock:
            for backlog in self._backlogs.values():
                for queued in backlog:
                    self._end_in_backlog(queued, KafkaError(KafkaError._PURGE_QUEUE))
            self._backlogs.clear()

    def close(self) -> None:
        """End with what is in here; nothing is reported any more."""
        with self._changed:
            self.is_closed = True
            self._backlogs.clear()
            self.messages = 0
            self._changed.notify_all()

    def join(self) -> None:
        """Wait for the thread, once the producer beneath is closed."""
        worker = self._worker
        if worker is not None and worker is not threading.current_thread():
            worker.join()

    def abandon(self) -> None:
        """End with everything that has no report yet, as librdkafka does: nobody has the producer any more.

        Called by a collector, anywhere and amid anything: it takes no lock, and the thread finds out by itself.
        """
        self.is_closed = True
        self._producer.abandon(0)

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to the process that this one was forked from; see `producer.drivers.forks`."""
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self.forked = error
        self.is_closed = True

    def report(self, queued: Queued, answer: BatchMetadata | ProducerError | KafkaError) -> None:
        """Let a message have its report."""
        with self._lock:
            queued.answer = answer
            self._reports.append(queued)
            if len(self._reports) == 1:
                # Nobody waits where there is a report.
                self._changed.notify_all()

    # -- towards the engine ------------------------------------------------------------------------------------------

    def _send(self, queued: Queued) -> None:
        """Hand a message to the engine, or let it wait in here. Holds the lock. Raises as `put` does."""
        topic = queued.record.topic
        try:
            if self._append(queued):
                return
            if not is_topic_name(topic):
                # Known at once here; librdkafka hears it from a broker.
                self.report(queued, KafkaError(KafkaError.TOPIC_EXCEPTION))
                return
            is_sent = self._try(queued)
        except _UnknownPartitionError as error:
            raise refusal(KafkaError(KafkaError._UNKNOWN_PARTITION)) from error
        except ProducerError as error:
            raise refusal(kafka_error(error)) from error
        if not is_sent:
            self._backlogs[topic] = deque((queued,))
            self._wake_worker()

    def _append(self, queued: Queued) -> bool:
        """Take the shortest way, which most messages can; `_try` is the way for all others, and while somebody flushes."""
        record = queued.record
        is_plain = queued.partition == NOWHERE and not record.headers and not self._flushing
        return is_plain and self._producer.append(record, queued)

    def _try(self, queued: Queued) -> bool:
        """Hand a message to the engine. Gives False if it must wait for its topic, or for room. Holds the lock."""
        record, producer = queued.record, self._producer
        count = producer.partition_count(record.topic)
        if not count:
            queued.wait = producer.learn(record.topic, queued.wait)
            if queued.wait is not None:
                return False
            count = producer.partition_count(record.topic)
        if not NOWHERE <= queued.partition < count:
            raise _UnknownPartitionError(f"partition {queued.partition} of {record.topic!r} (it has {count})")
        # Asked anew each time: a place in the queue for metadata is none in the queue for room.
        wait = producer.offer(record, queued, queued.wait)
        queued.wait = wait
        if wait is None and self._flushing:
            self._hurry()
        return wait is None

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
        """Send what had to wait, in order within each topic, and end; `produce` itself never waits."""
        while True:
            with self._changed:
                seen = self._producer.changes
                for topic in list(self._backlogs):
                    self._work_off(topic)
                if self.is_closed or not self._backlogs:
                    self._worker = None
                    return
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

    def _end_in_backlog(self, queued: Queued, error: KafkaError) -> None:
        if queued.wait is not None:
            self._producer.withdraw(queued.wait, queued.record)
        self.report(queued, error)


class _UnknownPartitionError(Exception):
    """The topic is known, and has no such partition."""


def refusal(error: KafkaError) -> KafkaException:
    """Give what `produce` raises for a message that can never be sent."""
    told = f"Unable to produce message: {error.str()}"
    return KafkaException(KafkaError(error.code(), told, error.fatal(), cause=error.cause))


def _told(queued: Queued) -> tuple[KafkaError | None, Message]:
    """Make a delivery report: as callbacks take it."""
    record, answer = queued.record, queued.answer
    latency_s = (now_us() - queued.queued_us) / 1e6
    if type(answer) is BatchMetadata:
        metadata = metadata_of(answer, queued.index)
        is_own = metadata.timestamp_ms == record.timestamp_ms
        timestamp = (TIMESTAMP_CREATE_TIME if is_own else TIMESTAMP_LOG_APPEND_TIME, metadata.timestamp_ms)
        return None, Message.of(record, metadata.partition, metadata.offset, None, timestamp, latency_s)
    partition = queued.partition
    if isinstance(answer, SendError) and isinstance(answer.partition, TopicPartition):
        partition = answer.partition.partition
    told = kafka_error(answer) if isinstance(answer, ProducerError) else answer
    assert isinstance(told, KafkaError)
    return told, Message.of(record, partition, OFFSET_NOWHERE, told, (0, -1), latency_s)
