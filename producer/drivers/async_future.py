"""The future of one record on asyncio: awaited by as many tasks as like, each of which may be cancelled alone."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

from producer.drivers.callbacks import call_each
from producer.drivers.future import call_back, metadata_of
from producer.errors import ProducerError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator

    from producer.drivers.interceptors import OnDelivery
    from producer.events import BatchMetadata
    from producer.records import RecordMetadata


class Awaits(Protocol):
    """What a future needs of the producer that made it."""

    def answered(self, future: AsyncSendFuture, /) -> Awaitable[None]:
        """Wait until a record has its answer. Raises RuntimeError if it never will."""


class AsyncSendFuture:
    """What became of one record. It ends exactly once, with a `RecordMetadata` or a `ProducerError`.

    Await it as often as you like, from as many tasks: a task that is cancelled while it waits takes nothing from the
    others, and not the record either.
    """

    __slots__ = ("_answer", "_callbacks", "_index", "_producer", "on_delivery")
    _index: int

    def __init__(self, producer: Awaits, on_delivery: OnDelivery | None = None) -> None:
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
            return
        # Made before, for a collector may strike where a list is made, and whom it calls may listen, too. Looked for and
        # kept in one line, for a signal's handler may come between two.
        fresh: list[Callable[[AsyncSendFuture], object]] = []
        callbacks = self._callbacks = fresh if self._callbacks is None else self._callbacks
        callbacks.append(callback)
        # It may have brought the answer while we were here, and found the list without this one.
        if self.done():
            call_each(_taken_from(callbacks), self)

    def resolve(self, answer: BatchMetadata | ProducerError, index: int) -> None:
        """Give the answer; the driver does, once. Raises as `call_each` does."""
        assert self._answer is None, "a record has exactly one answer"
        self._index = index
        self._answer = answer
        try:
            if self._callbacks is not None:
                self._call_back()
        finally:
            if self.on_delivery is not None:
                call_back(self.on_delivery, answer, index)

    def _call_back(self) -> None:
        callbacks, self._callbacks = self._callbacks, None
        if callbacks is not None:
            call_each(_taken_from(callbacks), self)

    def __await__(self) -> Generator[Any, None, RecordMetadata]:
        if self._answer is None:
            yield from self._producer.answered(self).__await__()
        return self.result()

    def _given(self) -> BatchMetadata | ProducerError:
        if self._answer is None:
            msg = "the record has no answer yet: await it"
            raise asyncio.InvalidStateError(msg)
        return self._answer


def _taken_from(callbacks: list[Callable[[AsyncSendFuture], object]]) -> Iterator[Callable[[AsyncSendFuture], object]]:
    """Take out one after the other, so that none is called twice however many are at it."""
    while callbacks:
        yield callbacks.pop(0)
