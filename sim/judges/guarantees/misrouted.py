"""Misrouted: a place in the log holds other bytes than were sent there, or what was sent elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger

NAME = "misrouted"
PROMISE = "what is read is what was sent, to that topic and that partition"


def judge(ledger: Ledger) -> Verdict:
    """Compare checksums from the producer to the leader to its followers, and the bytes read back with those sent.

    A batch of a client whose engine is not in the trace is passed by: nobody knows what it sent.
    """
    findings: list[Finding] = []
    engines = {attempt.client for attempt in ledger.attempts.values()}
    checked = 0
    for where, broker, entry in ledger.appended:
        if entry.client not in engines:
            continue
        checked += 1
        moment = Moment("append", entry.appended)
        if entry.attempt is None:
            findings.append(_nobody_sent(where.topic, where.partition, f"b{broker} appended to {where}", moment))
        elif entry.attempt.crc != entry.crc and where.topic not in ledger.stamped:
            what = f"b{broker} appended other bytes to {where} offset {entry.base_offset} than the producer sent"
            findings += [ledger.finding(record, what, moment) for record in entry.records]
    for copy, number in ledger.diverged:
        what = f"b{copy.broker} holds other bytes of {copy.topic}-{copy.partition} offset {copy.base_offset} than its leader"
        findings.append(_nobody_sent(copy.topic, copy.partition, what, Moment("replication", number)))
    at = {(where, offset): record for where, rows in ledger.placed.items() for offset, record, _ in rows}
    for read in ledger.history.read:
        record = at.get((read.where, read.offset))
        if record is None:
            continue
        checked += 1
        sent = ledger.history.sent[record]
        if (sent.topic, sent.key, sent.value) != (read.where.topic, read.key, read.value):
            what = f"{read.where} offset {read.offset} holds key {read.key!r} value {read.value!r}, not what was sent"
            findings.append(ledger.finding(record, what, Moment("read", read.event)))
    # What was read is compared as it is, so a run that was cut short shows nothing wrong only up to there.
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def _nobody_sent(topic: str, partition: int, what: str, moment: Moment) -> Finding:
    says = f"{what}: no producer sent that there"
    return Finding("", -1, f"a batch of {topic}-{partition}", None, topic, partition, -1, -1, -1, says, (), (moment,))
