"""A judge of fencing who looks at when something was begun, and lets pass whatever was sent later."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, fencing
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    transactions = ledger.history.transactions

    def is_sent_before(record: RecordId) -> bool:
        taken = transactions.overtaken_by(transactions.of_record[record])
        assert taken is not None
        return ledger.history.sent[record].event < taken.event

    return keeping(fencing.judge(ledger), is_sent_before)


BUG = JudgeBug("fencing_by_the_marker", "what a former owner sends later may count", guarantees={"fencing": _judge})
