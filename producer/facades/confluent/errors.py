"""KafkaError and KafkaException as confluent-kafka has them: librdkafka's numbers and names."""

from __future__ import annotations

import builtins
from typing import TYPE_CHECKING, Any

from producer.errors import (
    AuthenticationError,
    BufferExhaustedError,
    Code,
    DeliveryTimeoutError,
    ForkedProducerError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    ProducerError,
    PurgedError,
    RecordTooLargeError,
    SendError,
    error_code,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

LOCAL: Mapping[str, tuple[int, str]] = {
    "_DESTROY": (-197, "Broker handle destroyed for termination"),
    "_FAIL": (-196, "Communication failure with broker"),
    "_TRANSPORT": (-195, "Broker transport failure"),
    "_RESOLVE": (-193, "Host resolution failure"),
    "_MSG_TIMED_OUT": (-192, "Message timed out"),
    "_UNKNOWN_PARTITION": (-190, "Unknown partition"),
    "_UNKNOWN_TOPIC": (-188, "Unknown topic"),
    "_ALL_BROKERS_DOWN": (-187, "All broker connections are down"),
    "_INVALID_ARG": (-186, "Invalid argument or configuration"),
    "_TIMED_OUT": (-185, "Timed out"),
    "_QUEUE_FULL": (-184, "Queue full"),
    "_SSL": (-181, "SSL error"),
    "_STATE": (-172, "Erroneous state"),
    "_NOT_IMPLEMENTED": (-170, "Not implemented"),
    "_AUTHENTICATION": (-169, "Authentication failure"),
    "_UNSUPPORTED_FEATURE": (-165, "Required feature not supported by broker"),
    "_PURGE_QUEUE": (-152, "Purged in queue"),
    "_PURGE_INFLIGHT": (-151, "Purged in flight"),
    "_FATAL": (-150, "Fatal error"),
}
"""librdkafka's own codes, those that a producer gives or that applications compare with."""

RENAMED: Mapping[int, str] = {
    Code.UNKNOWN_SERVER_ERROR: "UNKNOWN",
    Code.NONE: "NO_ERROR",
    Code.CORRUPT_MESSAGE: "INVALID_MSG",
    Code.UNKNOWN_TOPIC_OR_PARTITION: "UNKNOWN_TOPIC_OR_PART",
    Code.INVALID_FETCH_SIZE: "INVALID_MSG_SIZE",
    Code.NOT_LEADER_OR_FOLLOWER: "NOT_LEADER_FOR_PARTITION",
    Code.MESSAGE_TOO_LARGE: "MSG_SIZE_TOO_LARGE",
    Code.STALE_CONTROLLER_EPOCH: "STALE_CTRL_EPOCH",
    Code.INVALID_TOPIC_EXCEPTION: "TOPIC_EXCEPTION",
}
"""Where librdkafka's name for a broker's code is not Kafka's."""

_LOCAL_NAMES = {code: name for name, (code, _) in LOCAL.items()}


class KafkaError:
    """An error as a delivery report carries it. Compares equal to its code."""

    # Those that applications compare with most; all others are set below.
    _ALL_BROKERS_DOWN: int
    _DESTROY: int
    _FATAL: int
    _INVALID_ARG: int
    _MSG_TIMED_OUT: int
    _NOT_IMPLEMENTED: int
    _PURGE_INFLIGHT: int
    _PURGE_QUEUE: int
    _QUEUE_FULL: int
    _STATE: int
    _TIMED_OUT: int
    _TRANSPORT: int
    _UNKNOWN_PARTITION: int
    _UNKNOWN_TOPIC: int
    MSG_SIZE_TOO_LARGE: int
    NO_ERROR: int

    def __init__(
        self,
        code: int,
        reason: builtins.str | None = None,
        fatal: bool = False,
        retriable: bool = False,
        txn_requires_abort: bool = False,
        *,
        cause: ProducerError | None = None,
    ) -> None:
        """As confluent-kafka; `cause` is our own error, which also knows whether the record may be written."""
        self._code = int(code)
        self._reason = _text(self._code) if reason is None else reason
        self._is_fatal = fatal
        self._is_retriable = retriable
        self._requires_abort = txn_requires_abort
        self.cause = cause

    def code(self) -> int:
        """Kafka's code, or one of librdkafka's own below -1."""
        return self._code

    def name(self) -> builtins.str:
        """Give the name that librdkafka has for the code."""
        return _LOCAL_NAMES.get(self._code) or RENAMED.get(self._code) or error_code(self._code).name

    def str(self) -> builtins.str:
        """Say it to a person."""
        return self._reason

    def fatal(self) -> bool:
        """Whether the producer cannot go on."""
        return self._is_fatal

    def retriable(self) -> bool:
        """Whether Kafka calls the code retriable; librdkafka says so of transactional calls only."""
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
        return int(self) == int(other) if isinstance(other, KafkaError | int) else NotImplemented

    def __lt__(self, other: KafkaError | int) -> bool:
        return int(self) < int(other)

    def __le__(self, other: KafkaError | int) -> bool:
        return int(self) <= int(other)

    def __gt__(self, other: KafkaError | int) -> bool:
        return int(self) > int(other)

    def __ge__(self, other: KafkaError | int) -> bool:
        return int(self) >= int(other)

    def __int__(self) -> int:
        return self._code


for _name, (_code, _) in LOCAL.items():
    setattr(KafkaError, _name, _code)
for _each in Code:
    setattr(KafkaError, RENAMED.get(_each, _each.name), int(_each))


class KafkaException(Exception):  # noqa: N818 - the name that existing code catches
    """Wraps a KafkaError: `exception.args[0].code()`."""

    args: tuple[Any, ...]


def kafka_error(error: ProducerError) -> KafkaError:
    """Say one of our errors in librdkafka's words."""
    match error:
        case PurgedError(outcome=Outcome.FAILED):
            code = KafkaError._PURGE_QUEUE
        case PurgedError():
            code = KafkaError._PURGE_INFLIGHT
        case DeliveryTimeoutError() | MetadataTimeoutError() | BufferExhaustedError():
            code = KafkaError._MSG_TIMED_OUT
        case SendError(code=found) if found.code == Code.NETWORK_EXCEPTION:
            code = KafkaError._TRANSPORT
        case SendError(code=found):
            text = _text(found.code) + (f": {error.detail}" if error.detail else "")
            return KafkaError(found.code, text, fatal=found.fatal, retriable=found.retriable, cause=error)
        case AuthenticationError():
            return KafkaError(LOCAL["_AUTHENTICATION"][0], f"Local: Authentication failure: {error}", cause=error)
        case RecordTooLargeError():
            code = KafkaError.MSG_SIZE_TOO_LARGE
        case ForkedProducerError():
            return KafkaError(KafkaError._STATE, str(error), cause=error)
        case ProducerClosedError():
            code = KafkaError._DESTROY
        case _:
            return KafkaError(KafkaError._INVALID_ARG, str(error), cause=error)
    return KafkaError(code, cause=error)


def _text(code: int) -> str:
    name = _LOCAL_NAMES.get(code)
    if name is not None:
        return f"Local: {LOCAL[name][1]}"
    if code == Code.NONE:
        return "Success"
    return "Broker: " + error_code(code).name.replace("_", " ").capitalize()
