"""A ledger for which a producer's last marker decides everything that it ever wrote to a partition."""

from __future__ import annotations

from functools import cached_property

from producer.records import TopicPartition
from sim.judges.decisions import Decisions, End
from sim.judges.guarantees import Ledger
from sim.judges.replica_log import LogEntry
from tests.second_judge.agreement import JudgeBug


class _Last(Decisions):
    def final(self, where: TopicPartition, entry: LogEntry) -> End | None:
        ends = [end for end in self._ends.get((where, entry.producer_id), ()) if end.stands]
        return ends[-1] if ends else None


class _Hasty(Ledger):
    @cached_property
    def decisions(self) -> Decisions:
        return _Last(self.markers, self.committed, self.committed_before, self.final, self.outlived)


BUG = JudgeBug("decides_by_the_last_marker", "a producer's last marker decides all that it wrote", ledger=_Hasty)
