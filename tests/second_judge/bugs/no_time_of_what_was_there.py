"""A judge of places that asks no time of a record whose batch was there already."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, misplaced
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    return keeping(misplaced.judge(ledger), lambda one: not _was_there(ledger, one))


def _was_there(ledger: Ledger, record: RecordId) -> bool:
    return bool(ledger.recognised_with(record, ledger.history.told[record].event))


BUG = JudgeBug(
    "no_time_of_what_was_there",
    "what was recognised is passed by, as it is told the newest time of its batch",
    guarantees={"misplaced": _judge},
)
