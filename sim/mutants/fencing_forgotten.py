"""A transaction coordinator that has forgotten, when it takes over, whom the one before shut out."""

from __future__ import annotations

from sim.cluster.coordinators.transactions.shard import TransactionShard
from sim.cluster.coordinators.transactions.states import TransactionState
from sim.mutants.planting import Mutant


class _Forgetful(TransactionShard):
    """Takes who came last for who was there before, as long as it has written nothing."""

    def loaded(self) -> None:
        for known in self.all():
            metadata = known.metadata
            if metadata.state is TransactionState.EMPTY and metadata.producer_epoch > 0:
                known.metadata = metadata._replace(producer_epoch=metadata.producer_epoch - 1)
        super().loaded()


FENCING_FORGOTTEN = Mutant(
    "fencing_forgotten",
    "a transaction coordinator that takes over lets a producer go on that was shut out before",
    transaction_shard=_Forgetful,
    is_of_transactions=True,
)
