"""A producer that wraps another one, and does with what fails as a policy says: each future ends exactly once."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from producer.dead_letters.failures import classify
from producer.dead_letters.graveyard import Graveyard, settle
from producer.dead_letters.policy import Action, DeadLetterPolicy
from producer.drivers.clock import now_us
from producer.drivers.future import SendFuture
from producer.drivers.timeouts import wait_until_us
from producer.errors import ForkedProducerError, ProducerError, SerializationError, UsageError
from producer.records import Record, RecordMetadata, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.dead_letters.graveyard import Sends

log = logging.getLogger(__name__)


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
        """Wrap `producer`, which is closed with this one. `dead_letters_to` is another one for dead letters, kept open.

        The serializers that `producer` was configured with are asked as well, behind those given here.
        """
        self.policy = policy if policy is not None else DeadLetterPolicy()
        self._producer = producer
        self._graveyard = Graveyard(dead_letters_to if dead_letters_to is not None else producer, self.policy)
        self._key_serializer = key_serializer
        self._value_serializer = value_serializer
        self._serialized: Callable[..., Record] | None = getattr(producer, "serialized", None)
        """A dead letter is bytes as they are: its producer's serializers are asked for the record alone."""

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
        record = Record(topic, value, key, partition, header_pairs(headers) if headers else (), timestamp_ms)
        try:
            record = record._replace(key=_serialized("key", self._key_serializer, key))
            record = record._replace(value=_serialized("value", self._value_serializer, value))
            if self._serialized is not None:
                made = self._serialized(topic, record.value, key=record.key, headers=record.headers)
                record = record._replace(key=made.key, value=made.value, headers=made.headers)
        except SerializationError as error:
            return self._refused(_readable(record), error, SendFuture(on_delivery))
        return self.send_record(record, on_delivery)

    def send_record(
        self, record: Record, on_delivery: Callable[[RecordMetadata | None, ProducerError | None], object] | None = None
    ) -> SendFuture:
        """Do as `send` does, with a record as a value."""
        future = SendFuture(on_delivery)

        def when_known(metadata: RecordMetadata | None, error: ProducerError | None) -> None:
            if metadata is not None:
                settle(future, metadata)
            else:
                assert error is not None
                self._failed(record, error, future)

        try:
            self._producer.send_record(record, when_known)
        except ProducerError as error:
            return self._refused(record, error, future)
        return future

    def choose_partition(self, record: Record) -> int:
        """Do as `Producer.choose_partition` does."""
        return self._producer.choose_partition(record)

    def flush(self, timeout_s: float | None = None) -> None:
        """Wait until everything sent so far has its answer, dead letters too. Raises TimeoutError.

        Raises UsageError in a delivery callback, or another one of those that are called for a dead letter.
        """
        limit_us = wait_until_us(timeout_s)
        self._producer.flush(timeout_s)
        self._graveyard.flush(limit_us)

    def close(self, timeout_s: float | None = None) -> None:
        """Wait up to `timeout_s` for answers, dead letters' too, and end. What is left is given up, and its future told.

        Returns no more than three seconds after `timeout_s`. In a callback the time is 0, for what is waited for would come
        to this very thread.
        """
        limit_us = wait_until_us(timeout_s)
        try:
            self.flush(timeout_s)
        except ForkedProducerError:
            raise
        except TimeoutError:
            log.warning("closing with records that have no answer yet")
        except UsageError:
            limit_us = now_us()
        # Ends a dead letter that waits for room in it, too.
        self._producer.close(None if limit_us is None else 0)
        self._graveyard.close(limit_us)

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
                self._graveyard.bury(record, error, future)
                return
            if policy.action is Action.CALL:
                assert policy.callback is not None
                try:
                    policy.callback(record, error)
                except Exception:  # the application's own
                    log.exception("the policy's callback failed")
                except BaseException:  # it exits, and the future must end all the same
                    settle(future, error)
                    raise
        settle(future, error)


def _serialized(role: str, serializer: Callable[[Any], bytes | None] | None, given: Any) -> bytes | None:
    if serializer is None:
        return given  # type: ignore[no-any-return]  # the producer refuses what is not bytes
    try:
        return serializer(given)
    except Exception as error:
        raise SerializationError(f"the {role} could not be serialised: {type(error).__name__}: {error}") from error


def _readable(record: Record) -> Record:
    """Give what could not be serialised as text, so that a person can see what it was."""
    return record._replace(key=_text(record.key), value=_text(record.value))


def _text(given: Any) -> bytes | None:
    if given is None or isinstance(given, bytes):
        return given
    try:
        return repr(given).encode(errors="backslashreplace")
    except Exception:  # noqa: BLE001 - the application's own, of a value that is odd already
        return f"<{type(given).__name__}, whose repr fails>".encode()
