"""The producer's errors: three families, the caller's, the peer's and ours. The codes that brokers send are in `error_codes`.

ProducerError
|-- UsageError                    the caller's: a bad value, a closed producer
|   |-- ConfigError
|   |-- RecordTooLargeError
|   |-- PartitionerError
|   `-- ProducerClosedError
|       `-- ForkedProducerError
|-- BufferExhaustedError          max.block.ms ran out; nothing was sent
|-- MetadataTimeoutError          max.block.ms ran out; nothing was sent
|-- AuthenticationError           a broker and this client do not trust each other; nothing was sent
|-- PeerError                     the peer's: nonsense on the wire
|   |-- MalformedError
|   `-- UnsupportedVersionError
`-- SendError                     a record's fate; `outcome` says whether it may have been written
    |-- DeliveryTimeoutError
    `-- PurgedError
AssertionError
`-- IllegalTransitionError        ours: a bug
"""

from __future__ import annotations

from enum import Enum

from producer.error_codes import Code, ErrorCode, error_code

__all__ = [
    "AuthenticationError",
    "BufferExhaustedError",
    "Code",
    "ConfigError",
    "DeliveryTimeoutError",
    "ErrorCode",
    "ForkedProducerError",
    "IllegalTransitionError",
    "MalformedError",
    "MetadataTimeoutError",
    "Outcome",
    "PartitionerError",
    "PeerError",
    "ProducerClosedError",
    "ProducerError",
    "PurgedError",
    "RecordTooLargeError",
    "SendError",
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


class ProducerClosedError(UsageError):
    """The producer was used after close()."""


class ForkedProducerError(ProducerClosedError):
    """The producer was made in the process that this one was forked from, and works on there; here one must be made."""


class BufferExhaustedError(ProducerError):
    """No room in buffer.memory within max.block.ms; nothing was sent."""


class MetadataTimeoutError(ProducerError):
    """The topic's partitions were not learned within max.block.ms; nothing was sent."""


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


class IllegalTransitionError(AssertionError):
    """A state machine was fed an input that its state does not allow: a bug of ours, never the peer's fault."""
