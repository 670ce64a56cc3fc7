"""A judge of atomicity for whom all or nothing is well, whatever the application was told."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, torn
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    of_record = ledger.history.transactions.of_record

    def is_in_part(record: RecordId) -> bool:
        counting = [bool(ledger.counting(one)) for one in of_record[record].records]
        return any(counting) and not all(counting)

    return keeping(torn.judge(ledger), is_in_part)


BUG = JudgeBug("torn_is_never_wholly_wrong", "all or nothing is whole, whatever was told", guarantees={"torn": _judge})
