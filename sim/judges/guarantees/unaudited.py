"""Unaudited: a record is written and its audit does not know of it, or tells something else than its application was told.

The witnesses are the trace, the logs, and the bytes on the audit's disk: nobody who wrote them is asked. An intent without an
outcome is honest where its process was killed: it says that what became of the record is unknown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.governance.audit.lines import INTENT, OUTCOME
from producer.records import TopicPartition
from sim.judges.guarantees.passages import passages
from sim.judges.history import ACKNOWLEDGED
from sim.judges.verdict import Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.audits import AuditHistory, AuditLine
    from sim.judges.history import Told
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "unaudited"
PROMISE = "whatever is written by who is audited has its line in the audit, and each line its record"
NOWHERE = TopicPartition("", -1)


def judge(ledger: Ledger) -> Verdict:
    """Hold each record of an audited client against the lines about it, and each line against the records.

    Whoever comes by a gateway that is audited is held against its audit (`passages`). A record counts if it was acknowledged or lies in a log. Whoever was killed may not have told an outcome, and may not
    have sent what it intended to.
    """
    audits = ledger.history.audits
    findings = [
        ledger.nobody_s(NOWHERE, f"line {text.breach.line} of {audit}'s audit", f"{text.breach.how}: {text.breach.what}",
                        Moment("audit", text.event))
        for audit, text in audits.texts.items()
        if text.breach is not None
    ]  # fmt: skip
    checked = len(findings)
    for record in ledger.history.sent:
        if record.client not in audits.audited:
            continue
        told = ledger.history.told.get(record)
        is_written = record in ledger.places or (told is not None and told.outcome == ACKNOWLEDGED)
        checked += is_written or told is not None
        what = _flaw(audits, record, told, is_written=is_written)
        if what:
            findings.append(ledger.finding(record, what, *_moments(audits, record)))
    for record, lines in audits.lines.items():
        if record not in ledger.history.sent and _is_invented(audits, record, lines):
            checked += 1
            findings.append(
                ledger.nobody_s(
                    NOWHERE, str(lines[0]), f"it tells of record {record.number} of {record.client}, which nobody sent"
                )
            )
    at_gateways = passages(ledger)
    findings += at_gateways.findings
    checked += at_gateways.checked
    is_read = all(
        audit in audits.texts for audit in (*(audit for audit, _ in audits.audited.values()), *audits.at_gateways)
    )
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=is_read and ledger.is_final)


def _flaw(audits: AuditHistory, record: RecordId, told: Told | None, *, is_written: bool) -> str:
    lines = audits.lines.get(record, [])
    audit = audits.audited[record.client][0]
    outcomes = [one for one in lines if one.kind == OUTCOME]
    if len(outcomes) > 1:
        return f"{outcomes[1]} tells an outcome that was told already"
    if is_written and not lines:
        how = (
            f"acknowledged at offset {told.offset}" if told is not None and told.outcome == ACKNOWLEDGED else "written"
        )
        return f"{how}, and {audit}'s audit has no line about it"
    if told is None:
        return f"{outcomes[0]} tells an outcome, and the application was told none" if outcomes else ""
    if not outcomes:
        return (
            ""
            if record.client in audits.killed
            else f"{told.outcome}, and {audit}'s audit has no outcome, though nobody killed {record.client}"
        )
    return _difference(outcomes[0], told)


def _difference(line: AuditLine, told: Told) -> str:
    said = (line.told.get("outcome"), line.told.get("partition"), line.told.get("offset"))
    was = (told.outcome, None if told.partition < 0 else told.partition, None if told.offset < 0 else told.offset)
    if said == was:
        return ""
    return f"{line} says {_told(*said)}, and the application was told {_told(*was)}"


def _told(outcome: object, partition: object, offset: object) -> str:
    where = "" if partition is None else f", partition {partition}"
    return f"{outcome}{where}{'' if offset is None else f', offset {offset}'}"


def _is_invented(audits: AuditHistory, record: RecordId, lines: list[AuditLine]) -> bool:
    """Whether a line tells of what nobody sent: an intent that its process was killed behind does not."""
    is_only_intended = all(one.kind == INTENT for one in lines)
    return not (is_only_intended and record.client in audits.audited and record.client in audits.killed)


def _moments(audits: AuditHistory, record: RecordId) -> list[Moment]:
    killed = audits.killed.get(record.client)
    return [] if killed is None else [Moment("killed", killed)]
