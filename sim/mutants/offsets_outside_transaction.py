"""A group coordinator for which positions of a transaction count as soon as they are written."""

from __future__ import annotations

from sim.cluster.coordinators.groups.shard import GroupShard
from sim.mutants.planting import Mutant


class _Hasty(GroupShard):
    def replay(self, key: bytes, value: bytes | None, producer_id: int = -1) -> None:  # noqa: ARG002
        super().replay(key, value)


OFFSETS_OUTSIDE_TRANSACTION = Mutant(
    "offsets_outside_transaction",
    "a group coordinator lets positions count that a transaction has yet to commit",
    group_shard=_Hasty,
    is_of_transactions=True,
)
