"""A producer with a thread, without its calls that block: how its thread is woken, and what façades that never block ask of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.drivers.clock import now_us
from producer.drivers.future import SendFuture
from producer.drivers.transaction_steps import TransactionSteps
from producer.records import Record, header_pairs

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterable

    from producer.drivers.send_futures import Future, SendFutures
    from producer.drivers.sockets import SocketDriver
    from producer.drivers.thread_registry import SchemaRegistry
    from producer.engine.buffer import Wait
    from producer.errors import ProducerError
    from producer.serialization.schema_serializer import WrittenBy
    from producer.serialization.serializer import HeaderList


class ThreadFront(TransactionSteps[SendFuture]):
    """Hands records to an engine that a thread drives, and leaves waiting to whoever calls."""

    _driver: SocketDriver
    _changed: threading.Condition
    """Of `_lock`: told of every answer."""
    _registry: SchemaRegistry | None = None
    """Whom serializers ask; None if none of them does."""

    def append(self, record: Record, future: Future) -> bool:
        """Queue one record by the shortest way of `send`, if that can be: for façades that have looked at what is in it.

        It has its time, and neither headers nor a partition of its own. Returns False if it must be offered.
        """
        engine, driver = self._engine, self._driver
        topic, value, key, _, _, timestamp_ms = record
        assert timestamp_ms is not None
        if self._holds_lock():
            self._check_entry()
        with self._lock:
            try:
                is_queued = engine.append(topic, key, value, future, timestamp_ms)
                if engine.deadline_us < driver.sleeps_until_us:
                    self._keep_deadline()
            except BaseException as error:
                self._mend_after(error)
                raise
        return is_queued

    def offer(self, record: Record, future: Future, wait: Wait | None = None) -> Wait | None:
        """Queue one record if that needs no waiting: for façades that must not block. Interceptors do not see it.

        Returns None when it is queued, otherwise what to offer it again with, once `await_change` returned, or to
        `withdraw`. Raises as `send` does.
        """
        self._check_entry()
        with self._lock:
            self._check_alive()
            try:
                wait = self._offer(record, future, wait)
                self._keep_deadline()
            except BaseException as error:
                self._mend_after(error)
                raise
        return wait

    def withdraw(self, wait: Wait, record: Record) -> ProducerError:
        """Offer a record no longer. Returns the error that says what it waited for in vain."""
        self._check_entry()
        with self._lock:
            error = self._engine.give_up(wait, record, now_us=now_us())
            self._keep_deadline()
        return error

    def learn(self, topic: str, wait: Wait | None = None) -> Wait | None:
        """Ask for the topic's partitions without waiting; the counterpart of `partitions_for`, used as `offer` is."""
        self._check_entry()
        with self._lock:
            self._check_alive()
            wait = self._engine.learn(topic, now_us=now_us(), wait=wait)
            self._keep_deadline()
        return wait

    def await_change(self, seen: int, timeout_s: float) -> None:
        """Wait until `changes` is no longer `seen`: answers or metadata came, which may have made room."""
        self._check_entry()
        with self._lock:
            self._changed.wait_for(lambda: self._answers.crash or self.changes != seen, timeout_s)

    def serialized(
        self, topic: str, value: Any = None, *, key: Any = None, headers: Iterable[tuple[str, bytes | None]] = ()
    ) -> Record:
        """Give the record that `send` would make of this, in bytes, for `send_record`. Raises as `send` does."""
        if self._serializing is not None:
            key, value, headers = self._as_bytes(topic, key, value, headers)
        return Record(topic, value, key, None, header_pairs(headers) if headers else ())

    def written_by(self, topic: str, value: Any) -> WrittenBy | None:
        """Say by which schema such a value is written, as far as the registry has said it; it is not asked for this."""
        return None if self._serializing is None else self._serializing.value_written_by(topic, value)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _as_bytes(
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

        return use() if self._registry is None else self._registry.known(use)

    def _handled(self, record: Record, token: int, futures: SendFutures[SendFuture]) -> Record:
        """Give a record of a column in bytes, as interceptors leave it."""
        key, value, headers = self._as_bytes(record.topic, record.key, record.value, ())
        record = record._replace(key=key, value=value, headers=tuple(headers))
        return self._intercepted_by(futures)(record, token) if self._is_intercepted else record

    def _keep_deadline(self) -> None:
        driver = self._driver
        if self._engine.deadline_us < driver.sleeps_until_us:
            # Once is enough: the thread looks at every deadline when it wakes.
            driver.sleeps_until_us = 0
            driver.wake()

    def _rouse(self) -> None:
        # Answers are passed on by the producer's thread, whoever brought them about.
        self._driver.wake()

    def _rouse_soon(self) -> None:
        self._driver.wake()
