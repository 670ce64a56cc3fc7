"""From an engine to the futures: each answer to whom it belongs, and word of it to whoever waits for room or for the end.

It knows no producer. A thread or a loop that holds this, and not the producer, keeps no producer that was dropped.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Generic, TypeVar

from producer.drivers.callbacks import EXITS
from producer.drivers.clock import now_us
from producer.drivers.send_futures import Future, Outstanding, SendFutures
from producer.events import BatchUndelivered, RoomMade

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from producer.engine.engine import Engine
    from producer.errors import ForkedProducerError
    from producer.events import BatchDelivered

log = logging.getLogger(__name__)

F = TypeVar("F", bound=Future)


class Answers(Generic[F]):
    """What one engine has to say to its application. Whatever touches the engine holds `lock`."""

    def __init__(
        self,
        engine: Engine,
        *,
        name: str,
        lock: AbstractContextManager[object],
        tell_all: Callable[[], object],
        exits: Callable[[BaseException], object],
    ) -> None:
        """`tell_all` lets everybody who waits try again, under the lock; `exits` takes what of `EXITS` a callback raised."""
        self.outstanding: Outstanding[F] = Outstanding()
        self.changes = 0
        """Rises whenever something came that those who wait should look at."""
        self._passing_on = 0
        """How many are at it: one may come into it by a callback, or by a signal's handler."""
        self.crash: BaseException | None = None
        """What has ended the engine, or keeps this process from using it."""
        self.lock = lock
        self.tell_all = tell_all
        self._engine = engine
        self._name = name
        self._exits = exits

    @property
    def is_passing_on(self) -> bool:
        """Whether answers were taken from the engine, and not every future has its own yet."""
        return self._passing_on > 0

    def pass_on(self) -> None:
        """Give the answers that the engine has to whom they belong, and tell whoever waits."""
        with self.lock:
            answers = self._engine.take_answers()
            self._passing_on += bool(answers)
        if not answers:
            return
        for answer in answers:
            if not isinstance(answer, RoomMade):
                self._resolve(answer)
        with self.lock:
            self._passing_on -= 1
            self.changes += 1
            self.tell_all()

    def give_up(self, crash: BaseException, reason: str) -> None:
        """End every future: nobody will carry their records any more."""
        log.error("%s: %s", self._name, reason, exc_info=crash)
        with self.lock:
            if self.crash is None:
                self.crash = crash
            try:
                self._engine.abort(now_us(), f"{reason}: {type(crash).__name__}: {crash}")
            except Exception:  # it died of a bug, which may strike again
                log.exception("%s: records may be left without an answer", self._name)
        self.pass_on()
        with self.lock:
            self.tell_all()

    def disown(
        self, error: ForkedProducerError, lock: AbstractContextManager[object], tell_all: Callable[[], object]
    ) -> None:
        """Belong to the process that this one was forked from, where nobody gives back the lock that there was."""
        self.crash, self.lock, self.tell_all = error, lock, tell_all

    def forget(self, futures: SendFutures[F]) -> None:
        """Keep the futures of a `send_many` no longer."""
        with self.lock:
            self.outstanding.forget(futures)

    def _resolve(self, answer: BatchDelivered | BatchUndelivered) -> None:
        """Give one batch's answer to its futures, whatever their callbacks raise."""
        told = answer.error if isinstance(answer, BatchUndelivered) else answer.metadata
        many: SendFutures[F] | None = None
        try:
            for index, token in enumerate(answer.tokens):
                try:
                    if type(token) is not int:
                        token.resolve(told, index)
                        continue
                    if many is None or token not in many.tokens:
                        if many is not None and many.are_over:
                            self.forget(many)
                        with self.lock:
                            many = self.outstanding.find(token)
                    many.resolve(token, told, index)
                except EXITS as ending:
                    self._exits(ending)
        finally:
            if many is not None and many.are_over:
                self.forget(many)
