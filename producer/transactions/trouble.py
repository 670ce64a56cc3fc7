"""Why a transaction came to nothing, and the error that says so; made anew for each who hears it, with a traceback of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import (
    AuthenticationError,
    Code,
    CommitFailedError,
    ErrorCode,
    FatalTransactionError,
    ProducerError,
    ProducerFencedError,
    RecordTooLargeError,
    TopicRefusedError,
    TransactionAbortableError,
    TransactionError,
    TransactionRefusedError,
    UsageError,
    error_code,
)
from producer.transactions.rulings import COMMIT_FAILED

if TYPE_CHECKING:
    from collections.abc import Container

_COMMIT_FAILED: Container[int] = COMMIT_FAILED


def code_of_refusal(error: ProducerError) -> ErrorCode:
    """Give the code of Java's exception for what keeps a record from being queued."""
    if isinstance(error, TopicRefusedError | AuthenticationError):
        return error.code
    if isinstance(error, RecordTooLargeError):
        return error_code(Code.MESSAGE_TOO_LARGE)
    return error_code(Code.INVALID_TOPIC_EXCEPTION if isinstance(error, UsageError) else Code.REQUEST_TIMED_OUT)


class Trouble(NamedTuple):
    """What happened."""

    code: ErrorCode
    detail: str = ""
    """The request it is about, or what else there is to say."""
    is_fatal: bool = False
    is_refusal: bool = False
    """Whether nothing had begun."""

    def error(self, transactional_id: str) -> TransactionError:
        """Make the error that whoever calls is told."""
        kind: type[TransactionError] = TransactionAbortableError
        if self.is_fatal:
            is_fenced = self.code.code == Code.PRODUCER_FENCED
            kind = ProducerFencedError if is_fenced else FatalTransactionError
        elif self.is_refusal:
            kind = TransactionRefusedError
        elif self.code.code in _COMMIT_FAILED:
            kind = CommitFailedError
        return kind(transactional_id, self.code, self.detail)
