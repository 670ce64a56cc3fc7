"""A high watermark that goes on while too few replicas are in sync (what KIP-966 ended)."""

from __future__ import annotations

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant


class _Going(LeaderTerm):
    """Looks at the ISR that is left, however small, and says that this is enough."""

    def watermark(self) -> int:
        was_under, self.is_under_min_isr = self.is_under_min_isr, False
        try:
            return super().watermark()
        finally:
            self.is_under_min_isr = was_under


class _Partition(Partition):
    term_type = _Going


WATERMARK_NOT_FROZEN = Mutant(
    "watermark_not_frozen",
    "the high watermark advances although the ISR is below min.insync.replicas",
    partition=_Partition,
)
