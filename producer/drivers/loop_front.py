"""A producer in an event loop, without its calls: who waits there and how, and who has come into a call of another."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from producer.drivers.async_future import AsyncSendFuture
from producer.drivers.clock import now_us
from producer.drivers.loop_worker import wake
from producer.drivers.transaction_steps import TransactionSteps
from producer.errors import UsageError
from producer.records import Record, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from producer.drivers.front import Steps
    from producer.drivers.interceptors import Interceptor
    from producer.drivers.loop_registry import AsyncSchemaRegistry
    from producer.drivers.send_futures import SendFutures
    from producer.drivers.transports import TransportDriver
    from producer.serialization.serializer import HeaderList

R = TypeVar("R")


class LoopFront(TransactionSteps[AsyncSendFuture]):
    """Waits as tasks do. Whatever touches the engine holds `_lock`, or has said so in `_is_appending`."""

    _driver: TransportDriver
    _registry: AsyncSchemaRegistry | None = None
    """Whom serializers ask; None if none of them does."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        *,
        loop: asyncio.AbstractEventLoop,
        lock: threading.RLock,
        interceptors: Iterable[Interceptor],
        exits: Callable[[BaseException], object],
    ) -> None:
        """Take the loop that runs on this thread, and what a `Front` needs."""
        self._loop = loop
        self._thread = threading.get_ident()
        self._is_appending = False
        """Whether a `send` is on its shortest way, which takes no lock: see `_is_inside`."""
        self._changed: dict[asyncio.Future[None], None] = {}
        """Who waits for room, metadata or a flush: told of every answer, first come first told."""
        self._awaited: dict[asyncio.Future[None], None] = {}
        """Who awaits a record's future: told of a crash, for nobody else would."""
        super().__init__(
            properties, interceptors=interceptors, lock=lock, tell_all=partial(_wake_each, self._changed), exits=exits
        )

    async def answered(self, future: AsyncSendFuture) -> None:
        """Wait until a record has its answer. Raises RuntimeError if it never will, for the engine crashed."""
        self._check_alive()
        waiter: asyncio.Future[None] = self._loop.create_future()
        self._awaited[waiter] = None
        future.add_done_callback(lambda _: wake(waiter))
        try:
            await waiter
        finally:
            self._awaited.pop(waiter, None)
        if not future.done():
            self._check_alive()

    async def serialized(
        self, topic: str, value: Any = None, *, key: Any = None, headers: Iterable[tuple[str, bytes | None]] = ()
    ) -> Record:
        """Give the record that `send` would make of this, in bytes, for `send_record`. Raises as `send` does."""
        if self._serializing is not None:
            key, value, headers = await self._as_bytes(topic, key, value, headers)
        return Record(topic, value, key, None, header_pairs(headers) if headers else ())

    # -- inside ------------------------------------------------------------------------------------------------------

    async def _as_bytes(
        self, topic: str, key: Any, value: Any, headers: Iterable[tuple[str, bytes | None]]
    ) -> tuple[bytes | None, bytes | None, HeaderList]:
        """Ask the serializers, of which there is one at least."""
        serializing = self._serializing
        assert serializing is not None, "asked of those only that have serializers"
        given = header_pairs(headers) if headers else ()
        for time_is in serializing.timed:
            time_is(now_us())

        def use() -> tuple[bytes | None, bytes | None, HeaderList]:
            # What is asked again puts its headers there again.
            pairs = list(given)
            return (*serializing.key_and_value(topic, key, value, pairs), pairs)

        return use() if self._registry is None else await self._registry.known(use)

    async def _handled(self, record: Record, token: int, futures: SendFutures[AsyncSendFuture]) -> Record:
        """Give a record of a column in bytes, as interceptors leave it."""
        key, value, headers = await self._as_bytes(record.topic, record.key, record.value, ())
        record = record._replace(key=key, value=value, headers=tuple(headers))
        return self._intercepted_by(futures)(record, token) if self._is_intercepted else record

    async def _walk(self, steps: Steps[R]) -> R:
        """Go through the steps of a call. Whoever waits is known as one before anybody can come between."""
        has_changed: bool | None = None
        while True:
            self._check_entry()
            with self._lock:
                try:
                    until_us = next(steps) if has_changed is None else steps.send(has_changed)
                except StopIteration as end:
                    told: R = end.value
                    return told
                except BaseException as error:
                    self._mend_after(error)
                    raise
                waiter: asyncio.Future[None] = self._loop.create_future()
                self._changed[waiter] = None
            try:
                has_changed = await self._change(waiter, until_us)
            except BaseException as error:  # cancelled: the steps leave nothing behind
                self._end(steps, error)
                raise

    def _end(self, steps: Steps[R], error: BaseException) -> None:
        if self._must_wait_for_loop():
            # A collector took the task that waited.
            self._loop.call_soon_threadsafe(self._end, steps, error)
            return
        with self._lock, suppress(type(error)):
            steps.throw(error)

    async def _change(self, waiter: asyncio.Future[None], until_us: int | None) -> bool:
        """Wait until there is something to look at. Gives False when time is up."""
        try:
            timeout_s = None if until_us is None else max(0, until_us - now_us()) / 1e6
            await asyncio.wait((waiter,), timeout=timeout_s)
            return waiter.done()
        finally:
            self._changed.pop(waiter, None)

    def _is_inside(self) -> bool:
        """Whether this very thread is amid a call, or amid the driver's work.

        One thread needs no lock to know that: whoever comes between two lines of it is gone before the next one. So whoever
        finds nobody inside may say that he is, though somebody may have come and gone meanwhile.
        """
        return self._holds_lock() or (self._is_appending and self._runs_here)

    def _must_wait_for_loop(self) -> bool:
        """Whether a collector came amid a call, or on a thread that is not the loop's."""
        is_elsewhere = threading.get_ident() != self._thread and not self._runs_here and not self._loop.is_closed()
        return is_elsewhere or self._is_inside()

    @property
    def _runs_here(self) -> bool:
        return asyncio._get_running_loop() is self._loop

    def _check_alive(self) -> None:
        if self._answers.crash is not None:
            super()._check_alive()
        if asyncio.get_running_loop() is not self._loop:
            msg = "an AsyncProducer belongs to the event loop that it was made in"
            raise UsageError(msg)

    def _future_maker(self) -> Callable[[], AsyncSendFuture]:
        return partial(AsyncSendFuture, self)

    def _keep_deadline(self) -> None:
        self._driver.arm()

    def _rouse(self) -> None:
        self._driver.settle()

    def _rouse_soon(self) -> None:
        self._loop.call_soon(self._driver.settle)


def _wake_each(waiters: Iterable[asyncio.Future[None]]) -> None:
    for waiter in list(waiters):
        wake(waiter)
