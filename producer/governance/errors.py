"""What governance says no with. A message names topic, field and rule, and never a value, as it goes to logs and dead letters.

ProducerError
|-- PolicyFileError          a policy file is wrong; nothing of it is in force (a UsageError)
|-- PolicyViolationError     a record that the policy refuses (a SendError: INVALID_RECORD, certainly not written)
|-- ProtectionError          a field that cannot be hidden as the policy says, or a value that cannot be opened
`-- KeyServiceError          a key cannot be had, so nothing is written, or read
    |-- KeyServiceAwayError  nobody answered: later it may be had
    |-- KeyForbiddenError    whoever asks has no right to the tenant's key
    |-- KeyShreddedError     the tenant's key was deleted: nobody ever reads again what it hid
    `-- NoSuchKeyError       the service has never had it
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from producer.errors import Code, Outcome, ProducerError, SendError, UsageError, error_code


class PolicyFileError(UsageError):
    """A policy file is no policy. `line` counts from 1, 0 where none can be named; `path` is the way to the key."""

    def __init__(self, file: str, line: int, path: str, reason: str) -> None:
        self.file = file
        self.line = line
        self.path = path
        self.reason = reason
        where = f"{file}:{line}" if line else file
        super().__init__(f"{where}: {path}: {reason}" if path else f"{where}: {reason}")

    def __reduce__(self) -> tuple[type[PolicyFileError], tuple[str, int, str, str]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.file, self.line, self.path, self.reason)


class Violation(NamedTuple):
    """One thing in which a record is not as its policy wants it."""

    path: str
    """The field (`customer.email`, `header:tenant`), or `format`, `subject`, `compatibility`, `topic`, `value`, `key`."""
    rule: str
    """`required`, `pattern`, `one_of`, …: the key of the policy file."""
    reason: str
    """What is wrong, without the value."""

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}"


class PolicyViolationError(SendError):
    """The policy refuses a record: INVALID_RECORD, as a broker says it of one record of a batch (KIP-467). It was not sent."""

    def __init__(self, topic: str, violations: tuple[Violation, ...]) -> None:
        self.topic = topic
        self.violations = violations
        detail = "; ".join(map(str, violations))
        super().__init__(topic, error_code(Code.INVALID_RECORD), Outcome.FAILED, detail)

    def __reduce__(self) -> tuple[Callable[..., PolicyViolationError], tuple[str, tuple[Violation, ...]]]:  # type: ignore[override]
        """Survive pickling, as `SendError` does."""
        return type(self), (self.topic, self.violations)


class ProtectionError(ProducerError):
    """A field cannot be hidden as the policy says, or what hides it cannot be opened; the value is not told."""

    def __init__(self, path: str, reason: str) -> None:
        self.path = path
        self.reason = reason
        super().__init__(f"{path}: {reason}")

    def __reduce__(self) -> tuple[type[ProtectionError], tuple[str, str]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.path, self.reason)


class KeyServiceError(ProducerError):
    """A key cannot be had. Whoever wanted to write has written nothing, and whoever wanted to read knows no more."""

    code: Code = Code.INVALID_RECORD
    """What a gateway answers a foreign client with."""

    def __init__(self, key: str, reason: str) -> None:
        """`key` is what was asked for: `tenant acme`, `mask tokens`."""
        self.key = key
        self.reason = reason
        super().__init__(f"key service: {key}: {reason}")

    def __reduce__(self) -> tuple[type[KeyServiceError], tuple[str, str]]:
        """Survive pickling, as `SendError` does."""
        return type(self), (self.key, self.reason)


class KeyServiceAwayError(KeyServiceError):
    """Nobody answered in time, or whoever did has no key at hand: later it may be had."""

    code = Code.REQUEST_TIMED_OUT
    """Retriable: a client that tries again may find the service back."""


class KeyForbiddenError(KeyServiceError):
    """Whoever asks has no right to it."""


class KeyShreddedError(KeyServiceError):
    """The tenant's key was deleted on purpose: nobody ever reads again what it hid."""


class NoSuchKeyError(KeyServiceError):
    """The service has never had it."""
