"""The thread of a `Producer`: it knows sockets, engine and futures, and not the producer, which may be dropped unclosed."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from producer.drivers.carrier import WAIT_US_MAX
from producer.drivers.clock import now_us
from producer.errors import ForkedProducerError, PartitionerError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from producer.drivers.answers import Answers
    from producer.drivers.future import SendFuture
    from producer.drivers.interceptors import Interceptors
    from producer.drivers.sockets import SocketDriver
    from producer.engine.engine import Engine

log = logging.getLogger(__name__)

DEATH = "the producer's thread died"
"""What whoever calls the producer hears once a bug of ours has ended the thread."""
NEVER_US = 1 << 62


class Worker:
    """Drives one engine until it is to stop, or until a producer that was dropped has nothing left to do."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        driver: SocketDriver,
        *,
        lock: AbstractContextManager[object],
        answers: Answers[SendFuture],
        interceptors: Interceptors,
    ) -> None:
        self.is_stopping = False
        """Set under the lock, when the engine has given up the rest."""
        self._patience_us = NEVER_US
        """How long what a dropped producer has left to send may take; `delivery.timeout.ms` is a bound, too."""
        self._is_dropped = False
        self._name = name
        self._engine = engine
        self._driver = driver
        self._lock = lock
        self._answers = answers
        self._interceptors = interceptors
        self.thread = threading.Thread(target=self._run, name=f"acklab-{name}", daemon=True)

    def drop(self, patience_us: int = NEVER_US) -> None:
        """Nobody has the producer any more. Called by a collector, anywhere and amid anything: it takes no lock."""
        self._patience_us = min(self._patience_us, patience_us)
        self._is_dropped = True
        self._driver.wake()

    def _run(self) -> None:
        try:
            while not self.is_stopping and not self._is_dropped:
                self._driver.poll()
                self._answers.pass_on()
            if not self.is_stopping:
                self._finish()
            self._answers.pass_on()
        except BaseException as crash:  # whoever waits must hear of it, whatever it is
            self._answers.give_up(crash, DEATH)
            raise
        finally:
            if not isinstance(self._answers.crash, ForkedProducerError):
                self._driver.close()
        if self._is_dropped:
            self._close_rest()

    def _finish(self) -> None:
        """Send what is left, as `close` does, and give up what then has no answer."""
        until_us = now_us() + self._patience_us
        with self._lock:
            self._engine.close(now_us())
            is_idle = self._engine.is_idle
        if not is_idle:
            log.warning("%s was dropped without close, with records that have no answer yet", self._name)
        while not is_idle and (left_us := until_us - now_us()) > 0:
            self._driver.poll(min(left_us, WAIT_US_MAX))
            self._answers.pass_on()
            with self._lock:
                is_idle = self._engine.is_idle
        with self._lock:
            self._engine.abort(now_us())

    def _close_rest(self) -> None:
        self._interceptors.close()
        try:
            self._engine.close_partitioner()
        except PartitionerError:
            log.exception("%s: the partitioner could not be closed", self._name)
