"""A leader that acts on a smaller ISR before the controller has committed it."""

from __future__ import annotations

from dataclasses import replace

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant


class _Rash(LeaderTerm):
    """Takes its own proposal for the truth, as leaders did before KIP-497."""

    def _propose(self, isr: tuple[int, ...]) -> None:
        super()._propose(isr)
        self.state = replace(self.state, isr=isr)


class _Partition(Partition):
    term_type = _Rash


ISR_SHRINKS_BEFORE_COMMIT = Mutant(
    "isr_shrinks_before_commit",
    "the high watermark no longer waits for who is only proposed to leave the ISR",
    partition=_Partition,
)
