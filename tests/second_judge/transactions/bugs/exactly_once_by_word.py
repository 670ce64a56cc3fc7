"""A judge of exactly once for whom a group has come as far as its members were told, whatever is stored."""

from __future__ import annotations

from producer.records import TopicPartition
from sim.judges.guarantees import Ledger
from sim.judges.replica_log import LogEntry
from tests.second_judge.agreement import JudgeBug


class _Deaf(Ledger):
    def counts_as_position(self, where: TopicPartition, entry: LogEntry) -> bool:
        return False


BUG = JudgeBug("exactly_once_by_word", "what is stored of a group's positions does not count", ledger=_Deaf)
