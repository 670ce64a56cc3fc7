"""What a `Producer` and an `AsyncProducer` have in common: everything but how to wait, how to wake, and a lock or a loop.

A call that may have to wait is written once, as steps: a generator that yields until when it waits (None: for ever), and is
sent whether something changed (False: its time is up). Each driver walks through the steps in its own way.
"""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from producer.config.config import ProducerConfig
from producer.drivers.answers import Answers
from producer.drivers.clock import epoch_ms, epoch_us, now_us
from producer.drivers.columns import Columns, checked_columns
from producer.drivers.interceptors import Interceptors
from producer.drivers.names import resolve_bootstrap
from producer.drivers.send_futures import Future, SendFutures
from producer.drivers.serializing import serializing_of
from producer.drivers.timeouts import wait_until_us
from producer.drivers.tls import client_context
from producer.drivers.tokens import token_source
from producer.engine.engine import Engine
from producer.errors import ForkedProducerError, ProducerClosedError, ProducerError, ReentrantCallError
from producer.records import Record, check_record, check_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from producer.drivers.interceptors import Interceptor, OnDelivery
    from producer.engine.buffer import Wait
    from producer.metrics import Measured
    from producer.records import ClusterInfo, PartitionInfo, Run

F = TypeVar("F", bound=Future)
"""The driver's kind of future."""
R = TypeVar("R")

Steps = Generator[int | None, bool, R]
"""Yields until when to wait, is sent whether something changed; what it returns is what the call gives."""


class Front(ABC, Generic[F]):
    """A producer without its way of waiting. Whatever touches the engine holds `_lock`."""

    _lock: threading.RLock
    """Re-entrant only so that it knows its owner: whoever is called amid a call is refused, and not left to wait for himself."""

    _name: ClassVar[str]
    """What its client id begins with if the application gives none."""
    _numbers: ClassVar[Iterator[int]]
    """What it goes on with."""
    _death: ClassVar[str]
    """What whoever calls it hears once a bug of ours has ended it."""

    def __init__(
        self,
        properties: Mapping[str, Any],
        *,
        interceptors: Iterable[Interceptor],
        lock: threading.RLock,
        tell_all: Callable[[], object],
        exits: Callable[[BaseException], object],
    ) -> None:
        """Take what `Answers` needs."""
        config = resolve_bootstrap(ProducerConfig.from_properties(properties))
        if not config.has_client_id:
            own = next(self._numbers) if config.transactional_id is None else config.transactional_id
            config = config.model_copy(update={"client_id": f"{self._name}-{own}"})
        self.config = config
        self._own(lock)
        began_us = now_us()
        self._engine = Engine(config, chance=random.Random(), now_us=began_us, nonces=random.SystemRandom())
        self._interceptors = Interceptors(interceptors)
        self._is_intercepted = bool(self._interceptors)
        self._serializing = serializing_of(config)
        self._is_handled = self._is_intercepted or self._serializing is not None
        """Whether anybody looks at a record before the engine does: one question for all who send bytes."""
        self._answers: Answers[F] = Answers(
            self._engine, name=config.client_id, lock=self._lock, tell_all=tell_all, exits=exits
        )

    @property
    def changes(self) -> int:
        """Rises whenever something came that those who wait should look at."""
        return self._answers.changes

    # -- what needs no waiting ---------------------------------------------------------------------------------------

    def partition_count(self, topic: str) -> int:
        """How many partitions the topic has as far as this producer has heard; 0 if it has not."""
        self._check_entry()
        with self._lock:
            return self._engine.partition_count(topic)

    def cluster(self) -> ClusterInfo:
        """Give the cluster's id and brokers as far as this producer has heard."""
        self._check_entry()
        with self._lock:
            return self._engine.cluster()

    def metrics(self) -> Measured:
        """Read Kafka's producer metrics as they are now (docs/producer.md lists them); also after `close`."""
        self._check_process()
        self._check_entry()
        with self._lock:
            return self._engine.metrics.measure(now_us())

    def purge(self, *, queued: bool = True, in_flight: bool = True) -> None:
        """Drop what waits, what is in flight, or both: each of those futures ends in a PurgedError.

        With threads soon, on asyncio before this returns. What was in flight may be written all the same. Records that
        still wait in `send` are not queued yet, and go on.
        """
        self._check_entry()
        with self._lock:
            self._check_alive()
            self._engine.purge(now_us(), queued=queued, in_flight=in_flight)
        # Who hears of it may call the producer.
        self._rouse()

    # -- calls that may have to wait, as steps -----------------------------------------------------------------------

    def _trying(self, wait: Wait | None, record: Record, attempt: Callable[[Wait], Wait | None]) -> Steps[None]:
        """Try again at each change, up to `max.block.ms`; whatever ends it, no place in a queue is left behind."""
        limit_us = now_us() + self.config.max_block_ms * 1_000
        while wait is not None:
            self._keep_deadline()
            try:
                has_changed = yield limit_us
            except BaseException:
                self._engine.give_up(wait, record, now_us=now_us())
                # Who waits behind may be served now.
                self._answers.tell_all()
                raise
            if not has_changed:
                self._answers.tell_all()
                raise self._engine.give_up(wait, record, now_us=now_us())
            self._check_alive()
            wait = attempt(wait)

    def _flushing(self, timeout_s: float | None) -> Steps[None]:
        limit_us, began_us = wait_until_us(timeout_s), now_us()
        mark = self._engine.flush(began_us)
        self._keep_deadline()
        try:
            has_changed = True
            while not self._is_flushed(mark):
                if not has_changed:
                    msg = f"not everything was answered within {timeout_s} s"
                    raise TimeoutError(msg)
                has_changed = yield limit_us
                self._check_alive()
        finally:
            ended_us = now_us()
            self._engine.metrics.flushed(ended_us - began_us, ended_us)

    def _learning(self, topic: str) -> Steps[tuple[PartitionInfo, ...]]:
        # Before the engine does: what is no text does not even get into a compiled one.
        check_topic(topic)
        engine = self._engine
        wait = engine.learn(topic, now_us=now_us())
        record = Record(topic, None)
        yield from self._trying(wait, record, lambda wait: engine.learn(topic, now_us=now_us(), wait=wait))
        return engine.partitions(topic)

    def _choosing(self, record: Record) -> Steps[int]:
        check_record(record)
        yield from self._learning(record.topic)
        return self._engine.choose_partition(record, now_us())

    def _closing(self, timeout_s: float | None) -> Steps[None]:
        """Take no more, and wait for answers. `abort` comes next."""
        limit_us = wait_until_us(timeout_s)
        self._engine.close(now_us())
        self._keep_deadline()
        # Whoever still waits for room or metadata finds the producer closed.
        self._answers.tell_all()
        while not self._engine.is_idle and self._answers.crash is None and (yield limit_us):
            pass

    def _is_flushed(self, mark: int) -> bool:
        return self._engine.is_flushed(mark) and not self._engine.has_answers and not self._answers.is_passing_on

    # -- many records ------------------------------------------------------------------------------------------------

    def _columns(
        self,
        topic: str,
        values: Sequence[Any],
        keys: Sequence[Any] | None,
        on_delivery: OnDelivery | None,
    ) -> Columns[F]:
        """Begin a `send_many`. Raises UsageError if a column is wrong, ProducerClosedError."""
        check_topic(topic)
        values, keys = checked_columns(values, keys, are_bytes=self._serializing is None)
        self._check_entry()
        with self._lock:
            self._check_alive()
            if self._engine.is_closed:
                msg = f"{self.config.client_id} is closed"
                raise ProducerClosedError(msg)
            futures = self._answers.outstanding.begin(len(values), on_delivery, self._future_maker())
        if self._serializing is not None:
            return Columns(topic, values, keys, futures, forget=self._answers.forget)
        if self._is_intercepted:
            return Columns(
                topic, values, keys, futures, forget=self._answers.forget, intercept=self._intercepted_by(futures)
            )
        return Columns(topic, values, keys, futures, forget=self._answers.forget, cut=self._cut, append=self._append)

    def _cut(
        self, topic: str, keys: Sequence[bytes] | None, values: Sequence[bytes | None], tokens: Sequence[int]
    ) -> list[Run]:
        self._check_entry()
        with self._lock:
            return self._engine.runs(topic, keys, values, tokens)

    def _append(self, topic: str, run: Run, begin: int) -> int:
        self._check_entry()
        with self._lock:
            self._check_alive()
            try:
                count = self._engine.append_run(topic, run, begin, epoch_ms())
                self._keep_deadline()
            except BaseException as error:
                self._mend_after(error)
                raise
            return count

    def _intercepted_by(self, futures: SendFutures[F]) -> Callable[[Record, int], Record]:
        def intercept(record: Record, token: int) -> Record:
            record = self._interceptors.on_send(record)
            futures.listen(token, self._interceptors.acknowledging(record, futures.on_delivery))
            return record

        return intercept

    def _offer(self, record: Record, token: Any, wait: Wait | None = None) -> Wait | None:
        """Hand one record to the engine, with the calendar as it is now."""
        now = now_us()
        if record.timestamp_ms is None:
            self._engine.set_calendar(epoch_us() - now)
        return self._engine.send(record, token, now_us=now, wait=wait)

    # -- when something goes wrong -----------------------------------------------------------------------------------

    def _mend_after(self, error: BaseException) -> None:
        """See to it that the producer goes on after Ctrl-C, or whatever else a signal's handler raised, amid a `send`."""
        if isinstance(error, ReentrantCallError) or not isinstance(error, ProducerError):
            self._engine.mend()
            self._answers.tell_all()
            self._rouse_soon()

    def _own(self, lock: threading.RLock) -> None:
        self._lock = lock
        self._holds_lock: Callable[[], bool] = lock._is_owned  # type: ignore[attr-defined]  # what a Condition asks it, too
        """Whether this very thread does."""

    def _is_inside(self) -> bool:
        """Whether this very thread is amid a call."""
        return self._holds_lock()

    def _check_entry(self) -> None:
        """Raise ReentrantCallError amid a call of the same thread."""
        if self._is_inside():
            raise ReentrantCallError(
                f"{self.config.client_id} was called amid another call of this thread, and would wait for itself:"
                " by a signal's handler, a finaliser, or its partitioner"
            )

    def _check_process(self) -> None:
        if isinstance(self._answers.crash, ForkedProducerError):
            raise ForkedProducerError(str(self._answers.crash))

    def _check_alive(self) -> None:
        if self._answers.crash is not None:
            self._check_process()
            raise RuntimeError(self._death) from self._answers.crash

    def _close_serializers(self) -> None:
        if self._serializing is not None:
            self._serializing.close()

    # -- in the driver's own way -------------------------------------------------------------------------------------

    def _carrier_settings(self) -> dict[str, Any]:
        """Give what a `producer.drivers.carrier.Carrier` needs to know."""
        return {
            "send_buffer_bytes": self.config.send_buffer_bytes,
            "receive_buffer_bytes": self.config.receive_buffer_bytes,
            "tls": client_context(self.config),
            "tokens": token_source(self.config, random.Random()),
            "secured": self._engine.metrics.secured,
        }

    @abstractmethod
    def _future_maker(self) -> Callable[[], F]:
        """Give what makes a future of a record that is sent now."""

    @abstractmethod
    def _keep_deadline(self) -> None:
        """See to it that the engine's deadline is kept; cheap when it has not come nearer."""

    @abstractmethod
    def _rouse(self) -> None:
        """Let the driver look at the engine. The lock is not held, for somebody may hear of it at once."""

    @abstractmethod
    def _rouse_soon(self) -> None:
        """Let the driver look at the engine when it can; the lock may be held."""
