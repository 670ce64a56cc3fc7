"""A producer that is told how each record ends, and every failure with the class that it is of."""

import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from producer.dead_letters import Failure, SerializationError, UnreadableRecordError
from producer.drivers.future import SendFuture
from producer.error_codes import ERRORS, Code
from producer.errors import (
    BufferExhaustedError,
    ConfigError,
    DeliveryTimeoutError,
    MetadataTimeoutError,
    Outcome,
    ProducerClosedError,
    ProducerError,
    PurgedError,
    RecordTooLargeError,
    SendError,
    UsageError,
)
from producer.records import Record, RecordMetadata, TopicPartition

PLACE = TopicPartition("orders", 3)


WAIT_S = 60


def refusal(code: int, outcome: Outcome = Outcome.FAILED, kind: type[SendError] = SendError) -> SendError:
    return kind(PLACE, ERRORS[code], outcome, "the broker's words")


class Desk:
    """A producer that ends each record as the test says, on a thread of its own, as a real one does."""

    def __init__(self, verdict: Callable[[Record], ProducerError | None]) -> None:
        self.verdict = verdict
        self.sent: list[Record] = []
        self.is_closed = False
        self.threads: list[threading.Thread] = []

    def send_record(self, record: Record, on_delivery: Any = None) -> SendFuture:
        if self.is_closed:
            raise ProducerClosedError("closed")
        error = self.verdict(record)
        if error is not None and not isinstance(error, SendError):
            raise error
        self.sent.append(record)
        future = SendFuture(on_delivery)
        told = error if error is not None else RecordMetadata(record.topic, 0, len(self.sent) - 1, 1, 1, 1)
        thread = threading.Thread(target=self.tell, args=(future, told))
        thread.start()
        self.threads.append(thread)
        return future

    def tell(self, future: SendFuture, told: Any) -> None:
        # A callback that exits costs a producer's thread nothing.
        with suppress(SystemExit):
            future.settle(told)

    def choose_partition(self, record: Record) -> int:
        return 0

    def flush(self, timeout_s: float | None = None) -> None:
        for thread in self.threads:
            thread.join(timeout_s)

    def close(self, timeout_s: float | None = None) -> None:
        self.is_closed = True
        self.flush()


def only_orders(error: ProducerError) -> Callable[[Record], ProducerError | None]:
    return lambda record: error if record.topic == "orders" else None


CLASSES: list[tuple[ProducerError, Failure]] = [
    (refusal(Code.INVALID_RECORD), Failure.REFUSED),
    (refusal(Code.TOPIC_AUTHORIZATION_FAILED), Failure.REFUSED),
    (refusal(Code.POLICY_VIOLATION), Failure.REFUSED),
    (refusal(Code.INVALID_TIMESTAMP), Failure.REFUSED),
    (refusal(Code.UNKNOWN_SERVER_ERROR, Outcome.UNKNOWN), Failure.REFUSED),
    (refusal(Code.MESSAGE_TOO_LARGE), Failure.TOO_LARGE),
    (refusal(Code.RECORD_LIST_TOO_LARGE), Failure.TOO_LARGE),
    (RecordTooLargeError("too large"), Failure.TOO_LARGE),
    (SerializationError("no bytes"), Failure.UNSERIALISABLE),
    (UnreadableRecordError("orders", 3, 7, SerializationError("no bytes")), Failure.UNREADABLE),
    (refusal(Code.NOT_ENOUGH_REPLICAS), Failure.EXHAUSTED),
    (refusal(Code.NETWORK_EXCEPTION, Outcome.UNKNOWN), Failure.EXHAUSTED),
    (refusal(Code.REQUEST_TIMED_OUT, Outcome.UNKNOWN, DeliveryTimeoutError), Failure.EXHAUSTED),
    (refusal(Code.PRODUCER_FENCED), Failure.PRODUCER_FATAL),
    (refusal(Code.CLUSTER_AUTHORIZATION_FAILED), Failure.PRODUCER_FATAL),
    (MetadataTimeoutError("in vain"), Failure.NOT_ACCEPTED),
    (BufferExhaustedError("in vain"), Failure.NOT_ACCEPTED),
    (refusal(Code.OPERATION_NOT_ATTEMPTED, Outcome.FAILED, PurgedError), Failure.PURGED),
    (ProducerClosedError("closed"), Failure.MISUSE),
    (ConfigError("wrong"), Failure.MISUSE),
    (UsageError("wrong"), Failure.MISUSE),
]
