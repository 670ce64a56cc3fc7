"""Misrouted: a place in the log holds other bytes than were sent there, or what was sent elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.history import Read, Sent
    from sim.judges.ledger import Corrupt, Ledger
    from sim.judges.record_id import RecordId

NAME = "misrouted"
PROMISE = "what is read is what was sent, to that topic and that partition"

GIVEN_BY_PRODUCER_MS = -1
"""The time of a record whose application left it to the producer: what it told the application is another judge's matter."""


def judge(ledger: Ledger) -> Verdict:
    """Compare checksums from the producer to the leader to its followers to their disks; and what is read with what was sent.

    A batch of a client whose engine is not in the trace is passed by: nobody knows what it sent. What a gateway hands on in a batch's
    place is held against what it said of that.
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
            findings.append(_nobody_sent(ledger, where, f"b{broker} appended to {where}", moment))
        elif entry.attempt.crc != entry.crc and where.topic not in ledger.stamped:
            what = f"b{broker} appended other bytes to {where} offset {entry.base_offset} than the producer sent"
            findings += [ledger.finding(record, what, moment) for record in entry.records]
    for copy, number in ledger.diverged:
        what = f"b{copy.broker} holds other bytes of {copy.topic}-{copy.partition} offset {copy.base_offset} than its leader"
        findings.append(
            _nobody_sent(ledger, TopicPartition(copy.topic, copy.partition), what, Moment("replication", number))
        )
    for corrupt, disks in ledger.corrupt.items():
        places = [one for one in disks if not _is_compacted(ledger, corrupt, one)]
        if not places:
            continue
        on = ", ".join(f"b{one.broker}" for one in places)
        what = f"{places[0].where} offset {places[0].offset} holds other bytes on {on} than were written there"
        findings.append(ledger.finding(corrupt, what, *(Moment("bit flipped", one.event) for one in places)))
    for read in ledger.history.read:
        record = ledger.readings.record_at(read)
        if record is None:
            continue
        checked += 1
        other = _other(ledger, ledger.history.as_written(record, read.key, read.value), read)
        if other:
            what = f"{read.where} offset {read.offset} holds {other}, not what was sent"
            findings.append(ledger.finding(record, what, Moment("read", read.event)))
    # What was read is compared as it is, so a run that was cut short shows nothing wrong only up to there.
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


def _is_compacted(ledger: Ledger, record: RecordId, one: Corrupt) -> bool:
    """Whether nobody is to be given it any more: whoever led last has let it go, as a later record has its key."""
    place = one.where, one.offset
    is_there = any((held.where, held.offset) == place for held in ledger.places.get(record, ()))
    return place in ledger.compacted.get(record, ()) and not is_there


def _other(ledger: Ledger, sent: Sent, read: Read) -> str:
    """Say what was read otherwise than it was sent; empty if nothing was."""
    if (sent.topic, sent.key, sent.value) != (read.where.topic, read.key, read.value):
        return f"key {read.key!r} value {read.value!r}"
    if sent.headers != read.headers:
        return f"headers {read.headers!r}"
    if sent.partition >= 0 and sent.partition != read.where.partition:
        return f"what was to go to partition {sent.partition}"
    topic, is_create_time = sent.topic, read.timestamp_type == "CreateTime"
    is_wanted = topic in ledger.restamped or is_create_time is (topic not in ledger.stamped)
    is_as_given = not is_create_time or sent.timestamp_ms in {read.timestamp_ms, GIVEN_BY_PRODUCER_MS}
    return "" if is_wanted and is_as_given else f"the {read.timestamp_type} {read.timestamp_ms}"


def _nobody_sent(ledger: Ledger, where: TopicPartition, what: str, moment: Moment) -> Finding:
    return ledger.nobody_s(where, f"a batch of {where}", f"{what}: no producer sent that there", moment)
