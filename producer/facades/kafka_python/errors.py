"""What kafka-python's producer raises or puts into a future, and our errors in its words (`kafka.errors`).

Beside the classes that stand here there is one for each code of a broker, by kafka-python's name.
"""

from __future__ import annotations

from typing import Any

from producer.errors import (
    AuthenticationError,
    ConfigError,
    DeliveryTimeoutError,
    ProducerClosedError,
    ProducerError,
    RecordTooLargeError,
    SendError,
    TopicRefusedError,
)
from producer.facades.kafka_python.codes import CLASSES

UNKNOWN = -1


class KafkaError(Exception):
    """Everything that kafka-python's producer raises or puts into a future. Equal to one of its class that says the same."""

    retriable = False
    invalid_metadata = False
    """Whether leaders may have moved."""

    def __str__(self) -> str:
        name = type(self).__name__
        return f"{name}: {super().__str__()}" if self.args else name

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.args == getattr(other, "args", None)

    __hash__ = Exception.__hash__


class RetriableError(KafkaError):
    """What another attempt may mend."""

    retriable = True


class InvalidMetadataError(RetriableError):
    """What newer metadata may mend."""

    invalid_metadata = True


class KafkaTimeoutError(RetriableError):
    """No room, no metadata or no verdict in time."""


class KafkaConfigurationError(KafkaError):
    """An argument has a bad value."""


class IllegalStateError(KafkaError):
    """The producer is closed, or was made in the process that this one was forked from."""


class BrokerResponseError(KafkaError):
    """A broker's error code, or the loss of the connection to it; `errno` and `message` name it."""

    errno: int | None = None
    message: str | None = None
    description: str | None = None

    def __str__(self) -> str:
        return f"[Error {self.errno}] {super().__str__()}"


class AuthorizationError(BrokerResponseError):
    """A broker does not let us do it."""


class BadValueError(KafkaConfigurationError, ValueError):
    """An argument has a value that it cannot have; kafka-python raises one of the two, or stumbles over it later."""

    __str__ = Exception.__str__


class BadTypeError(KafkaConfigurationError, TypeError):
    """An argument is of no type that it can be of; kafka-python raises one of the two, or stumbles over it later."""

    __str__ = Exception.__str__


_KINDS: dict[str, tuple[type[KafkaError], ...]] = {
    "": (BrokerResponseError,),
    "AuthorizationError": (AuthorizationError,),
    "InvalidMetadataError": (InvalidMetadataError, BrokerResponseError),
    "RetriableError": (RetriableError, BrokerResponseError),
}

BROKER_ERRORS: dict[int, Any] = {
    code: type(name, _KINDS[kind], {"errno": code, "message": message, "__module__": __name__})
    for code, (name, message, kind) in CLASSES.items()
}
"""By code: kafka-python's class."""
globals().update({kind.__name__: kind for kind in BROKER_ERRORS.values()})

MessageSizeTooLargeError: Any = BROKER_ERRORS[10]


def __getattr__(name: str) -> Any:
    # Every class of a broker's code is here already; this says so to who only reads.
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def for_code(code: int) -> Any:
    """Give the class of a broker's code; one that is made for it, if kafka-python knows none."""
    found = BROKER_ERRORS.get(code)
    return type("UnrecognizedBrokerError", (BROKER_ERRORS[UNKNOWN],), {"errno": code}) if found is None else found


def translated(cause: ProducerError) -> KafkaError:
    """Say one of our errors in kafka-python's words; our own is its cause."""
    error = _translated(cause)
    error.__cause__ = cause
    return error


def _translated(cause: ProducerError) -> KafkaError:
    error: KafkaError
    match cause:
        case DeliveryTimeoutError():
            error = KafkaTimeoutError(str(cause))
        case SendError(code=code) | TopicRefusedError(code=code) | AuthenticationError(code=code):
            error = for_code(code.code)(str(cause))
        case RecordTooLargeError():
            error = MessageSizeTooLargeError(str(cause))
        case ProducerClosedError():
            error = IllegalStateError(str(cause))
        case ConfigError():
            error = BadValueError(str(cause))
        case _:
            error = KafkaError(str(cause))
    return error
