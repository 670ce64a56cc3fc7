"""A judge of repeated reads for whom a member that is given a partition anew may not begin where its group has come."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, read_again
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    ledger.history.groups.members.clear()
    return read_again.judge(ledger)


BUG = JudgeBug(
    "read_again_by_members", "what was read and not committed may not be read again", guarantees={"read again": _judge}
)
