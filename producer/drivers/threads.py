"""`Producer`: the engine behind a lock, with one thread for sockets and timers."""

from __future__ import annotations

import itertools
import logging
import threading
import time
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from producer.drivers import forks
from producer.drivers.carrier import LAST_WORDS_US_MAX
from producer.drivers.clock import now_us
from producer.drivers.future import SendFuture, maker
from producer.drivers.serializing import registry_settings
from producer.drivers.sockets import SocketDriver
from producer.drivers.thread_transactions import ThreadTransactions
from producer.drivers.timeouts import wait_until_us
from producer.drivers.worker import DEATH, Worker
from producer.errors import ForkedProducerError, ProducerError, UsageError
from producer.records import Record, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from producer.drivers.front import Steps
    from producer.drivers.interceptors import Interceptor, OnDelivery
    from producer.drivers.send_futures import SendFutures
    from producer.records import PartitionInfo

log = logging.getLogger(__name__)

R = TypeVar("R")
T = TypeVar("T")
"""What an answer is given to: a `SendFuture`, or the number of a record in a `SendFutures`."""


class Producer(ThreadTransactions):
    """A Kafka producer, configured by Kafka's own property names; safe to use from many threads.

    >>> with Producer({"bootstrap.servers": "127.0.0.1:9092"}) as producer:  # doctest: +SKIP
    ...     producer.send("orders", key=b"k", value=b"v").result(10)
    """

    _name = "producer"
    _numbers = itertools.count(1)
    _death = DEATH

    def __init__(self, properties: Mapping[str, Any], *, interceptors: Iterable[Interceptor] = ()) -> None:
        """Start. Brokers are connected to in the background. Raises ConfigError."""
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        super().__init__(
            properties, interceptors=interceptors, lock=lock, tell_all=self._changed.notify_all, exits=_log_exit
        )
        asked = registry_settings(self.config)
        if asked is not None:
            from producer.drivers.thread_registry import SchemaRegistry

            self._registry = SchemaRegistry(asked)
        self._driver = SocketDriver(
            self._engine, lock=lock, polled=self._engine.metrics.polled, **self._carrier_settings()
        )
        self._worker = Worker(
            self.config.client_id,
            self._engine,
            self._driver,
            lock=lock,
            answers=self._answers,
            interceptors=self._interceptors,
        )
        self._thread = self._worker.thread
        forks.watch(self, self.config.client_id)
        self._thread.start()
        self._dropped = weakref.finalize(self, self._worker.drop)
        # Whoever ends a process without close leaves it to itself, as ever.
        self._dropped.atexit = False

    def send(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> SendFuture:
        """Queue one record and return the future of its `RecordMetadata`.

        Key and value are bytes or None, or what `key.serializer` and `value.serializer` take. Blocks up to `max.block.ms`
        while the topic's partitions are not known or `buffer.memory` is full. `on_delivery(metadata, error)` is called on
        the producer's thread; it must not block.

        Raises UsageError (SerializationError, RecordTooLargeError, PartitionerError, ProducerClosedError),
        MetadataTimeoutError, BufferExhaustedError or SchemaRegistryError; the record was not sent then.
        """
        if self._is_handled:
            if self._serializing is not None:
                key, value, headers = self._as_bytes(topic, key, value, headers)
            if self._is_intercepted:
                record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
                return self.send_record(record, on_delivery)
        future = SendFuture(on_delivery)
        is_plain = type(value) is bytes and (key is None or type(key) is bytes)
        if is_plain and partition is timestamp_ms is None and not headers:
            # The commonest kind of record by the shortest way; `_send` is the way for all others.
            engine, driver = self._engine, self._driver
            if self._holds_lock():
                self._check_entry()
            with self._lock:
                try:
                    if engine.append(topic, key, value, future, time.time_ns() // 1_000_000):
                        if engine.deadline_us < driver.sleeps_until_us:
                            self._keep_deadline()
                        return future
                except BaseException as error:
                    self._mend_after(error)
                    raise
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return self._send(record, future)

    def send_many(
        self,
        topic: str,
        values: Sequence[Any],
        *,
        keys: Sequence[Any] | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> SendFutures[SendFuture]:
        """Queue columns of records, and return a future for each: what a loop over `send` does, in less than half the time.

        With serializers it is no faster than that loop. `keys` is as long as `values`; None for records without keys. Order within a partition is that of the columns.
        Blocks as `send` does. A record that cannot be queued does not stop the others: its future ends in the error that
        `send` would raise; after a BufferExhaustedError or a MetadataTimeoutError, that is every future still to come.

        Raises UsageError if a column is wrong, ProducerClosedError; nothing was sent then.
        """
        with self._columns(topic, values, keys, on_delivery) as columns:
            for record, token in columns:
                try:
                    if self._serializing is None:
                        self._send(record, token)
                    else:
                        self._send(self._handled(record, token, columns.futures), token)
                except ProducerError as error:
                    columns.refuse(token, error)
        return columns.futures

    def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> SendFuture:
        """Do as `send` does, with a record as a value, which is in bytes: no serializer is asked."""
        if not self._is_intercepted:
            return self._send(record, SendFuture(on_delivery))
        record = self._interceptors.on_send(record)
        try:
            return self._send(record, SendFuture(self._interceptors.acknowledging(record, on_delivery)))
        except ProducerError as error:
            self._interceptors.refused(record, error)
            raise

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, and its callbacks were called.

        Raises TimeoutError, and UsageError in a delivery callback: it would wait for itself.
        """
        if threading.current_thread() is self._thread:
            msg = "flush was called in a delivery callback, where it would wait for itself"
            raise UsageError(msg)
        self._check_entry()
        with self._lock:
            self._check_alive()
            self._walk(self._flushing(timeout_s))

    def partitions_for(self, topic: str) -> tuple[PartitionInfo, ...]:
        """Give the topic's partitions and their leaders; waits up to `max.block.ms` for them.

        Raises MetadataTimeoutError, UsageError if the topic's name is refused, ProducerClosedError.
        """
        self._check_entry()
        with self._lock:
            self._check_alive()
            try:
                return self._walk(self._learning(topic))
            except BaseException as error:
                self._mend_after(error)
                raise

    def choose_partition(self, record: Record) -> int:
        """Choose the partition of a record that is to be sent in parts, as `send` would; waits as `partitions_for` does.

        The choice counts: it is a turn of a partitioner that takes turns. Raises as `partitions_for` does, UsageError for a
        record that cannot be sent, PartitionerError.
        """
        self._check_entry()
        with self._lock:
            self._check_alive()
            try:
                return self._walk(self._choosing(record))
            except BaseException as error:
                self._mend_after(error)
                raise

    def abandon(self, patience_s: float) -> None:
        """Close, and give up after so long what has no answer by then: for a collector, which may neither wait nor take locks."""
        self._worker.drop(int(patience_s * 1e6))

    def close(self, timeout_s: float | None = None) -> None:
        """Send what is queued, wait for its answers, and end. After `timeout_s` the rest is given up. Twice is once.

        A transaction that is open is aborted behind that. Returns no more than two seconds after `timeout_s`: if a lookup of
        a name, or a callback of the application's, holds the producer's thread by then, that ends by itself. In a delivery
        callback the time is 0, for what is waited for would come to this very thread. Raises PartitionerError if the application's partitioner cannot be closed;
        everything else is done then. Raises ForkedProducerError, as everything does in a forked process.
        """
        self._check_process()
        is_in_callback = threading.current_thread() is self._thread
        if is_in_callback:
            timeout_s = 0
        until_us = wait_until_us(timeout_s)
        self._check_entry()
        with self._lock:
            if not self._worker.is_stopping and self._answers.crash is None:
                self._walk(self._closing(timeout_s))
                self._engine.abort(now_us())
                self._worker.is_stopping = True
                self._driver.wake()
        self._dropped.detach()
        if not is_in_callback:
            patience_us = None if until_us is None else max(0, until_us + LAST_WORDS_US_MAX * 2 - now_us())
            self._thread.join(None if patience_us is None else patience_us / 1e6)
            if self._thread.is_alive():
                log.warning("%s: closed, but its thread is still at work", self.config.client_id)
        self._interceptors.close()
        self._close_serializers()
        if self._registry is not None:
            self._registry.close()
        self._engine.close_partitioner()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(ForkedProducerError):
            # An exception on its way out must not wait for a broker that may never answer.
            self.close(None if kind is None else 0)

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to the process that this one was forked from; see `producer.drivers.forks`."""
        self._own(threading.RLock())
        self._changed = threading.Condition(self._lock)
        self._answers.disown(error, self._lock, self._changed.notify_all)
        # The shortest way of `send` does not ask.
        self._engine.close(now_us())
        # For a fork in a delivery callback, where this process goes on in the producer's thread.
        self._worker.is_stopping = True
        self._dropped.detach()
        if self._registry is not None:
            self._registry.disown()
        self._driver.disown()

    # -- inside ------------------------------------------------------------------------------------------------------

    def _send(self, record: Record, token: T) -> T:
        self._check_entry()
        with self._lock:
            self._check_alive()
            try:
                wait = self._offer(record, token)
                if wait is not None:
                    self._walk(self._trying(wait, record, lambda wait: self._offer(record, token, wait)))
                self._keep_deadline()
            except BaseException as error:
                self._mend_after(error)
                raise
        return token

    def _walk(self, steps: Steps[R]) -> R:
        """Go through the steps of a call. The lock is held, but for the waiting."""
        try:
            until_us = next(steps)
            while True:
                timeout_s = None if until_us is None else min(max(0, until_us - now_us()) / 1e6, threading.TIMEOUT_MAX)
                try:
                    has_changed = self._changed.wait(timeout_s)
                except BaseException as error:  # Ctrl-C: the steps leave nothing behind
                    steps.throw(error)
                    raise
                until_us = steps.send(has_changed)
        except StopIteration as end:
            told: R = end.value
            return told

    def _future_maker(self) -> Callable[[], SendFuture]:
        return maker()


def _log_exit(ending: BaseException) -> None:
    log.error("a callback tried to end a producer's thread", exc_info=ending)
