"""A judge of places that is content with the partition."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, misplaced
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    return keeping(misplaced.judge(ledger), lambda one: not _is_in_its_partition(ledger, one))


def _is_in_its_partition(ledger: Ledger, record: RecordId) -> bool:
    told = ledger.history.told[record]
    return any(place.where.partition == told.partition for place in ledger.places.get(record, ()))


BUG = JudgeBug("misplaced_by_partition", "offset and time are not looked at", guarantees={"misplaced": _judge})
