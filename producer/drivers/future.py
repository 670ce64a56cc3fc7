"""The future of one record: as `concurrent.futures.Future` to its user, but with no lock until somebody waits.

A million records make a million futures; the standard one builds a Condition for each (1.5 us against 0.28).
"""

from __future__ import annotations

import os
from threading import Event, RLock
from typing import TYPE_CHECKING

from producer.drivers.callbacks import call_each
from producer.drivers.timeouts import waited_s
from producer.errors import ForkedProducerError, ProducerError
from producer.records import OFFSET_UNKNOWN, RecordMetadata

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.events import BatchMetadata

_first_listener = RLock()
"""Held while somebody begins to listen to a future: few futures are ever listened to, so they have it in common.

Entered twice by a thread whose signal handler, or a finaliser on it, listens to another one.
"""

_forks = 0
"""How many forks lie between this process and the one that began."""


def _begin_child() -> None:
    global _first_listener, _forks  # noqa: PLW0603 - a fork happens to the process; a future sees it at the price of a look
    # Whoever held it does not exist here.
    _first_listener = RLock()
    _forks += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_child)


class SendFuture:
    """What became of one record. It ends exactly once, with a `RecordMetadata` or a `ProducerError`."""

    __slots__ = ("_answer", "_callbacks", "_event", "_index", "forks", "on_delivery")
    _index: int
    forks: int
    """How many forks lie before the process that its answer comes to."""

    def __init__(
        self, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> None:
        # No list, no lock, nothing else that the garbage collector must look at until somebody needs it.
        self._answer: BatchMetadata | RecordMetadata | ProducerError | None = None
        self.forks = _forks
        self._event: Event | None = None
        self._callbacks: list[Callable[[SendFuture], object]] | None = None
        self.on_delivery = on_delivery

    def done(self) -> bool:
        """Whether the record has its answer."""
        return self._answer is not None

    def result(self, timeout: float | None = None) -> RecordMetadata:
        """Wait for the answer and return where the record lies. Raises its `ProducerError`, or TimeoutError.

        Raises ForkedProducerError for an answer that only the process this one was forked from will get.
        """
        answer = self._wait(timeout)
        if isinstance(answer, ProducerError):
            raise answer
        return metadata_of(answer, self._index)

    def exception(self, timeout: float | None = None) -> ProducerError | None:
        """Wait for the answer and return the error, None if the record was delivered. Raises TimeoutError."""
        answer = self._wait(timeout)
        return answer if isinstance(answer, ProducerError) else None

    def add_done_callback(self, callback: Callable[[SendFuture], object]) -> None:
        """Call `callback(self)` once the answer is there, on the producer's thread; at once if it is there."""
        with _first_listener:
            if self._callbacks is None:
                self._callbacks = []
            self._callbacks.append(callback)
        # The answer may be there, or come while we are here; whoever takes the list calls what is in it.
        if self.done():
            self._call_back()

    def resolve(self, answer: BatchMetadata | RecordMetadata | ProducerError, index: int) -> None:
        """Give the answer; the driver does, once. `index` is the record's place in its batch. Raises as `call_each` does."""
        assert self._answer is None, "a record has exactly one answer"
        self._index = index
        self._answer = answer
        if self._event is not None:
            self._event.set()
        try:
            if self._callbacks is not None:
                self._call_back()
        finally:
            if self.on_delivery is not None:
                call_back(self.on_delivery, answer, index)

    def settle(self, told: RecordMetadata | ProducerError) -> None:
        """Give the answer of a future that stands for another one; a wrapper around a producer does, once."""
        self.resolve(told, 0)

    def _call_back(self) -> None:
        with _first_listener:
            callbacks, self._callbacks = self._callbacks, None
        call_each(callbacks or (), self)

    def _wait(self, timeout: float | None) -> BatchMetadata | RecordMetadata | ProducerError:
        if self._answer is None:
            if self.forks != _forks:
                msg = "the record was sent before this process was forked: its answer comes to the other one"
                raise ForkedProducerError(msg)
            with _first_listener:
                if self._event is None:
                    self._event = Event()
            # `resolve` sets the answer before it looks for an event, so one of the two sees the other.
            if not self.done() and not self._event.wait(waited_s(timeout)):
                msg = f"no answer within {timeout} s"
                raise TimeoutError(msg)
        assert self._answer is not None
        return self._answer


def call_back(
    on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object],
    answer: BatchMetadata | RecordMetadata | ProducerError,
    index: int,
) -> None:
    """Call what was given to be called on delivery. Raises as `call_each` does."""
    if isinstance(answer, ProducerError):
        call_each((on_delivery,), None, answer)
    else:
        call_each((on_delivery,), metadata_of(answer, index), None)


def maker() -> Callable[[], SendFuture]:
    """Give what makes futures of records that are sent now, whatever process asks for them: this one gets the answers."""
    forks = _forks

    def make() -> SendFuture:
        made = SendFuture()
        made.forks = forks
        return made

    return make


def metadata_of(answer: BatchMetadata | RecordMetadata, index: int) -> RecordMetadata:
    """Give where the record at `index` of a delivered batch lies."""
    if isinstance(answer, RecordMetadata):
        return answer
    topic, partition, offset, log_append_time_ms, timestamps_ms, key_sizes, value_sizes = answer
    return RecordMetadata(
        topic,
        partition,
        OFFSET_UNKNOWN if offset == OFFSET_UNKNOWN else offset + index,
        log_append_time_ms if log_append_time_ms >= 0 else timestamps_ms[index],
        key_sizes[index],
        value_sizes[index],
    )
