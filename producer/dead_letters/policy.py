"""What is done about records that will not be delivered: one policy, a value."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from producer.dead_letters.failures import COUNTS, MAY_COUNT, DeadLetterLostError, Failure
from producer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.errors import ProducerError
    from producer.records import Record

WAITING_MAX = 10_000
"""Dead letters that may wait to be sent; what fails beyond it is reported as not routed."""


class Action(Enum):
    """What is done about a failure that counts."""

    ROUTE = "route"
    """The record goes to the dead-letter topic; its future ends in a DeadLetteredError."""
    RAISE = "raise"
    """Nothing more: the future ends in the error itself."""
    CALL = "call"
    """The policy's `callback(record, error)` is called; then the future ends in the error itself."""


@dataclass(frozen=True, slots=True)
class DeadLetterPolicy:
    """Which failures count, and what is done about them."""

    action: Action = Action.ROUTE
    topic: str | Callable[[str], str] = "{topic}.dead"
    """The dead-letter topic: a name, in which {topic} stands for the record's own, or a function of that."""
    counts: frozenset[Failure] = frozenset(failure for failure, does in COUNTS.items() if does)
    """The failures that make a dead letter; see `COUNTS`."""
    callback: Callable[[Record, ProducerError], object] | None = None
    """For `Action.CALL`."""
    on_lost: Callable[[Record, DeadLetterLostError], object] | None = None
    """Told of a record that reached no topic at all, besides its future and the log."""
    waiting_max: int = field(default=WAITING_MAX)
    """Dead letters that may wait to be sent."""

    def __post_init__(self) -> None:
        """Check. Raises UsageError."""
        wrong = sorted(failure.name for failure in self.counts - MAY_COUNT)
        if wrong:
            raise UsageError(f"counts has {', '.join(wrong)}, which makes no dead letter")
        if self.action is Action.CALL and self.callback is None:
            raise UsageError("action is CALL, so a callback must be given")
        if self.waiting_max < 1:
            raise UsageError(f"waiting_max is {self.waiting_max}, must be at least 1")

    def topic_for(self, topic: str) -> str:
        """Name the dead-letter topic of a topic."""
        return self.topic(topic) if callable(self.topic) else self.topic.replace("{topic}", topic)
