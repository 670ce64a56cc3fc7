"""A producer that wraps another one, and does with what fails as a policy says: each future ends exactly once."""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from producer.dead_letters.failures import DeadLetteredError, DeadLetterLostError, SerializationError, classify
from producer.dead_letters.letter import dead_letter
from producer.dead_letters.policy import Action, DeadLetterPolicy
from producer.drivers.clock import epoch_ms, now_us
from producer.drivers.future import SendFuture
from producer.errors import ForkedProducerError, ProducerError, UsageError
from producer.records import Record, RecordMetadata, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)


class Sends(Protocol):
    """What is asked of the producer that is wrapped; `producer.Producer` is one."""

    def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> SendFuture: ...

    def flush(self, timeout_s: float | None = None) -> None: ...

    def close(self, timeout_s: float | None = None) -> None: ...


class _Buried(NamedTuple):
    """A record that failed, and the future that waits for what becomes of it."""

    record: Record
    error: ProducerError
    future: SendFuture


class DeadLetterProducer:
    """A producer whose failures follow a policy; safe to use from many threads.

    Each future ends exactly once: in the metadata, in the error itself, in a `DeadLetteredError` once the dead letter
    is acknowledged, or in a `DeadLetterLostError` if that fails too. A dead letter that fails makes no further one.
    Dead letters leave in the order in which their records failed, which within a partition is the order of sending.
    """

    def __init__(
        self,
        producer: Sends,
        policy: DeadLetterPolicy | None = None,
        *,
        dead_letters_to: Sends | None = None,
        key_serializer: Callable[[Any], bytes | None] | None = None,
        value_serializer: Callable[[Any], bytes | None] | None = None,
    ) -> None:
        """Wrap `producer`, which is closed with this one. `dead_letters_to` is another one for dead letters, kept open."""
        self.policy = policy if policy is not None else DeadLetterPolicy()
        self._producer = producer
        self._graveyard = dead_letters_to if dead_letters_to is not None else producer
        self._key_serializer = key_serializer
        self._value_serializer = value_serializer
        self._changed = threading.Condition()
        self._waiting: deque[_Buried] = deque()
        self._unsettled = 0
        """Records that failed and whose future has not ended yet."""
        self._worker: threading.Thread | None = None
        self._is_closed = False

    def send(
        self,
        topic: str,
        value: Any = None,
        *,
        key: Any = None,
        partition: int | None = None,
        headers: Iterable[tuple[str, bytes | None]] = (),
        timestamp_ms: int | None = None,
        on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None,
    ) -> SendFuture:
        """Queue one record, serialised if there are serializers; blocks and raises as `Producer.send` does.

        A failure that counts is not raised: it goes the policy's way, and the future tells.
        """
        blank = Record(topic, None, None, partition, header_pairs(headers) if headers else (), timestamp_ms)
        record = blank._replace(key=_raw(key), value=_raw(value))
        try:
            record = record._replace(key=_serialized("key", self._key_serializer, key))
            record = record._replace(value=_serialized("value", self._value_serializer, value))
        except SerializationError as error:
            return self._refused(record, error, SendFuture(on_delivery))
        return self.send_record(record, on_delivery)

    def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> SendFuture:
        """Do as `send` does, with a record as a value."""
        future = SendFuture(on_delivery)

        def when_known(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            if metadata is not None:
                _settle(future, metadata)
            else:
                assert error is not None
                self._failed(record, error, future)

        try:
            self._producer.send_record(record, when_known)
        except ProducerError as error:
            return self._refused(record, error, future)
        return future

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, dead letters too. Raises TimeoutError."""
        limit_us = None if timeout_s is None else now_us() + int(timeout_s * 1e6)
        self._producer.flush(timeout_s)
        with self._changed:
            left_s = None if limit_us is None else max(0, limit_us - now_us()) / 1e6
            if not self._changed.wait_for(lambda: not self._unsettled, left_s):
                msg = f"{self._unsettled} dead letters have no answer within {timeout_s} s"
                raise TimeoutError(msg)

    def close(self, timeout_s: float | None = None) -> None:
        """Wait up to `timeout_s` for answers, dead letters' too, and end. What is left is given up, and its future told."""
        try:
            self.flush(timeout_s)
        except TimeoutError:
            log.warning("closing with records that have no answer yet")
        # Ends a worker that waits for room, too.
        self._producer.close(timeout_s if timeout_s is None else 0)
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        if self._worker is not None:
            self._worker.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *raised: object) -> None:
        # A forked process may leave the block, too: what is to be closed is not here.
        with suppress(ForkedProducerError):
            self.close(None if kind is None else 0)

    # -- inside ------------------------------------------------------------------------------------------------------

    def _refused(self, record: Record, error: ProducerError, future: SendFuture) -> SendFuture:
        """Treat what `send` itself would have raised."""
        if classify(error) not in self.policy.counts or self.policy.action is Action.RAISE:
            raise error
        self._failed(record, error, future)
        return future

    def _failed(self, record: Record, error: ProducerError, future: SendFuture) -> None:
        """Go the policy's way. Runs on the producer's thread, so nothing here may block."""
        policy = self.policy
        if classify(error) in policy.counts:
            if policy.action is Action.ROUTE:
                self._bury(_Buried(record, error, future))
                return
            if policy.action is Action.CALL:
                assert policy.callback is not None
                try:
                    policy.callback(record, error)
                except Exception:  # the application's own; the future must end all the same
                    log.exception("the policy's callback failed")
        _settle(future, error)

    def _bury(self, buried: _Buried) -> None:
        with self._changed:
            is_full = len(self._waiting) >= self.policy.waiting_max
            is_closed = self._is_closed
            if not is_full and not is_closed:
                self._unsettled += 1
                self._waiting.append(buried)
                if self._worker is None:
                    self._worker = threading.Thread(target=self._work, name="acklab-dead-letters", daemon=True)
                    self._worker.start()
                self._changed.notify_all()
                return
        why = "the producer is closed" if is_closed else f"{self.policy.waiting_max} dead letters wait already"
        self._lost(buried, UsageError(why))

    def _work(self) -> None:
        """Send dead letters: `send` may block, which the producer's own thread must never do."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closed)
                if not self._waiting:
                    return
                buried = self._waiting.popleft()
            try:
                letter = dead_letter(
                    buried.record,
                    buried.error,
                    to=self.policy.topic_for(buried.record.topic),
                    failed_at_ms=epoch_ms(),
                )
                self._graveyard.send_record(letter, self._when_buried(buried))
            except ProducerError as error:
                self._end(buried, error)
            except Exception as error:  # the policy's topic function, or a producer that died
                log.exception("a dead letter could not be made or sent")
                self._end(buried, UsageError(f"{type(error).__name__}: {error}"))

    def _when_buried(self, buried: _Buried) -> Callable[[RecordMetadata | None, ProducerError | None], object]:
        def on_delivery(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            self._end(buried, metadata if metadata is not None else error)

        return on_delivery

    def _end(self, buried: _Buried, told: RecordMetadata | ProducerError | None) -> None:
        assert told is not None
        try:
            if isinstance(told, ProducerError):
                self._lost(buried, told)
            else:
                _settle(buried.future, DeadLetteredError(buried.error, told))
        finally:
            with self._changed:
                self._unsettled -= 1
                self._changed.notify_all()

    def _lost(self, buried: _Buried, why: ProducerError) -> None:
        error = DeadLetterLostError(buried.error, why)
        log.error("a record for %s reached no topic: %s", buried.record.topic, error)
        if self.policy.on_lost is not None:
            try:
                self.policy.on_lost(buried.record, error)
            except Exception:  # the application's own; the future must end all the same
                log.exception("the policy's on_lost failed")
        _settle(buried.future, error)


def _settle(future: SendFuture, told: RecordMetadata | ProducerError) -> None:
    try:
        future.settle(told)
    except Exception:  # a callback of the application's must not keep others from their answers
        log.exception("a delivery callback failed")


def _serialized(role: str, serializer: Callable[[Any], bytes | None] | None, given: Any) -> bytes | None:
    if serializer is None:
        return given  # type: ignore[no-any-return]  # the producer refuses what is not bytes
    try:
        return serializer(given)
    except Exception as error:
        raise SerializationError(f"the {role} could not be serialised: {type(error).__name__}: {error}") from error


def _raw(given: Any) -> bytes | None:
    """Give what could not be serialised as text, so that a person can see what it was."""
    return given if given is None or isinstance(given, bytes) else repr(given).encode()
