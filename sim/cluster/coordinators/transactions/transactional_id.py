"""One transactional id in its coordinator's memory: as it stands, and what it is about to become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.shard import CoordinatorError

if TYPE_CHECKING:
    from sim.cluster.coordinators.transactions.metadata import TransactionMetadata
    from sim.cluster.coordinators.transactions.states import TransactionState


class TransactionalId:
    """It changes by records alone; what is pending is not one yet."""

    __slots__ = ("has_failed_fence", "metadata", "name", "pending")

    def __init__(self, name: str, metadata: TransactionMetadata) -> None:
        self.name = name
        self.metadata = metadata
        self.pending: TransactionState | None = None
        """The state whose record is on its way to the ISR."""
        self.has_failed_fence = False
        """Whether its producer was to be shut out, and the higher epoch could not be written: the next time it is the same."""

    def check_not_pending(self) -> None:
        """Raise CONCURRENT_TRANSACTIONS while a change is on its way."""
        if self.pending is not None:
            raise CoordinatorError(Code.CONCURRENT_TRANSACTIONS)

    def check_producer_id(self, producer_id: int) -> None:
        """Raise INVALID_PRODUCER_ID_MAPPING for another producer than the one that has the id."""
        if self.metadata.owner.producer_id != producer_id:
            raise CoordinatorError(Code.INVALID_PRODUCER_ID_MAPPING)
