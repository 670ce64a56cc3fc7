"""A judge of order that compares each record with the one before it alone."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, reordered
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    return keeping(reordered.judge(ledger), lambda one: _follows_a_later_one(ledger, one))


def _follows_a_later_one(ledger: Ledger, record: RecordId) -> bool:
    for rows in ledger.placed.values():
        own = [one for _, one, _ in rows if one.client == record.client]
        if record in own:
            place = own.index(record)
            return place > 0 and own[place - 1].number > record.number
    return False


BUG = JudgeBug("reordered_by_neighbours", "only the next in line can be out of order", guarantees={"reordered": _judge})
