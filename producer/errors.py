"""The producer's errors: three families, the caller's, the peer's and ours. The codes that brokers send are in `error_codes`.

ProducerError
|-- UsageError                    the caller's: a bad value, a closed producer
|   |-- ConfigError
|   |-- RecordTooLargeError
|   |-- PartitionerError
|   |-- SerializationError        a value that its serializer has no bytes for, or bytes that are no such value
|   |-- TransactionStateError     a transactional call, or a record, where there is no place for it
|   `-- ProducerClosedError
|       `-- ForkedProducerError
|-- BufferExhaustedError          max.block.ms ran out; nothing was sent
|-- MetadataTimeoutError          max.block.ms ran out; nothing was sent
|-- TransactionTimeoutError       max.block.ms ran out; the same call goes on with the same request
|-- TransactionError              a transaction, or what was asked for it, came to nothing
|   |-- TransactionRefusedError   a right is missing; init_transactions may be called again
|   |-- TransactionAbortableError it cannot be committed: abort it, and begin another
|   |   `-- CommitFailedError     another member has the group's partitions by now
|   `-- FatalTransactionError     the producer is of no more use: close it
|       `-- ProducerFencedError   another producer has taken its transactional.id
|-- SchemaRegistryError           a schema registry refused, or could not be asked; nothing was sent
|-- AuthenticationError           a broker and this client do not trust each other; nothing was sent
|-- PeerError                     the peer's: nonsense on the wire
|   |-- MalformedError
|   `-- UnsupportedVersionError
`-- SendError                     a record's fate; `outcome` says whether it may have been written
    |-- DeliveryTimeoutError
    |-- PurgedError
    `-- TransactionAbortedError
AssertionError
`-- IllegalTransitionError        ours: a bug
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from producer.error_codes import Code, ErrorCode, error_code

__all__ = [
    "AuthenticationError",
    "BufferExhaustedError",
    "Code",
    "CommitFailedError",
    "ConfigError",
    "DeliveryTimeoutError",
    "ErrorCode",
    "FatalTransactionError",
    "ForkedProducerError",
    "IllegalTransitionError",
    "MalformedError",
    "MetadataTimeoutError",
    "Outcome",
    "PartitionerError",
    "PeerError",
    "ProducerClosedError",
    "ProducerError",
    "ProducerFencedError",
    "PurgedError",
    "RecordTooLargeError",
    "SchemaRegistryError",
    "SendError",
    "SerializationError",
    "TransactionAbortableError",
    "TransactionAbortedError",
    "TransactionError",
    "TransactionRefusedError",
    "TransactionStateError",
    "TransactionTimeoutError",
    "UnsupportedVersionError",
    "UsageError",
    "error_code",
]


class ProducerError(Exception):
    """Anything a producer reports that is not its own bug."""


class UsageError(ProducerError):
    """The caller gave something that cannot be right; trying again changes nothing."""


class ConfigError(UsageError):
    """A property has a bad value, or two properties exclude each other."""


class RecordTooLargeError(UsageError):
    """One record is larger than max.request.size or buffer.memory; nothing was sent."""


class PartitionerError(UsageError):
    """A partitioner of the application's own raised, or chose what is no partition of the topic; nothing was sent."""


class SerializationError(UsageError):
    """A value that its serializer or its schema has no bytes for: nothing was sent. Or bytes that are no such value."""

    __module__ = "producer.dead_letters"
    """A public home of it: a dead letter's header `error.class` names it, for as long as the letter lies there."""

    def __init__(self, message: str, *, field: str = "", value: object = None, schema: str = "") -> None:
        """`field` is the path to what does not fit, empty for all of it; `value` is what stands there, `schema` says which one."""
        self.message = message
        self.field = field
        self.value = value
        self.schema = schema
        super().__init__(message + (f" ({schema})" if schema else ""))

    def of(self, what: str) -> SerializationError:
        """Give the same, saying whose key or value it is."""
        return SerializationError(f"{what}: {self.message}", field=self.field, value=self.value, schema=self.schema)

    def __reduce__(self) -> tuple[Callable[..., SerializationError], tuple[str, str, object, str]]:
        """Survive pickling, as `SendError` does."""
        return _serialization_error, (self.message, self.field, self.value, self.schema)


def _serialization_error(message: str, field: str, value: object, schema: str) -> SerializationError:
    return SerializationError(message, field=field, value=value, schema=schema)


class TopicRefusedError(UsageError):
    """The cluster refuses the topic, and will go on to: we are not authorized for it, or no topic has such a name."""

    def __init__(self, topic: str, code: ErrorCode) -> None:
        """Name the topic, and the code that brokers give for it."""
        self.topic = topic
        self.code = code
        super().__init__(f"topic {topic!r} is refused: {code.name}")

    def __reduce__(self) -> tuple[type[TopicRefusedError], tuple[str, ErrorCode]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.topic, self.code)


class ReentrantCallError(UsageError):
    """A producer was called amid a call of the same thread: by a signal's handler, a finaliser, or its own partitioner.

    That call would wait for itself. Nothing was done.
    """


class TransactionStateError(UsageError):
    """A transactional call, or a record, where the transaction's state has no place for it. Nothing was done."""


class ProducerClosedError(UsageError):
    """The producer was used after close()."""


class ForkedProducerError(ProducerClosedError):
    """The producer was made in the process that this one was forked from, and works on there; here one must be made."""


class BufferExhaustedError(ProducerError):
    """No room in buffer.memory within max.block.ms; nothing was sent."""


class MetadataTimeoutError(ProducerError):
    """The topic's partitions were not learned within max.block.ms; nothing was sent."""


class TransactionTimeoutError(ProducerError):
    """A transactional call had no answer within max.block.ms, and goes on: the same call waits for it again."""


class TransactionError(ProducerError):
    """What a transactional call, or a `send` within a transaction, ran into. Its kind says how to go on."""

    def __init__(self, transactional_id: str, code: ErrorCode, detail: str = "") -> None:
        """Name the transactional id, the code, and what happened."""
        self.transactional_id = transactional_id
        self.code = code
        self.detail = detail
        super().__init__(
            f"transactional.id {transactional_id!r}: {code.name} ({code.code})" + (f": {detail}" if detail else "")
        )

    def __reduce__(self) -> tuple[type[TransactionError], tuple[str, ErrorCode, str]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.transactional_id, self.code, self.detail)


class TransactionRefusedError(TransactionError):
    """A right is missing for the transactional id. Once it is granted, `init_transactions` may be called again."""


class TransactionAbortableError(TransactionError):
    """The transaction cannot be committed. `abort_transaction`, then another one may do."""


class CommitFailedError(TransactionAbortableError):
    """The group's offsets were not taken: its partitions are somebody else's by now. Abort; read on with the group."""


class FatalTransactionError(TransactionError):
    """This producer is of no more use: close it. What became of its transaction, a new one finds out."""


class ProducerFencedError(FatalTransactionError):
    """Another producer with the same `transactional.id` has taken over, or the coordinator ended a late transaction."""


class SchemaRegistryError(ProducerError):
    """A schema registry refused what was asked of it, or could not be asked; nothing was sent."""

    def __init__(self, asked: str, *, status: int = 0, error_code: int = 0, detail: str = "") -> None:
        """Name what was asked, the status of HTTP (0: there was no answer), the registry's code (40401, 42201, …) and its words."""
        self.asked = asked
        self.status = status
        self.error_code = error_code
        self.detail = detail
        codes = f"{error_code or status}: " if status else ""
        super().__init__(f"schema registry: {asked}: {codes}{detail}")

    def __reduce__(self) -> tuple[Callable[..., SchemaRegistryError], tuple[str, int, int, str]]:
        """Survive pickling, as `SendError` does."""
        return _schema_registry_error, (self.asked, self.status, self.error_code, self.detail)

    @property
    def is_retriable(self) -> bool:
        """Whether another attempt may do: nobody answered, or one who cannot answer now."""
        return self.status in {0, 408, 429} or self.status >= 500


def _schema_registry_error(asked: str, status: int, error_code: int, detail: str) -> SchemaRegistryError:
    return SchemaRegistryError(asked, status=status, error_code=error_code, detail=detail)


class AuthenticationError(ProducerError):
    """A broker refused this client, or this client the broker; nothing was sent. Another `send` tries anew.

    Records that wait for that broker already end in a `SendError` of the same code.
    """

    def __init__(self, address: str, mechanism: str, code: ErrorCode, detail: str, username: str = "") -> None:
        """Name the broker, the mechanism (`TLS`, or that of SASL), the code, what was said, and who wanted in."""
        self.address = address
        self.mechanism = mechanism
        self.code = code
        self.detail = detail
        self.username = username
        whose = f" as {username!r}" if username else ""
        super().__init__(f"no {mechanism} with broker {address}{whose}: {code.name} ({code.code}): {detail}")

    def __reduce__(self) -> tuple[type[AuthenticationError], tuple[str, str, ErrorCode, str, str]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.address, self.mechanism, self.code, self.detail, self.username)


class PeerError(ProducerError):
    """The peer does not keep to the protocol, or speaks another part of it."""


class MalformedError(PeerError):
    """Bytes that are not what the protocol says. The connection they came from cannot be read on."""


class UnsupportedVersionError(PeerError):
    """No version of an API is spoken by both sides."""


class Outcome(Enum):
    """What is known about a record once the producer gives its verdict."""

    ACKNOWLEDGED = "acknowledged"
    """A broker said it is written."""
    FAILED = "failed"
    """Certainly not written."""
    UNKNOWN = "unknown"
    """May be written: the request left, and no answer excludes that it was appended."""


class SendError(ProducerError):
    """A record was not acknowledged."""

    code: ErrorCode
    """The last error a broker (or the connection to it) gave."""
    outcome: Outcome
    """`FAILED` or `UNKNOWN`; never `ACKNOWLEDGED`."""

    def __init__(self, partition: object, code: ErrorCode, outcome: Outcome, detail: str = "") -> None:
        """Name the partition, the code and the outcome; `detail` is the broker's own message, if it sent one."""
        assert outcome is not Outcome.ACKNOWLEDGED, f"{partition}: an acknowledged record has no error"
        self.partition = partition
        self.code = code
        self.outcome = outcome
        self.detail = detail
        fate = "not written" if outcome is Outcome.FAILED else "may be written"
        super().__init__(f"{partition}: {code.name} ({code.code}), {fate}" + (f": {detail}" if detail else ""))

    def __reduce__(self) -> tuple[type[SendError], tuple[object, ErrorCode, Outcome, str]]:
        """Survive pickling: campaigns carry errors between processes."""
        return type(self), (self.partition, self.code, self.outcome, self.detail)

    @property
    def is_retriable(self) -> bool:
        """Whether Kafka calls the code retriable; with an unknown outcome, sending again may write the record twice."""
        return self.code.retriable


class DeliveryTimeoutError(SendError):
    """delivery.timeout.ms ran out before a verdict came."""


class PurgedError(SendError):
    """The application called purge(): FAILED if the record had never left, UNKNOWN if it may have been appended."""


class TransactionAbortedError(SendError):
    """Its transaction was aborted before the record left."""


class IllegalTransitionError(AssertionError):
    """A state machine was fed an input that its state does not allow: a bug of ours, never the peer's fault."""
