"""What kafka-python's producer raises or puts into a future, and our errors in its words."""

from __future__ import annotations

from producer.errors import Code, DeliveryTimeoutError, ProducerError, SendError


class KafkaError(Exception):
    """Everything that kafka-python's producer raises or puts into a future."""

    retriable = False


class KafkaTimeoutError(KafkaError):
    """No room, no metadata or no verdict in time."""

    retriable = True


class KafkaConfigurationError(KafkaError):
    """An argument has a bad value."""


class IllegalStateError(KafkaError):
    """The producer is closed, or was made in the process that this one was forked from."""


class BrokerResponseError(KafkaError):
    """A broker's error code, or the loss of the connection to it; `errno` and `message` name it."""

    errno = -1
    message = ""

    def __str__(self) -> str:
        return f"[Error {self.errno}] {self.message}: {super().__str__()}"


class MessageSizeTooLargeError(BrokerResponseError):
    """The record is larger than max_request_size, or than the broker takes."""

    errno = int(Code.MESSAGE_TOO_LARGE)
    message = Code.MESSAGE_TOO_LARGE.name


def translated(cause: ProducerError) -> KafkaError:
    if isinstance(cause, DeliveryTimeoutError):
        return KafkaTimeoutError(str(cause))
    if not isinstance(cause, SendError):
        return KafkaError(str(cause))
    kind = MessageSizeTooLargeError if cause.code.code == Code.MESSAGE_TOO_LARGE else BrokerResponseError
    error = kind(str(cause))
    error.errno = cause.code.code
    error.message = cause.code.name
    error.retriable = cause.is_retriable
    return error
