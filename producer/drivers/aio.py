"""`AsyncProducer`: the engine on asyncio, with no thread of its own; whoever comes into a call is kept out."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
import weakref
from asyncio import get_running_loop
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeVar

from producer.drivers import forks
from producer.drivers.async_future import AsyncSendFuture
from producer.drivers.clock import now_us
from producer.drivers.loop_transactions import LoopTransactions
from producer.drivers.loop_worker import LoopWorker
from producer.drivers.serializing import registry_settings
from producer.errors import ForkedProducerError, ProducerError
from producer.records import Record, header_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from types import TracebackType

    from producer.drivers.front import Steps
    from producer.drivers.interceptors import Interceptor, OnDelivery
    from producer.drivers.send_futures import SendFutures
    from producer.engine.buffer import Wait
    from producer.records import PartitionInfo, RecordMetadata

__all__ = ["AsyncProducer", "AsyncSendFuture"]

T = TypeVar("T")
"""What an answer is given to: an `AsyncSendFuture`, or the number of a record in a `SendFutures`."""


class AsyncProducer(LoopTransactions):
    """A Kafka producer for asyncio, configured by Kafka's own property names. Make it within a running loop.

    The same engine as `producer.Producer`: the same properties, semantics and errors.

    >>> async def example():
    ...     async with AsyncProducer({"bootstrap.servers": "127.0.0.1:9092"}) as producer:
    ...         future = await producer.send("orders", key=b"k", value=b"v")
    ...         print(await future)
    """

    _name = "async-producer"
    _numbers = itertools.count(1)
    _death = "the producer's engine failed"

    def __init__(self, properties: Mapping[str, Any], *, interceptors: Iterable[Interceptor] = ()) -> None:
        """Start. Brokers are connected to in the background. Raises ConfigError, RuntimeError without a loop."""
        loop = asyncio.get_running_loop()
        lock = threading.RLock()
        super().__init__(
            properties,
            loop=loop,
            lock=lock,
            interceptors=interceptors,
            # The loop, and not from here: a transport that called us would end its connection.
            exits=lambda ending: loop.call_soon(_raise, ending),
        )
        self._worker = LoopWorker(
            self.config.client_id,
            self._engine,
            loop=loop,
            lock=lock,
            answers=self._answers,
            interceptors=self._interceptors,
            awaited=self._awaited,
            **self._carrier_settings(),
        )
        self._driver = self._worker.driver
        asked = registry_settings(self.config)
        if asked is not None:
            from producer.drivers.loop_registry import AsyncSchemaRegistry

            self._registry = AsyncSchemaRegistry(asked)
            weakref.finalize(self, self._registry.leave).atexit = False
        self._is_stopped = False
        self._looked_ms = self._looked_us = 0
        """The latest millisecond in which a `send` looked whether a batch is due; by the wall's clock, and by the driver's."""
        forks.watch(self, self.config.client_id)
        self._driver.settle()
        self._dropped = weakref.finalize(self, self._worker.drop)
        # Whoever ends a process without close leaves it to itself, as ever.
        self._dropped.atexit = False

    async def send(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> AsyncSendFuture:
        """Queue one record and return the future of its `RecordMetadata`.

        Key and value are bytes or None, or what `key.serializer` and `value.serializer` take. Waits up to `max.block.ms`
        while the topic's partitions are not known or `buffer.memory` is full. Cancelled while it waits, it has queued
        nothing; once it has returned, the record is queued whatever happens to the caller. `on_delivery(metadata, error)`
        is called in the event loop; it must not block.

        Raises UsageError (SerializationError, RecordTooLargeError, PartitionerError, ProducerClosedError),
        MetadataTimeoutError, BufferExhaustedError or SchemaRegistryError; the record was not sent then.
        """
        if self._is_handled:
            if self._serializing is not None:
                key, value, headers = await self._as_bytes(topic, key, value, headers)
            if self._is_intercepted:
                record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
                return await self.send_record(record, on_delivery)
        engine = self._engine
        is_plain = type(value) is bytes and (key is None or type(key) is bytes)
        if is_plain and partition is timestamp_ms is None and not headers:
            # The commonest kind of record by the shortest way; `_send` is the way for all others.
            if self._answers.crash is not None or get_running_loop() is not self._loop:
                self._check_alive()
            future, driver = AsyncSendFuture(self, on_delivery), self._driver
            if self._is_appending or self._holds_lock():
                self._check_entry()
            try:
                self._is_appending = True
                epoch_ms = time.time_ns() // 1_000_000
                if epoch_ms != self._looked_ms:
                    self._looked_ms, self._looked_us = epoch_ms, time.monotonic_ns() // 1_000
                if engine.deadline_us > self._looked_us and engine.append(topic, key, value, future, epoch_ms):
                    if engine.deadline_us < driver.rings_us:
                        driver.arm()
                    return future
            except BaseException as error:
                self._mend_after(error)
                raise
            finally:
                self._is_appending = False
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return await self.send_record(record, on_delivery)

    async def send_many(
        self,
        topic: str,
        values: Sequence[Any],
        *,
        keys: Sequence[Any] | None = None,
        on_delivery: OnDelivery | None = None,
    ) -> SendFutures[AsyncSendFuture]:
        """Queue columns of records, and return a future for each: what a loop over `send` does, in less than half the time.

        With serializers it is no faster than that loop. `keys` is as long as `values`; None for records without keys. Order within a partition is that of the columns.
        Waits as `send` does, and lets the loop send what is full. Cancelled while it waits, it queues no more: what it
        has queued goes on, and `on_delivery` hears of it. A record that cannot be queued does not stop the others: its
        future ends in the error that `send` would raise; after a BufferExhaustedError or a MetadataTimeoutError, that is
        every future still to come.

        Raises UsageError if a column is wrong, ProducerClosedError; nothing was sent then.
        """
        with self._columns(topic, values, keys, on_delivery) as columns:
            for record, token in columns:
                try:
                    if self._serializing is None:
                        await self._send(record, token)
                    else:
                        await self._send(await self._handled(record, token, columns.futures), token)
                except ProducerError as error:
                    columns.refuse(token, error)
                except asyncio.CancelledError:
                    columns.withdraw()
                    raise
        return columns.futures

    async def send_record(self, record: Record, on_delivery: OnDelivery | None = None) -> AsyncSendFuture:
        """Do as `send` does, with a record as a value, which is in bytes: no serializer is asked."""
        if not self._is_intercepted:
            return await self._send(record, AsyncSendFuture(self, on_delivery))
        record = self._interceptors.on_send(record)
        try:
            return await self._send(
                record, AsyncSendFuture(self, self._interceptors.acknowledging(record, on_delivery))
            )
        except ProducerError as error:
            self._interceptors.refused(record, error)
            raise

    async def send_and_wait(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
    ) -> RecordMetadata:
        """Send one record and wait for its answer. Cancelled after it was queued, the record goes on."""
        future = await self.send(topic, value, key=key, partition=partition, headers=headers, timestamp_ms=timestamp_ms)
        return await future

    async def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer. Raises TimeoutError."""
        self._check_alive()
        await self._walk(self._flushing(timeout_s))

    async def partitions_for(self, topic: str) -> tuple[PartitionInfo, ...]:
        """Give the topic's partitions and their leaders; waits up to `max.block.ms` for them.

        Raises MetadataTimeoutError, UsageError if the topic's name is refused, ProducerClosedError.
        """
        self._check_alive()
        return await self._walk(self._learning(topic))

    async def choose_partition(self, record: Record) -> int:
        """Choose the partition of a record that is to be sent in parts, as `send` would; waits as `partitions_for` does.

        The choice counts: it is a turn of a partitioner that takes turns. Raises as `partitions_for` does, UsageError for a
        record that cannot be sent, PartitionerError.
        """
        self._check_alive()
        return await self._walk(self._choosing(record))

    async def close(self, timeout_s: float | None = None) -> None:
        """Send what is queued, wait for its answers, and end. After `timeout_s` the rest is given up. Twice is once.

        A transaction that is open is aborted behind that. Cancelled while it waits, it gives up the rest at once. Raises
        PartitionerError if the application's partitioner cannot be closed; everything else is done then.
        """
        self._check_process()
        if self._is_stopped:
            return
        self._check_entry()
        try:
            try:
                # When the engine failed, everything was given up; the connections still want their end.
                if self._answers.crash is None:
                    await self._walk(self._closing(timeout_s))
            finally:
                self._stop()
                if self._registry is not None:
                    await self._registry.close()
            await self._driver.ended()
        finally:
            self._engine.close_partitioner()

    def _stop(self) -> None:
        if self._is_stopped:
            return
        if self._must_wait_for_loop():
            # A collector took the task that closed.
            self._loop.call_soon_threadsafe(self._stop)
            return
        self._is_stopped = True
        self._dropped.detach()
        if self._answers.crash is None:
            with self._lock:
                self._engine.abort(now_us())
            self._answers.pass_on()
            self._driver.stop()
            with self._lock:
                self._answers.tell_all()
        self._interceptors.close()
        self._close_serializers()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(ForkedProducerError):
            # An exception on its way out must not wait for a broker that may never answer.
            await self.close(None if kind is None else 0)

    def disown(self, error: ForkedProducerError) -> None:
        """Belong to the process that this one was forked from; see `producer.drivers.forks`."""
        self._own(threading.RLock())
        self._answers.disown(error, self._lock, self._answers.tell_all)
        self._dropped.detach()
        if self._registry is not None:
            self._registry.disown()
        self._driver.disown()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _send(self, record: Record, token: T) -> T:
        self._check_alive()
        engine = self._engine
        if engine.deadline_us <= now_us() and not engine.is_closed:
            # A batch is due. A coroutine that sends without ever waiting would keep the loop from sending it.
            await asyncio.sleep(0)
            self._check_alive()
        self._check_entry()
        with self._lock:
            try:
                wait = self._offer(record, token)
                self._driver.arm()
            except BaseException as error:
                self._mend_after(error)
                raise
        if wait is not None:
            await self._walk(self._waiting(wait, record, token))
            self._driver.arm()
        return token

    def _waiting(self, wait: Wait, record: Record, token: T) -> Steps[None]:
        """Offer the record once more, and wait then: a signal's handler may have come since, and told only who waited."""

        def attempt(wait: Wait) -> Wait | None:
            return self._offer(record, token, wait)

        yield from self._trying(attempt(wait), record, attempt)


def _raise(ending: BaseException) -> None:
    raise ending
