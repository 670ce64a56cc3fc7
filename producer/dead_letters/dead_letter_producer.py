"""Dead letters: what happens to a record that will not be delivered, decided by one policy.

A `DeadLetterProducer` wraps a `Producer`. Each failure falls into one `Failure`; `COUNTS` says which of them are about
the record, and so fit for a dead-letter topic, and which are about the cluster or the caller, and so are not.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, Self

from producer.drivers.clock import epoch_ms
from producer.drivers.future import SendFuture
from producer.drivers.sockets import now_us
from producer.errors import ForkedProducerError, ProducerError, PurgedError, RecordTooLargeError, SendError, UsageError
from producer.records import Headers, Record, RecordMetadata, TopicPartition, header_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

log = logging.getLogger(__name__)

PREFIX = "acklab.dead.letter."
"""Every header of ours begins with it."""

NO_CODE = 0
"""The error code in the headers when no broker gave one."""

WAITING_MAX = 10_000
"""Dead letters that may wait to be sent; what fails beyond it is reported as not routed."""

ABSENT = -1
"""A partition or a timestamp that the headers do not give."""

DIGITS_MAX = 18

MESSAGE_CHARACTERS_MAX = 1_000
"""An error's text is cut here: a header must not be what makes a dead letter too large."""


class Failure(Enum):
    """What kind of failure a record met."""

    REFUSED = "a broker refused the record with a code that is not retriable"
    TOO_LARGE = "it is larger than max.request.size, buffer.memory or the broker's limit allow"
    UNSERIALISABLE = "a serializer could not make bytes of it"
    EXHAUSTED = "retries or delivery.timeout.ms ran out over retriable errors"
    PRODUCER_FATAL = "the producer cannot go on: fenced, or not authorized for the cluster"
    NOT_ACCEPTED = "max.block.ms ran out over metadata or buffer.memory, or a broker let us not in"
    PURGED = "the application purged it"
    MISUSE = "the call was wrong, or the producer closed"


COUNTS: dict[Failure, bool] = {
    Failure.REFUSED: True,
    Failure.TOO_LARGE: True,
    # A caller's mistake as often as bad input, so the policy must ask for it.
    Failure.UNSERIALISABLE: False,
    # The record is fine and the cluster is not: its dead letter would meet the same brokers.
    Failure.EXHAUSTED: False,
    Failure.PRODUCER_FATAL: False,
    Failure.NOT_ACCEPTED: False,
    Failure.PURGED: False,
    Failure.MISUSE: False,
}
"""Which failures make a dead letter, unless a policy says otherwise."""

MAY_COUNT = frozenset(Failure) - {Failure.PURGED, Failure.MISUSE}
"""What a policy may ask for: nothing that the application did on purpose, or wrong."""


class SerializationError(UsageError):
    """A serializer raised; the cause is what it raised. Nothing was sent."""


class DeadLetteredError(ProducerError):
    """The record was not delivered, and lies in the dead-letter topic. `cause` says why, `metadata` where."""

    def __init__(self, cause: ProducerError, metadata: RecordMetadata) -> None:
        self.cause = cause
        self.metadata = metadata
        super().__init__(f"{cause}; it lies in {metadata.topic}-{metadata.partition} at offset {metadata.offset}")


class DeadLetterLostError(ProducerError):
    """The record was delivered neither to its topic nor to the dead-letter topic; `cause` and `dead_letter_error`."""

    def __init__(self, cause: ProducerError, dead_letter_error: ProducerError) -> None:
        self.cause = cause
        self.dead_letter_error = dead_letter_error
        super().__init__(f"{cause}; and the dead letter failed too: {dead_letter_error}")


class Action(Enum):
    """What is done about a failure that counts."""

    ROUTE = "route"
    """The record goes to the dead-letter topic; its future ends in a DeadLetteredError."""
    RAISE = "raise"
    """Nothing more: the future ends in the error itself."""
    CALL = "call"
    """The policy's `callback(record, error)` is called; then the future ends in the error itself."""


@dataclass(frozen=True, slots=True)
class DeadLetterPolicy:
    """Which failures count, and what is done about them."""

    action: Action = Action.ROUTE
    topic: str | Callable[[str], str] = "{topic}.dead"
    """The dead-letter topic: a name, in which {topic} stands for the record's own, or a function of that."""
    counts: frozenset[Failure] = frozenset(failure for failure, does in COUNTS.items() if does)
    """The failures that make a dead letter; see `COUNTS`."""
    callback: Callable[[Record, ProducerError], object] | None = None
    """For `Action.CALL`."""
    on_lost: Callable[[Record, DeadLetterLostError], object] | None = None
    """Told of a record that reached no topic at all, besides its future and the log."""
    waiting_max: int = field(default=WAITING_MAX)
    """Dead letters that may wait to be sent."""

    def __post_init__(self) -> None:
        """Check. Raises UsageError."""
        wrong = sorted(failure.name for failure in self.counts - MAY_COUNT)
        if wrong:
            raise UsageError(f"counts has {', '.join(wrong)}, which makes no dead letter")
        if self.action is Action.CALL and self.callback is None:
            raise UsageError("action is CALL, so a callback must be given")
        if self.waiting_max < 1:
            raise UsageError(f"waiting_max is {self.waiting_max}, must be at least 1")

    def topic_for(self, topic: str) -> str:
        """Name the dead-letter topic of a topic."""
        return self.topic(topic) if callable(self.topic) else self.topic.replace("{topic}", topic)


def classify(error: ProducerError) -> Failure:
    """Say what kind of failure an error is."""
    match error:
        case PurgedError():
            return Failure.PURGED
        case SendError(code=code):
            if code.fatal:
                return Failure.PRODUCER_FATAL
            if code.name in ("MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"):
                return Failure.TOO_LARGE
            return Failure.EXHAUSTED if code.retriable else Failure.REFUSED
        case RecordTooLargeError():
            return Failure.TOO_LARGE
        case SerializationError():
            return Failure.UNSERIALISABLE
        case UsageError():
            return Failure.MISUSE
        case _:
            return Failure.NOT_ACCEPTED


# -- the dead letter as bytes ------------------------------------------------------------------------------------------


class DeadLetter(NamedTuple):
    """What a dead letter's headers say; `read` gives it back."""

    error_code: int
    """Kafka's; 0 if no broker gave one."""
    error_name: str
    error_class: str
    error_message: str
    outcome: str
    """`failed`: certainly not in its topic. `unknown`: may be there all the same, so a replay may write it twice."""
    topic: str
    partition: int | None
    """The origin; None if no partition had been chosen."""
    timestamp_ms: int | None
    """The record's own, if the application had given one."""
    attempt: int
    """1 for a record that failed for the first time; one more each time a replayed one fails again."""
    failed_at_ms: int
    value_omitted: bool
    """The value was too large for any topic; its size and SHA-256 stand in `value_bytes` and `value_sha256`."""
    value_bytes: int
    value_sha256: str


def dead_letter(record: Record, error: ProducerError, *, to: str, failed_at_ms: int) -> Record:
    """Make the record that goes to the dead-letter topic: key, value and headers kept, ours behind them."""
    kept, before = _split(record.headers)
    code, partition, outcome = NO_CODE, record.partition, "failed"
    name = type(error).__name__
    if isinstance(error, SendError):
        code, name, outcome = error.code.code, error.code.name, error.outcome.value
        if isinstance(error.partition, TopicPartition):
            partition = error.partition.partition
    is_omitted = classify(error) is Failure.TOO_LARGE and record.value is not None
    value = record.value
    said = {
        "error.code": str(code),
        "error.name": name,
        "error.class": f"{type(error).__module__}.{type(error).__qualname__}",
        "error.message": str(error)[:MESSAGE_CHARACTERS_MAX],
        "outcome": outcome,
        "topic": record.topic,
        "attempt": str(_number(before, "attempt", 0) + 1),
        "failed.at.ms": str(failed_at_ms),
    }
    if partition is not None:
        said["partition"] = str(partition)
    if record.timestamp_ms is not None:
        said["timestamp.ms"] = str(record.timestamp_ms)
    if is_omitted and value is not None:
        from hashlib import sha256

        said["value.bytes"] = str(len(value))
        said["value.sha256"] = sha256(value).hexdigest()
        value = b""
    ours = tuple((PREFIX + name, text.encode()) for name, text in said.items())
    return Record(to, value, record.key, None, kept + ours, record.timestamp_ms)


def read(headers: Iterable[tuple[str, bytes | None]]) -> DeadLetter | None:
    """Read what a dead letter says of itself; None if it is none."""
    _, said = _split(tuple(headers))
    if "topic" not in said:
        return None
    partition = _number(said, "partition", ABSENT)
    timestamp_ms = _number(said, "timestamp.ms", ABSENT)
    return DeadLetter(
        _number(said, "error.code", NO_CODE),
        said.get("error.name", ""),
        said.get("error.class", ""),
        said.get("error.message", ""),
        said.get("outcome", "unknown"),
        said["topic"],
        None if partition == ABSENT else partition,
        None if timestamp_ms == ABSENT else timestamp_ms,
        _number(said, "attempt", 1),
        _number(said, "failed.at.ms", 0),
        "value.sha256" in said,
        _number(said, "value.bytes", -1),
        said.get("value.sha256", ""),
    )


def revive(key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes | None]]) -> Record:
    """Make of a dead letter the record that it was, to be sent again: only the attempt is remembered.

    The partition is left to the partitioner, which gives a key the same one. Raises UsageError if it is no dead letter,
    or if its value was omitted.
    """
    headers = tuple(headers)
    told = read(headers)
    if told is None:
        raise UsageError("the record is no dead letter: it has no header " + PREFIX + "topic")
    if told.value_omitted:
        raise UsageError(f"the value of {told.value_bytes} bytes was too large for the dead-letter topic")
    kept, _ = _split(headers)
    attempt = ((PREFIX + "attempt", str(told.attempt).encode()),)
    return Record(told.topic, value, key, None, kept + attempt, told.timestamp_ms)


def _split(headers: Headers) -> tuple[Headers, dict[str, str]]:
    kept = tuple(header for header in headers if not header[0].startswith(PREFIX))
    said = {
        name.removeprefix(PREFIX): value.decode(errors="replace")
        for name, value in headers
        if name.startswith(PREFIX) and value is not None
    }
    return kept, said


def _number(said: dict[str, str], name: str, default: int) -> int:
    text = said.get(name, "")
    digits = text.removeprefix("-")
    # Whoever wrote it may not have been us.
    return int(text) if digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX else default


# -- the producer that has a policy ------------------------------------------------------------------------------------


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
