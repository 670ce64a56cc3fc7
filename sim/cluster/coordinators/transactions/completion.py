"""A transaction that is prepared, until the last of its markers is written and written down (Kafka's PendingCompleteTxn)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.errors import Code
    from producer.records import TopicPartition
    from sim.cluster.coordinators.transactions.metadata import TransactionMetadata
    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId


class Term:
    """One broker's time as the coordinator of a partition of `__transaction_state`."""

    __slots__ = ("coordinator_epoch", "is_over")

    def __init__(self, coordinator_epoch: int) -> None:
        self.coordinator_epoch = coordinator_epoch
        """The leader epoch of the partition: markers carry it, so that those of an older coordinator are refused."""
        self.is_over = False
        """Whether another broker, or another term of this one, coordinates by now."""


class Completion:
    """What is left to do for one transaction."""

    __slots__ = ("_is_dropped", "_write", "following", "known", "term")

    def __init__(
        self,
        term: Term,
        known: TransactionalId,
        following: TransactionMetadata,
        write: Callable[[Callable[[Code], object]], object],
    ) -> None:
        """`write` writes down that every partition has its marker, and tells whoever it is given how that went."""
        self.term = term
        self.known = known
        self.following = following
        """What the id becomes then."""
        self._write = write
        self._is_dropped = False

    @property
    def is_over(self) -> bool:
        """Whether nothing is to be done about it any more: done, refused for good, or another's to do."""
        return self._is_dropped or self.term.is_over

    def drop(self) -> None:
        """Do nothing about it any more."""
        self._is_dropped = True

    def marked(self, tp: TopicPartition) -> None:
        """A partition needs no marker any more."""
        metadata = self.known.metadata
        self.known.metadata = metadata._replace(partitions=tuple([one for one in metadata.partitions if one != tp]))

    def write(self, done: Callable[[Code], object]) -> None:
        """Write down that every partition has its marker."""
        self._write(done)
