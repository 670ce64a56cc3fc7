"""Repeated: what a record stands for is in the log more than once, whoever wrote it, and however honestly.

Each record may be written once and the business have it twice all the same: an application sends again what it takes for failed, a
new process sends what an old one had sent, a zombie goes on. No sequence number connects two sends; who sends says what they stand
for (`Workload.stands_for`). What a transaction aborted stands for nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import FIRST_ONE, Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger, Placed
    from sim.judges.record_id import RecordId

NAME = "repeated"
PROMISE = "what a record stands for is in the log once at most"

SHOWN_MAX = 40
"""Of what a record stands for, so many characters are shown."""


def judge(ledger: Ledger) -> Verdict:
    """Count the places of all records of a topic that stand for the same, in the final committed log."""
    things: dict[tuple[str, bytes], list[RecordId]] = {}
    for record, sent in ledger.history.sent.items():
        if sent.stands_for is not None:
            things.setdefault((sent.topic, sent.stands_for), []).append(record)
    findings = []
    for (_, thing), records in things.items():
        places = [(record, place) for record in records for place in ledger.counting(record)]
        if len(places) > 1:
            findings.append(_finding(ledger, thing, places))
    return Verdict.of(NAME, PROMISE, findings, checked=len(things), is_conclusive=ledger.is_final)


def _finding(ledger: Ledger, thing: bytes, places: list[tuple[RecordId, Placed]]) -> Finding:
    """Tell of the record that was sent last, and of how the others came there."""
    history = ledger.history
    told = [f"{history.name(record)} at {place.where} offset {place.offset}" for record, place in places]
    what = f"{_text(thing)} is there {len(places)} times: {', '.join(told)}"
    last, _ = places[-1]
    moments = []
    for record, place in places:
        if record == last:
            continue
        moments.append(Moment(f"send {FIRST_ONE}", history.sent[record].event))
        moments.append(Moment(f"append {FIRST_ONE}", place.entry.appended))
        if record in history.told:
            moments.append(Moment(f"answer {FIRST_ONE}", history.told[record].event))
    if last in history.again:
        moments.append(Moment("sent again", history.again[last]))
    return ledger.finding(last, what, *moments)


def _text(thing: bytes) -> str:
    text = thing.decode("utf-8", "backslashreplace")
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}…"
