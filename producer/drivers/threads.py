"""`Producer`: the engine behind a lock, with one thread for sockets and timers."""

from __future__ import annotations

import itertools
import logging
import random
import threading
import time
from typing import TYPE_CHECKING, Any, Self

from producer.config import ProducerConfig
from producer.drivers.future import SendFuture
from producer.drivers.sockets import SocketDriver, now_us
from producer.engine import Engine
from producer.errors import ProducerError, UsageError
from producer.events import BatchUndelivered, RoomMade
from producer.records import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from producer.events import Answer
    from producer.records import RecordMetadata

log = logging.getLogger(__name__)

_numbers = itertools.count(1)


class Producer:
    """A Kafka producer, configured by Kafka's own property names; safe to use from many threads.

    >>> with Producer({"bootstrap.servers": "127.0.0.1:9092"}) as producer:  # doctest: +SKIP
    ...     producer.send("orders", key=b"k", value=b"v").result(10)
    """

    def __init__(self, properties: Mapping[str, Any]) -> None:
        """Start. Brokers are connected to in the background. Raises ConfigError."""
        config = ProducerConfig.from_properties(properties)
        if not config.client_id:
            config = config.model_copy(update={"client_id": f"producer-{next(_numbers)}"})
        self.config = config
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        epoch_us = time.time_ns() // 1_000 - now_us()
        self._engine = Engine(config, chance=random.Random(), now_us=now_us(), epoch_us=epoch_us)
        self._driver = SocketDriver(
            self._engine,
            lock=self._lock,
            send_buffer_bytes=config.send_buffer_bytes,
            receive_buffer_bytes=config.receive_buffer_bytes,
        )
        self._is_stopping = False
        self._crash: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name=f"acklab-{config.client_id}", daemon=True)
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

        Raises UsageError (RecordTooLargeError, ProducerClosedError), MetadataTimeoutError or BufferExhaustedError; the
        record was not sent then.
        """
        _check_bytes("value", value)
        _check_bytes("key", key)
        record = Record(topic, value, key, partition, tuple(headers) if headers else (), timestamp_ms)
        future = SendFuture(on_delivery)
        with self._lock:
            self._check_alive()
            engine = self._engine
            wait = engine.send(record, future, now_us=now_us())
            if wait is not None:
                self._wake_if_due()
                limit_us = now_us() + self.config.max_block_ms * 1_000
                while wait is not None:
                    if not self._changed.wait(max(0, limit_us - now_us()) / 1e6):
                        raise engine.give_up(wait, record)
                    self._check_alive()
                    wait = engine.send(record, future, now_us=now_us(), wait=wait)
                    self._wake_if_due()
            self._wake_if_due()
        return future

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer. Raises TimeoutError."""
        with self._lock:
            self._check_alive()
            mark = self._engine.flush(now_us())
            self._wake_if_due()
            if not self._changed.wait_for(lambda: self._crash or self._engine.is_flushed(mark), timeout_s):
                msg = f"not everything was answered within {timeout_s} s"
                raise TimeoutError(msg)
            self._check_alive()

    def close(self, timeout_s: float | None = None) -> None:
        """Send what is queued, wait for its answers, and end. After `timeout_s` the rest is given up. Twice is once."""
        with self._lock:
            if not self._is_stopping and self._crash is None:
                self._engine.close(now_us())
                self._wake_if_due()
                self._changed.wait_for(lambda: self._crash or self._engine.is_idle, timeout_s)
                self._engine.abort(now_us())
                self._is_stopping = True
                # Threads that still wait for room or metadata find the producer closed.
                self._changed.notify_all()
                self._driver.wake()
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has as far as this producer has heard; 0 if it has not."""
        with self._lock:
            return self._engine.partition_count(topic)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # An exception on its way out must not wait for a broker that may never answer.
        self.close(None if kind is None else 0)

    def _wake_if_due(self) -> None:
        driver = self._driver
        if self._engine.deadline_us < driver.sleeps_until_us:
            # Once is enough: the thread looks at every deadline when it wakes.
            driver.sleeps_until_us = 0
            driver.wake()

    def _check_alive(self) -> None:
        if self._crash is not None:
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
            with self._lock:
                self._crash = crash
                self._changed.notify_all()
            raise
        finally:
            self._driver.close()

    def _pass_on(self) -> None:
        with self._lock:
            answers = self._engine.take_answers()
        if not answers:
            return
        for answer in answers:
            self._resolve(answer)
        with self._lock:
            self._changed.notify_all()

    def _resolve(self, answer: Answer) -> None:
        if isinstance(answer, RoomMade):
            return
        told = answer.error if isinstance(answer, BatchUndelivered) else answer
        for index, future in enumerate(answer.tokens):
            try:
                future.resolve(told, index)
            except Exception:  # a callback of the application's must not end the producer
                log.exception("%s: a delivery callback failed", self.config.client_id)


def _check_bytes(name: str, given: object) -> None:
    if given is not None and not isinstance(given, bytes):
        msg = f"{name} is a {type(given).__name__}, must be bytes or None"
        raise UsageError(msg)
