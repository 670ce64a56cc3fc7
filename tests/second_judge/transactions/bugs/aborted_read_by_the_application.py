"""A judge of aborted reads who asks the application alone, and not the log."""

from __future__ import annotations

from producer.records import TopicPartition
from sim.judges.guarantees import Ledger
from sim.judges.replica_log import LogEntry
from tests.second_judge.agreement import JudgeBug


class _Credulous(Ledger):
    def not_given(self, where: TopicPartition, entry: LogEntry, by: int) -> str:
        return ""


BUG = JudgeBug("aborted_read_by_the_application", "what no marker commits may be given", ledger=_Credulous)
