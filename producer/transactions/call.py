"""One transactional call of the application, from when it was made until somebody heard how it ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.errors import ProducerError


class TransactionalCall:
    """What `init_transactions` and the like wait for (TransactionalRequestResult).

    Whoever made the call waits until it `is_over`, and then calls `hear`. Who has no time left may make the same call again.
    """

    __slots__ = ("_error", "is_heard", "is_over", "operation")

    def __init__(self, operation: str) -> None:
        self.operation = operation
        """The name of the method."""
        self.is_over = False
        self.is_heard = False
        self._error: ProducerError | None = None

    def end(self, error: ProducerError | None = None) -> None:
        """Say how it ended: well, without an error. Later words change nothing."""
        if not self.is_over:
            self.is_over = True
            self._error = error

    def hear(self) -> None:
        """Take note of how it ended. Raises its TransactionError, or whatever else ended it."""
        assert self.is_over, f"{self.operation} is not over"
        self.is_heard = True
        if self._error is not None:
            raise self._error
