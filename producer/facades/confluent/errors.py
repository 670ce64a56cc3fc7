"""KafkaError and KafkaException as confluent-kafka has them, and our errors in librdkafka's words."""

from __future__ import annotations

import builtins
from typing import Any

from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    Code,
    DeliveryTimeoutError,
    FatalTransactionError,
    ForkedProducerError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    ProducerError,
    PurgedError,
    RecordTooLargeError,
    SendError,
    TopicRefusedError,
    TransactionAbortedError,
    TransactionError,
    TransactionStateError,
)
from producer.facades.confluent.arguments import c_int, text_or_none
from producer.facades.confluent.codes import CODES


class KafkaError:
    """An error as a delivery report carries it. Compares equal to its code."""

    # Those that are named in here; all others are set below.
    _AUTHENTICATION: int
    _BAD_MSG: int
    _DESTROY: int
    _CONFLICT: int
    _FATAL: int
    _FENCED: int
    _INVALID_ARG: int
    _KEY_SERIALIZATION: int
    _MSG_TIMED_OUT: int
    _NOT_CONFIGURED: int
    _NOT_IMPLEMENTED: int
    _PURGE_INFLIGHT: int
    _PURGE_QUEUE: int
    _QUEUE_FULL: int
    _STATE: int
    _TIMED_OUT: int
    _TRANSPORT: int
    _UNKNOWN_PARTITION: int
    _UNKNOWN_TOPIC: int
    _VALUE_SERIALIZATION: int
    MSG_SIZE_TOO_LARGE: int
    TOPIC_EXCEPTION: int

    def __init__(
        self,
        error: int,
        reason: builtins.str | None = None,
        fatal: bool = False,
        retriable: bool = False,
        txn_requires_abort: bool = False,
        *,
        cause: ProducerError | None = None,
    ) -> None:
        """As confluent-kafka; `cause` is our own error, which also knows whether the record may be written."""
        self._code = c_int(error)
        told = text_or_none(2, reason)
        self._reason = CODES.get(self._code, ("", f"Err-{self._code}?"))[1] if told is None else told
        self._is_fatal = bool(fatal)
        self._is_retriable = bool(retriable)
        self._requires_abort = bool(txn_requires_abort)
        self.cause = cause

    def code(self) -> int:
        """Kafka's code, or one of librdkafka's own below -1."""
        return self._code

    def name(self) -> builtins.str:
        """Give the name that librdkafka has for the code."""
        return CODES.get(self._code, (f"ERR_{self._code}?", ""))[0]

    def str(self) -> builtins.str:
        """Say it to a person."""
        return self._reason

    def fatal(self) -> bool:
        """Whether the producer cannot go on."""
        return self._is_fatal

    def retriable(self) -> bool:
        """Whether a transactional call may be made again; False of a message, whose `cause` knows what Kafka says."""
        return self._is_retriable

    def txn_requires_abort(self) -> bool:
        """Whether the transaction must be aborted."""
        return self._requires_abort

    def __str__(self) -> builtins.str:
        return f'KafkaError{{code={self.name()},val={self._code},str="{self._reason}"}}'

    __repr__ = __str__

    def __bool__(self) -> bool:
        return True

    def __hash__(self) -> int:
        return self._code

    def __eq__(self, other: object) -> bool:
        return isinstance(other, KafkaError | int) and self._code == _number(other)

    def __ne__(self, other: object) -> bool:
        return not isinstance(other, KafkaError | int) or self._code != _number(other)

    def __lt__(self, other: object) -> bool:
        return isinstance(other, KafkaError | int) and self._code < _number(other)

    def __le__(self, other: object) -> bool:
        return isinstance(other, KafkaError | int) and self._code <= _number(other)

    def __gt__(self, other: object) -> bool:
        return isinstance(other, KafkaError | int) and self._code > _number(other)

    def __ge__(self, other: object) -> bool:
        return isinstance(other, KafkaError | int) and self._code >= _number(other)


def _number(one: KafkaError | int) -> int:
    return one if isinstance(one, int) else one.code()


for _code, (_name, _) in CODES.items():
    setattr(KafkaError, _name, _code)


class KafkaException(Exception):  # noqa: N818 - the name that existing code catches
    """Wraps a KafkaError: `exception.args[0].code()`."""

    args: tuple[Any, ...]


def kafka_error(error: ProducerError) -> KafkaError:
    """Say one of our errors in librdkafka's words."""
    match error:
        case PurgedError(outcome=Outcome.FAILED) | TransactionAbortedError():
            code = KafkaError._PURGE_QUEUE
        case PurgedError():
            code = KafkaError._PURGE_INFLIGHT
        case DeliveryTimeoutError() | MetadataTimeoutError() | BufferExhaustedError():
            code = KafkaError._MSG_TIMED_OUT
        case SendError(code=found) if found.code == Code.NETWORK_EXCEPTION:
            code = KafkaError._TRANSPORT
        case SendError(code=found):
            return KafkaError(found.code, fatal=found.fatal, cause=error)
        case TopicRefusedError(code=found):
            return KafkaError(found.code, cause=error)
        case AuthenticationError():
            told = f"Local: Authentication failure: {error}"
            return KafkaError(KafkaError._AUTHENTICATION, told, cause=error)
        case RecordTooLargeError():
            code = KafkaError.MSG_SIZE_TOO_LARGE
        case FatalTransactionError():
            return KafkaError(KafkaError._FATAL, cause=error)
        case TransactionStateError() | TransactionError():
            return KafkaError(KafkaError._STATE, cause=error)
        case ForkedProducerError():
            return KafkaError(KafkaError._STATE, str(error), cause=error)
        case ProducerClosedError():
            code = KafkaError._DESTROY
        case _:
            return KafkaError(KafkaError._INVALID_ARG, str(error), cause=error)
    return KafkaError(code, cause=error)
