"""What kind of failure a record met, and which kinds are about the record and so fit for a dead-letter topic."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from producer.errors import (
    ProducerError,
    PurgedError,
    RecordTooLargeError,
    SendError,
    SerializationError,
    UsageError,
)

if TYPE_CHECKING:
    from producer.records import RecordMetadata


class Failure(Enum):
    """What kind of failure a record met."""

    REFUSED = "a broker refused the record with a code that is not retriable"
    TOO_LARGE = "it is larger than max.request.size, buffer.memory or the broker's limit allow"
    UNSERIALISABLE = "a serializer could not make bytes of it"
    UNREADABLE = "it lies in its topic, and a reader could not make a value of its bytes"
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
    # It will be as unreadable the next time, and what lies behind it waits.
    Failure.UNREADABLE: True,
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


class UnreadableRecordError(ProducerError):
    """A record that was read back, and of whose bytes no value could be made (Kafka's RecordDeserializationException)."""

    def __init__(self, topic: str, partition: int, offset: int, cause: ProducerError) -> None:
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.cause = cause
        super().__init__(f"{topic}-{partition} at offset {offset} is unreadable: {cause}")

    def __reduce__(self) -> tuple[type[UnreadableRecordError], tuple[str, int, int, ProducerError]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.topic, self.partition, self.offset, self.cause)


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
        case UnreadableRecordError():
            return Failure.UNREADABLE
        case RecordTooLargeError():
            return Failure.TOO_LARGE
        case SerializationError():
            return Failure.UNSERIALISABLE
        case UsageError():
            return Failure.MISUSE
        case _:
            return Failure.NOT_ACCEPTED
