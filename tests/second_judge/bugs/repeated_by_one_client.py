"""A judge of what is there twice for the business that forgets who else sends."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, repeated
from sim.judges.record_id import RecordId
from tests.second_judge.agreement import JudgeBug, keeping


def _judge(ledger: Ledger) -> Verdict:
    return keeping(repeated.judge(ledger), lambda one: _is_its_client_s_alone(ledger, one))


def _is_its_client_s_alone(ledger: Ledger, record: RecordId) -> bool:
    thing = ledger.history.sent[record].stands_for
    places = [
        place
        for other, sent in ledger.history.sent.items()
        if other.client == record.client and sent.stands_for == thing
        for place in ledger.places.get(other, ())
    ]
    return len(places) > 1


BUG = JudgeBug(
    "repeated_by_one_client", "two clients never say the same thing, for it", guarantees={"repeated": _judge}
)
