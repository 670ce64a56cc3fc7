"""A high watermark that does not wait for a follower which is about to be in sync (KIP-497)."""

from __future__ import annotations

from sim.cluster.broker.leader_term import LeaderTerm
from sim.cluster.broker.partition import Partition
from sim.mutants.planting import Mutant


class _Hurried(LeaderTerm):
    """Counts the committed ISR alone, and whom it has proposed is in it before it has the records."""

    def watermark(self) -> int:
        state, log = self.state, self._log
        if self.is_under_min_isr and self._broker.config.eligible_leader_replicas:
            return log.high_watermark
        followers = [one for one in self._followers.values() if one.broker in state.isr]
        return max(min([log.end_offset, *[one.log_end_offset for one in followers]]), log.high_watermark)


class _Partition(Partition):
    term_type = _Hurried


WATERMARK_IGNORES_JOINING = Mutant(
    "watermark_ignores_joining",
    "the high watermark passes a follower that is about to be in the ISR",
    partition=_Partition,
)
