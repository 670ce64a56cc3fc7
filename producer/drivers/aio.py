"""`AsyncProducer`: the engine on asyncio, with no thread and no lock."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from producer.config.config import ProducerConfig
from producer.drivers import forks
from producer.drivers.future import call_each, metadata_of
from producer.drivers.interceptors import Interceptors
from producer.drivers.names import resolve_bootstrap
from producer.drivers.sockets import now_us
from producer.drivers.tls import client_context
from producer.drivers.tokens import token_source
from producer.drivers.transports import TransportDriver
from producer.engine.engine import Engine
from producer.errors import ForkedProducerError, ProducerError, UsageError
from producer.events import BatchUndelivered, RoomMade
from producer.records import Record, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Mapping
    from types import TracebackType

    from producer.drivers.interceptors import Interceptor
    from producer.engine.buffer import Wait
    from producer.events import BatchMetadata
    from producer.metrics import Measured
    from producer.records import ClusterInfo, PartitionInfo, RecordMetadata

log = logging.getLogger(__name__)

_numbers = itertools.count(1)


class AsyncSendFuture:
    """What became of one record. It ends exactly once, with a `RecordMetadata` or a `ProducerError`.

    Await it as often as you like, from as many tasks: a task that is cancelled while it waits takes nothing from the
    others, and not the record either.
    """

    __slots__ = ("_answer", "_callbacks", "_index", "_producer", "on_delivery")
    _index: int

    def __init__(
        self,
        producer: AsyncProducer,
        on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None,
    ) -> None:
        self._producer = producer
        self._answer: BatchMetadata | ProducerError | None = None
        self._callbacks: list[Callable[[AsyncSendFuture], object]] | None = None
        self.on_delivery = on_delivery

    def done(self) -> bool:
        """Whether the record has its answer."""
        return self._answer is not None

    def result(self) -> RecordMetadata:
        """Give where the record lies. Raises its `ProducerError`, or InvalidStateError if there is no answer yet."""
        answer = self._given()
        if isinstance(answer, ProducerError):
            raise answer
        return metadata_of(answer, self._index)

    def exception(self) -> ProducerError | None:
        """Give the error, None if the record was delivered. Raises InvalidStateError if there is no answer yet."""
        answer = self._given()
        return answer if isinstance(answer, ProducerError) else None

    def add_done_callback(self, callback: Callable[[AsyncSendFuture], object]) -> None:
        """Call `callback(self)` once the answer is there, in the event loop; at once if it is there."""
        if self.done():
            callback(self)
        elif self._callbacks is None:
            self._callbacks = [callback]
        else:
            self._callbacks.append(callback)

    def resolve(self, answer: BatchMetadata | ProducerError, index: int) -> None:
        """Give the answer; the driver does, once."""
        assert self._answer is None, "a record has exactly one answer"
        self._index = index
        self._answer = answer
        callbacks, self._callbacks = self._callbacks, None
        call_each(callbacks or (), self)
        if self.on_delivery is not None:
            if isinstance(answer, ProducerError):
                self.on_delivery(None, answer)
            else:
                self.on_delivery(metadata_of(answer, index), None)

    def __await__(self) -> Generator[Any, None, RecordMetadata]:
        if self._answer is None:
            yield from self._producer.answered(self).__await__()
        return self.result()

    def _given(self) -> BatchMetadata | ProducerError:
        if self._answer is None:
            msg = "the record has no answer yet: await it"
            raise asyncio.InvalidStateError(msg)
        return self._answer


class AsyncProducer:
    """A Kafka producer for asyncio, configured by Kafka's own property names. Make it within a running loop.

    The same engine as `producer.Producer`: the same properties, semantics and errors.

    >>> async def example():
    ...     async with AsyncProducer({"bootstrap.servers": "127.0.0.1:9092"}) as producer:
    ...         future = await producer.send("orders", key=b"k", value=b"v")
    ...         print(await future)
    """

    def __init__(self, properties: Mapping[str, Any], *, interceptors: Iterable[Interceptor] = ()) -> None:
        """Start. Brokers are connected to in the background. Raises ConfigError, RuntimeError without a loop."""
        config = resolve_bootstrap(ProducerConfig.from_properties(properties))
        if not config.client_id:
            config = config.model_copy(update={"client_id": f"async-producer-{next(_numbers)}"})
        self.config = config
        self._loop = asyncio.get_running_loop()
        epoch_us = time.time_ns() // 1_000 - now_us()
        self._engine = Engine(
            config, chance=random.Random(), now_us=now_us(), epoch_us=epoch_us, nonces=random.SystemRandom()
        )
        self._driver = TransportDriver(
            self._engine,
            settled=self._pass_on,
            crashed=self._note_crash,
            send_buffer_bytes=config.send_buffer_bytes,
            receive_buffer_bytes=config.receive_buffer_bytes,
            tls=client_context(config),
            tokens=token_source(config, random.Random()),
        )
        self._interceptors = Interceptors(interceptors)
        self._is_intercepted = bool(self._interceptors)
        self._changed: dict[asyncio.Future[None], None] = {}
        """Who waits for room, metadata or a flush: told of every answer, first come first told."""
        self._awaited: dict[asyncio.Future[None], None] = {}
        """Who awaits a record's future: told of a crash, for nobody else would."""
        self._is_stopped = False
        self._crash: Exception | None = None
        forks.watch(self, config.client_id)
        self._driver.settle()

    async def send(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None,
    ) -> AsyncSendFuture:
        """Queue one record and return the future of its `RecordMetadata`.

        Waits up to `max.block.ms` while the topic's partitions are not known or `buffer.memory` is full. Cancelled
        while it waits, it has queued nothing; once it has returned, the record is queued whatever happens to the
        caller. `on_delivery(metadata, error)` is called in the event loop; it must not block.

        Raises UsageError (RecordTooLargeError, PartitionerError, ProducerClosedError), MetadataTimeoutError or
        BufferExhaustedError; the record was not sent then.
        """
        engine = self._engine
        is_plain = type(value) is bytes and (key is None or type(key) is bytes)
        if is_plain and partition is timestamp_ms is None and not headers and not self._is_intercepted:
            # The commonest kind of record by the shortest way; `_send` is the way for all others.
            self._check_usable()
            now, future = now_us(), AsyncSendFuture(self, on_delivery)
            if engine.deadline_us > now and engine.append(topic, key, value, future, now):
                self._driver.arm()
                return future
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        return await self.send_record(record, on_delivery)

    async def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> AsyncSendFuture:
        """Do as `send` does, with a record as a value."""
        if not self._is_intercepted:
            return await self._send(record, on_delivery)
        record = self._interceptors.on_send(record)
        try:
            return await self._send(record, self._interceptors.acknowledging(record, on_delivery))
        except ProducerError as error:
            self._interceptors.refused(record, error)
            raise

    async def send_and_wait(
        self,
        topic: str,
        value: bytes | None = None,
        *,
        key: bytes | None = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
    ) -> RecordMetadata:
        """Send one record and wait for its answer. Cancelled after it was queued, the record goes on."""
        future = await self.send(topic, value, key=key, partition=partition, headers=headers, timestamp_ms=timestamp_ms)
        return await future

    async def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer. Raises TimeoutError."""
        self._check_usable()
        began_us = now_us()
        mark = self._engine.flush(began_us)
        self._driver.arm()
        limit_us = None if timeout_s is None else began_us + int(timeout_s * 1e6)
        try:
            while not self._engine.is_flushed(mark):
                if not await self._await_change(limit_us):
                    msg = f"not everything was answered within {timeout_s} s"
                    raise TimeoutError(msg)
        finally:
            ended_us = now_us()
            self._engine.metrics.flushed(ended_us - began_us, ended_us)

    async def partitions_for(self, topic: str) -> tuple[PartitionInfo, ...]:
        """Give the topic's partitions and their leaders; waits up to `max.block.ms` for them.

        Raises MetadataTimeoutError, UsageError if the topic's name is refused, ProducerClosedError.
        """
        self._check_usable()
        engine = self._engine
        wait = engine.learn(topic, now_us=now_us())
        if wait is not None:
            record = Record(topic, None)
            await self._keep_trying(wait, record, lambda wait: engine.learn(topic, now_us=now_us(), wait=wait))
        return engine.partitions(topic)

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has as far as this producer has heard; 0 if it has not."""
        return self._engine.partition_count(topic)

    def cluster(self) -> ClusterInfo:
        """Give the cluster's id and brokers as far as this producer has heard."""
        return self._engine.cluster()

    def metrics(self) -> Measured:
        """Read Kafka's producer metrics as they are now; the event loop keeps those of its I/O to itself."""
        self._check_process()
        return self._engine.metrics.measure(now_us())

    def purge(self, *, queued: bool = True, in_flight: bool = True) -> None:
        """Drop what waits, what is in flight, or both: each of those futures ends in a PurgedError before this returns.

        What was in flight may be written all the same. Records that still wait in `send` are not queued yet, and go on.
        """
        self._check_usable()
        self._engine.purge(now_us(), queued=queued, in_flight=in_flight)
        self._driver.settle()

    async def close(self, timeout_s: float | None = None) -> None:
        """Send what is queued, wait for its answers, and end. After `timeout_s` the rest is given up. Twice is once.

        Cancelled while it waits, it gives up the rest at once. Raises PartitionerError if the application's partitioner
        cannot be closed; everything else is done then.
        """
        self._check_process()
        if self._is_stopped:
            return
        if self._crash is not None:
            # Everything was given up when the engine failed; the connections still want their end.
            self._is_stopped = True
            self._interceptors.close()
            await self._driver.ended()
            return
        limit_us = None if timeout_s is None else now_us() + int(timeout_s * 1e6)
        self._engine.close(now_us())
        self._driver.arm()
        # Tasks that still wait for room or metadata find the producer closed.
        self._wake()
        try:
            await self._end(limit_us)
        finally:
            self._engine.close_partitioner()

    async def _end(self, limit_us: int | None) -> None:
        try:
            while not self._engine.is_idle and await self._await_change(limit_us):
                pass
        finally:
            if not self._is_stopped:
                self._is_stopped = True
                self._engine.abort(now_us())
                self._pass_on()
                self._driver.stop()
                self._wake()
                self._interceptors.close()
        await self._driver.ended()

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
        self._crash = error
        self._driver.disown()

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _send(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None
    ) -> AsyncSendFuture:
        self._check_usable()
        engine = self._engine
        if engine.deadline_us <= now_us() and not engine.is_closed:
            # A batch is due. A coroutine that sends without ever waiting would keep the loop from sending it.
            await asyncio.sleep(0)
            self._check_usable()
        future = AsyncSendFuture(self, on_delivery)
        wait = engine.send(record, future, now_us=now_us())
        if wait is not None:
            await self._keep_trying(wait, record, lambda wait: engine.send(record, future, now_us=now_us(), wait=wait))
        self._driver.arm()
        return future

    async def _keep_trying(self, wait: Wait, record: Record, attempt: Callable[[Wait], Wait | None]) -> None:
        """Try again at each change, up to `max.block.ms`; whatever ends it, no place in a queue is left behind."""
        engine = self._engine
        limit_us = now_us() + self.config.max_block_ms * 1_000
        held: Wait | None = wait
        while held is not None:
            self._driver.arm()
            try:
                has_changed = await self._await_change(limit_us)
            except BaseException:
                engine.give_up(held, record, now_us=now_us())
                # Who waits behind may be served now.
                self._wake()
                raise
            if not has_changed:
                self._wake()
                raise engine.give_up(held, record, now_us=now_us())
            held = attempt(held)

    async def _await_change(self, limit_us: int | None) -> bool:
        """Wait until the engine said something. Gives False when time is up."""
        self._check_usable()
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._changed[waiter] = None
        try:
            timeout_s = None if limit_us is None else max(0, limit_us - now_us()) / 1e6
            await asyncio.wait((waiter,), timeout=timeout_s)
            if not waiter.done():
                return False
            waiter.result()
            return True
        finally:
            self._changed.pop(waiter, None)

    async def answered(self, future: AsyncSendFuture) -> None:
        """Wait until a record has its answer. Raises RuntimeError if it never will, for the engine crashed."""
        self._check_usable()
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._awaited[waiter] = None

        def wake(_: AsyncSendFuture) -> None:
            if not waiter.done():
                waiter.set_result(None)

        future.add_done_callback(wake)
        try:
            await waiter
        finally:
            self._awaited.pop(waiter, None)

    def _check_process(self) -> None:
        if isinstance(self._crash, ForkedProducerError):
            raise ForkedProducerError(str(self._crash))

    def _check_usable(self) -> None:
        if self._crash is not None:
            self._check_process()
            msg = "the producer's engine failed"
            raise RuntimeError(msg) from self._crash
        if asyncio.get_running_loop() is not self._loop:
            msg = "an AsyncProducer belongs to the event loop that it was made in"
            raise UsageError(msg)

    def _note_crash(self, crash: Exception) -> None:
        log.error("%s: the engine failed", self.config.client_id, exc_info=crash)
        self._crash = crash
        try:
            self._engine.abort(now_us(), f"the engine failed: {type(crash).__name__}: {crash}")
        except Exception:  # it failed of a bug, which may strike again
            log.exception("%s: records may be left without an answer", self.config.client_id)
        self._pass_on()
        for waiter in [*self._changed, *self._awaited]:
            if not waiter.done():
                failure = RuntimeError("the producer's engine failed")
                failure.__cause__ = crash
                waiter.set_exception(failure)

    def _pass_on(self) -> None:
        answers = self._engine.take_answers()
        if not answers:
            return
        ending: BaseException | None = None
        for answer in answers:
            if isinstance(answer, RoomMade):
                continue
            told = answer.error if isinstance(answer, BatchUndelivered) else answer.metadata
            for index, future in enumerate(answer.tokens):
                try:
                    future.resolve(told, index)
                except Exception:  # a callback of the application's must not end the producer
                    log.exception("%s: a delivery callback failed", self.config.client_id)
                except BaseException as error:  # noqa: BLE001 - it ends the loop, once everybody else was told
                    ending = error
        self._wake()
        if ending is not None:
            raise ending

    def _wake(self) -> None:
        for waiter in self._changed:
            if not waiter.done():
                waiter.set_result(None)
