"""`Producer`: the engine behind a lock, with one thread for sockets and timers."""

from __future__ import annotations

import itertools
import logging
import random
import threading
import time
from contextlib import suppress
from time import monotonic_ns
from typing import TYPE_CHECKING, Any, Self, TypeVar

from producer.config.config import ProducerConfig
from producer.drivers import forks
from producer.drivers.future import SendFuture
from producer.drivers.interceptors import Interceptors
from producer.drivers.names import resolve_bootstrap
from producer.drivers.send_futures import Outstanding, SendFutures
from producer.drivers.sockets import LAST_WORDS_US_MAX, SocketDriver, now_us
from producer.drivers.tls import client_context
from producer.drivers.tokens import token_source
from producer.engine.engine import Engine
from producer.errors import (
    BufferExhaustedError,
    ForkedProducerError,
    MetadataTimeoutError,
    ProducerClosedError,
    ProducerError,
    UsageError,
)
from producer.events import BatchUndelivered, RoomMade
from producer.records import Record, Run, check_topic, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import TracebackType

    from producer.drivers.interceptors import Interceptor
    from producer.engine.buffer import Wait
    from producer.events import Answer
    from producer.metrics import Measured
    from producer.records import ClusterInfo, PartitionInfo, RecordMetadata

log = logging.getLogger(__name__)

T = TypeVar("T")
"""What an answer is given to: a `SendFuture`, or the number of a record in a `SendFutures`."""

_numbers = itertools.count(1)

RUN_RECORDS = 8_192
"""`send_many` goes over its columns in pieces of so many, so that all partitions have work and no lock is held for long."""


class Producer:
    """A Kafka producer, configured by Kafka's own property names; safe to use from many threads.

    >>> with Producer({"bootstrap.servers": "127.0.0.1:9092"}) as producer:  # doctest: +SKIP
    ...     producer.send("orders", key=b"k", value=b"v").result(10)
    """

    def __init__(self, properties: Mapping[str, Any], *, interceptors: Iterable[Interceptor] = ()) -> None:
        """Start. Brokers are connected to in the background. Raises ConfigError."""
        config = resolve_bootstrap(ProducerConfig.from_properties(properties))
        if not config.client_id:
            config = config.model_copy(update={"client_id": f"producer-{next(_numbers)}"})
        self.config = config
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        epoch_us = time.time_ns() // 1_000 - now_us()
        self._engine = Engine(
            config, chance=random.Random(), now_us=now_us(), epoch_us=epoch_us, nonces=random.SystemRandom()
        )
        self._driver = SocketDriver(
            self._engine,
            lock=self._lock,
            send_buffer_bytes=config.send_buffer_bytes,
            receive_buffer_bytes=config.receive_buffer_bytes,
            tls=client_context(config),
            tokens=token_source(config, random.Random()),
            polled=self._engine.metrics.polled,
            secured=self._engine.metrics.secured,
        )
        self._interceptors = Interceptors(interceptors)
        self._is_intercepted = bool(self._interceptors)
        self.changes = 0
        """Rises whenever something came that those who wait should look at."""
        self._is_passing_on = False
        """Answers were taken from the engine, and not every future has its own yet."""
        self._outstanding = Outstanding()
        self._is_stopping = False
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"acklab-{config.client_id}", daemon=True)
        forks.watch(self, config.client_id)
        self._thread.start()

    def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None,
    ) -> SendFuture:
        """Queue one record and return the future of its `RecordMetadata`.

        Blocks up to `max.block.ms` while the topic's partitions are not known or `buffer.memory` is full.
        `on_delivery(metadata, error)` is called on the producer's thread; it must not block.

        Raises UsageError (RecordTooLargeError, PartitionerError, ProducerClosedError), MetadataTimeoutError or
        BufferExhaustedError; the record was not sent then.
        """
        if self._is_intercepted:
            record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
            return self.send_record(record, on_delivery)
        future = SendFuture(on_delivery)
        is_plain = type(value) is bytes and (key is None or type(key) is bytes)
        if is_plain and partition is timestamp_ms is None and not headers:
            # The commonest kind of record by the shortest way; `_send` is the way for all others.
            engine, driver = self._engine, self._driver
            with self._lock:
                try:
                    if self._crash is None and engine.append(topic, key, value, future, monotonic_ns() // 1_000):
                        if engine.deadline_us < driver.sleeps_until_us:
                            self._wake_if_due()
                        return future
                except BaseException as error:
                    self._mend_after(error)
                    raise
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return self._send(record, future)

    def send_many(
        self,
        topic: str,
        values: Sequence[bytes | None],
        *,
        keys: Sequence[bytes] | None = None,
        on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None,
    ) -> SendFutures:
        """Queue columns of records, and return a future for each: what a loop over `send` does, in less than half the time.

        `keys` is as long as `values`; None for records without keys. Order within a partition is that of the columns.
        Blocks as `send` does. A record that cannot be queued does not stop the others: its future ends in the error that
        `send` would raise; after a BufferExhaustedError or a MetadataTimeoutError, that is every future still to come.

        Raises UsageError if a column is wrong, ProducerClosedError; nothing was sent then.
        """
        check_topic(topic)
        check_columns(values, keys)
        with self._lock:
            self._check_alive()
            if self._engine.is_closed:
                msg = f"{self.config.client_id} is closed"
                raise ProducerClosedError(msg)
            futures = self._outstanding.begin(len(values), on_delivery)
        refusal: ProducerError | None = None
        for begin in range(0, len(values), RUN_RECORDS):
            end = begin + RUN_RECORDS
            some_keys = None if keys is None else keys[begin:end]
            tokens = futures.tokens[begin:end]
            refusal = self._send_some(topic, values[begin:end], some_keys, tokens, futures, refusal)
        if futures.are_over:
            with self._lock:
                self._outstanding.forget(futures)
        return futures

    def _send_some(
        self,
        topic: str,
        values: Sequence[bytes | None],
        keys: Sequence[bytes] | None,
        tokens: Sequence[int],
        futures: SendFutures,
        refusal: ProducerError | None,
    ) -> ProducerError | None:
        """Queue some of many. Takes and returns the error that says that waiting is in vain."""
        runs: list[Run] = []
        if not self._is_intercepted and refusal is None:
            with self._lock:
                runs = self._engine.runs(topic, keys, values, tokens)
        for run in runs or [Run(None, keys or [None] * len(values), values, tokens, None)]:
            place, end = 0, len(run.values)
            while place < end:
                if runs:
                    with self._lock:
                        self._check_alive()
                        try:
                            place += self._engine.append_run(topic, run, place, monotonic_ns() // 1_000)
                            self._wake_if_due()
                        except BaseException as error:
                            self._mend_after(error)
                            raise
                    if place == end:
                        break
                token = run.tokens[place]
                if refusal is None:
                    try:
                        record = Record(topic, run.values[place], run.keys[place], run.partition)
                        if self._is_intercepted:
                            record = self._interceptors.on_send(record)
                            futures.listen(token, self._interceptors.acknowledging(record, futures.on_delivery))
                        self._send(record, token)
                    except ProducerError as error:
                        if isinstance(error, (BufferExhaustedError, MetadataTimeoutError, ProducerClosedError)):
                            refusal = error
                        futures.refuse(token, error)
                else:
                    futures.refuse(token, refusal)
                place += 1
        return refusal

    def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> SendFuture:
        """Do as `send` does, with a record as a value."""
        return self._send_one(record, SendFuture(on_delivery))

    def _send_one(self, record: Record, future: SendFuture) -> SendFuture:
        if not self._is_intercepted:
            return self._send(record, future)
        record = self._interceptors.on_send(record)
        future.on_delivery = self._interceptors.acknowledging(record, future.on_delivery)
        try:
            return self._send(record, future)
        except ProducerError as error:
            self._interceptors.refused(record, error)
            raise

    def _send(self, record: Record, future: T) -> T:
        with self._lock:
            self._check_alive()
            engine = self._engine
            try:
                wait = engine.send(record, future, now_us=now_us())
                if wait is not None:
                    self._keep_trying(
                        wait, record, lambda wait: engine.send(record, future, now_us=now_us(), wait=wait)
                    )
                self._wake_if_due()
            except BaseException as error:
                self._mend_after(error)
                raise
        return future

    def _mend_after(self, error: BaseException) -> None:
        """See to it that the producer goes on after Ctrl-C, or whatever else a signal's handler raised, amid a `send`."""
        if not isinstance(error, ProducerError):
            self._engine.mend()
            self._changed.notify_all()
            self._driver.wake()

    def _keep_trying(self, wait: Wait, record: Record, attempt: Callable[[Wait], Wait | None]) -> None:
        """Try again at each change, up to `max.block.ms`; whatever ends it, no place in a queue is left behind."""
        limit_us = now_us() + self.config.max_block_ms * 1_000
        held: Wait | None = wait
        while held is not None:
            self._wake_if_due()
            left_s = max(0, limit_us - now_us()) / 1e6
            if not self._changed.wait(min(left_s, threading.TIMEOUT_MAX)):
                # Who waits behind may be served now.
                self._changed.notify_all()
                raise self._engine.give_up(held, record, now_us=now_us())
            self._check_alive()
            held = attempt(held)

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, and its callbacks were called.

        Raises TimeoutError, and UsageError in a delivery callback: it would wait for itself.
        """
        if threading.current_thread() is self._thread:
            msg = "flush was called in a delivery callback, where it would wait for itself"
            raise UsageError(msg)
        with self._lock:
            self._check_alive()
            began_us = now_us()
            mark = self._engine.flush(began_us)
            self._wake_if_due()
            is_flushed = self._changed.wait_for(lambda: self._crash or self._is_flushed(mark), timeout_s)
            ended_us = now_us()
            self._engine.metrics.flushed(ended_us - began_us, ended_us)
            if not is_flushed:
                msg = f"not everything was answered within {timeout_s} s"
                raise TimeoutError(msg)
            self._check_alive()

    def offer(self, record: Record, future: SendFuture, wait: Wait | None = None) -> Wait | None:
        """Queue one record if that needs no waiting: for façades that must not block. Interceptors do not see it.

        Returns None when it is queued, otherwise what to offer it again with, once `await_change` returned, or to
        `withdraw`. Raises as `send` does.
        """
        with self._lock:
            self._check_alive()
            try:
                wait = self._engine.send(record, future, now_us=now_us(), wait=wait)
                self._wake_if_due()
            except BaseException as error:
                self._mend_after(error)
                raise
        return wait

    def withdraw(self, wait: Wait, record: Record) -> ProducerError:
        """Offer a record no longer. Returns the error that says what it waited for in vain."""
        with self._lock:
            error = self._engine.give_up(wait, record, now_us=now_us())
            self._wake_if_due()
        return error

    def learn(self, topic: str, wait: Wait | None = None) -> Wait | None:
        """Ask for the topic's partitions without waiting; the counterpart of `partitions_for`, used as `offer` is."""
        with self._lock:
            self._check_alive()
            wait = self._engine.learn(topic, now_us=now_us(), wait=wait)
            self._wake_if_due()
        return wait

    def await_change(self, seen: int, timeout_s: float) -> None:
        """Wait until `changes` is no longer `seen`: answers or metadata came, which may have made room."""
        with self._lock:
            self._changed.wait_for(lambda: self._crash or self.changes != seen, timeout_s)

    def purge(self, *, queued: bool = True, in_flight: bool = True) -> None:
        """Drop what waits, what is in flight, or both: each of those futures ends in a PurgedError, soon.

        What was in flight may be written all the same. Records that still wait in `send` are not queued yet, and go on.
        """
        with self._lock:
            self._check_alive()
            self._engine.purge(now_us(), queued=queued, in_flight=in_flight)
            # The answers are passed on by the producer's thread, like all others.
            self._driver.wake()

    def close(self, timeout_s: float | None = None) -> None:
        """Send what is queued, wait for its answers, and end. After `timeout_s` the rest is given up. Twice is once.

        Returns no more than two seconds after `timeout_s`: if a lookup of a name, or a callback of the application's, holds
        the producer's thread by then, that ends by itself. In a delivery callback the time is 0, for what is waited for
        would come to this very thread. Raises PartitionerError if the application's partitioner cannot be closed;
        everything else is done then. Raises ForkedProducerError, as everything does in a forked process.
        """
        self._check_process()
        is_in_callback = threading.current_thread() is self._thread
        if is_in_callback:
            timeout_s = 0
        until_us = None if timeout_s is None else now_us() + int(timeout_s * 1e6) + LAST_WORDS_US_MAX * 2
        with self._lock:
            if not self._is_stopping and self._crash is None:
                self._engine.close(now_us())
                self._wake_if_due()
                # Threads that still wait for room or metadata find the producer closed.
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._crash or self._engine.is_idle, timeout_s)
                self._engine.abort(now_us())
                self._is_stopping = True
                self._driver.wake()
        if not is_in_callback:
            self._thread.join(None if until_us is None else max(0, until_us - now_us()) / 1e6)
            if self._thread.is_alive():
                log.warning("%s: closed, but its thread is still at work", self.config.client_id)
        self._interceptors.close()
        self._engine.close_partitioner()

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has as far as this producer has heard; 0 if it has not."""
        with self._lock:
            return self._engine.partition_count(topic)

    def partitions_for(self, topic: str) -> tuple[PartitionInfo, ...]:
        """Give the topic's partitions and their leaders; waits up to `max.block.ms` for them.

        Raises MetadataTimeoutError, UsageError if the topic's name is refused, ProducerClosedError.
        """
        with self._lock:
            self._check_alive()
            engine = self._engine
            try:
                wait = engine.learn(topic, now_us=now_us())
                if wait is not None:
                    record = Record(topic, None)
                    self._keep_trying(wait, record, lambda wait: engine.learn(topic, now_us=now_us(), wait=wait))
            except BaseException as error:
                self._mend_after(error)
                raise
            return engine.partitions(topic)

    def cluster(self) -> ClusterInfo:
        """Give the cluster's id and brokers as far as this producer has heard."""
        with self._lock:
            return self._engine.cluster()

    def metrics(self) -> Measured:
        """Read Kafka's producer metrics as they are now (docs/producer.md lists them); also after `close`."""
        self._check_process()
        with self._lock:
            return self._engine.metrics.measure(now_us())

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
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._crash = error
        # For a fork in a delivery callback, where this process goes on in the producer's thread.
        self._is_stopping = True
        self._driver.disown()

    def _is_flushed(self, mark: int) -> bool:
        return self._engine.is_flushed(mark) and not self._engine.has_answers and not self._is_passing_on

    def _wake_if_due(self) -> None:
        driver = self._driver
        if self._engine.deadline_us < driver.sleeps_until_us:
            # Once is enough: the thread looks at every deadline when it wakes.
            driver.sleeps_until_us = 0
            driver.wake()

    def _check_process(self) -> None:
        if isinstance(self._crash, ForkedProducerError):
            raise ForkedProducerError(str(self._crash))

    def _check_alive(self) -> None:
        if self._crash is not None:
            self._check_process()
            msg = "the producer's thread died"
            raise RuntimeError(msg) from self._crash

    def _run(self) -> None:
        try:
            while not self._is_stopping:
                self._driver.poll()
                self._pass_on()
            self._pass_on()
        except BaseException as crash:  # whoever waits must hear of it, whatever it is
            log.exception("%s: the producer's thread died", self.config.client_id)
            self._give_up(crash)
            raise
        finally:
            if not isinstance(self._crash, ForkedProducerError):
                self._driver.close()

    def _give_up(self, crash: BaseException) -> None:
        """End every future: nobody will carry their records any more."""
        with self._lock:
            if self._crash is None:
                self._crash = crash
            try:
                self._engine.abort(now_us(), f"the producer's thread died: {type(crash).__name__}: {crash}")
            except Exception:  # it died of a bug, which may strike again
                log.exception("%s: records may be left without an answer", self.config.client_id)
        self._pass_on()
        with self._lock:
            self._changed.notify_all()

    def _pass_on(self) -> None:
        with self._lock:
            answers = self._engine.take_answers()
            self._is_passing_on = bool(answers)
        if not answers:
            return
        for answer in answers:
            self._resolve(answer)
        with self._lock:
            self._is_passing_on = False
            self.changes += 1
            self._changed.notify_all()

    def _resolve(self, answer: Answer) -> None:
        if isinstance(answer, RoomMade):
            return
        told = answer.error if isinstance(answer, BatchUndelivered) else answer.metadata
        many: SendFutures | None = None
        for index, token in enumerate(answer.tokens):
            try:
                if type(token) is not int:
                    token.resolve(told, index)
                    continue
                if many is None or token not in many.tokens:
                    with self._lock:
                        many = self._outstanding.find(token)
                many.resolve(token, told, index)
                if many.are_over:
                    with self._lock:
                        self._outstanding.forget(many)
            except BaseException:  # a callback of the application's must not end the producer, not by sys.exit either
                log.exception("%s: a delivery callback failed", self.config.client_id)


def check_columns(values: Sequence[bytes | None], keys: Sequence[bytes] | None) -> None:
    """Raise UsageError, naming the first thing that is wrong, unless the columns are as `send_many` wants them."""
    if keys is not None and len(keys) != len(values):
        msg = f"{len(keys)} keys and {len(values)} values, must be as many"
        raise UsageError(msg)
    for name, column, allowed in (("value", values, {bytes, type(None)}), ("key", keys or (), {bytes})):
        if not set(map(type, column)) <= allowed:
            place = next(place for place, one in enumerate(column) if type(one) not in allowed)
            wanted = "bytes or None" if type(None) in allowed else "bytes"
            msg = f"{name} {place} is a {type(column[place]).__name__}, must be {wanted}"
            raise UsageError(msg)
