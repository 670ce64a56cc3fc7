"""What an event loop does for an `AsyncProducer`: it knows engine, transports and futures, and not the producer."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from producer.drivers.clock import now_us
from producer.drivers.transports import TransportDriver
from producer.errors import PartitionerError

if TYPE_CHECKING:
    import asyncio
    import threading
    from collections.abc import Iterable

    from producer.drivers.answers import Answers
    from producer.drivers.async_future import AsyncSendFuture
    from producer.drivers.interceptors import Interceptors
    from producer.engine.engine import Engine

log = logging.getLogger(__name__)


class LoopWorker:
    """Drives one engine on transports. A producer that was dropped has no record under way: their futures hold it."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        *,
        loop: asyncio.AbstractEventLoop,
        lock: threading.RLock,
        answers: Answers[AsyncSendFuture],
        interceptors: Interceptors,
        awaited: Iterable[asyncio.Future[None]],
        **settings: Any,
    ) -> None:
        """Whatever touches the engine holds `lock`; `awaited` are told of a crash; `settings` are a `Carrier`'s."""
        self.driver = TransportDriver(engine, settled=self._settled, crashed=self._crashed, lock=lock, **settings)
        self._is_dropped = False
        self._name = name
        self._engine = engine
        self._loop = loop
        self._lock = lock
        self._answers = answers
        self._interceptors = interceptors
        self._awaited = awaited

    def drop(self) -> None:
        """Nobody has the producer any more. Called by a collector, on any thread, perhaps behind the loop's end."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._begin_to_end)

    def _begin_to_end(self) -> None:
        if self._answers.crash is None:
            self._is_dropped = True
            with self._lock:
                self._engine.close(now_us())
            self.driver.settle()

    def _settled(self) -> None:
        self._answers.pass_on()
        if self._is_dropped and self._engine.is_idle:
            with self._lock:
                self._engine.abort(now_us())
            self.driver.leave()
            self._interceptors.close()
            try:
                self._engine.close_partitioner()
            except PartitionerError:
                log.exception("%s: the partitioner could not be closed", self._name)

    def _crashed(self, crash: BaseException) -> None:
        self._answers.give_up(crash, "the engine failed")
        for waiter in list(self._awaited):
            wake(waiter)


def wake(waiter: asyncio.Future[None]) -> None:
    """End a wait. Twice is once."""
    if not waiter.done():
        waiter.set_result(None)
