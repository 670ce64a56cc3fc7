"""Whether the audit of a gateway knows of whatever passed: each acknowledged record has its line there, and each line its place in a log.

A gateway counts records by itself, so a line and a record meet by where the record lies. A gateway that ended between a broker's answer and
its line leaves an intent without an outcome, which is honest: what became of that record is told to be unknown.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from producer.governance.audit.lines import ACKNOWLEDGED, INTENT, OUTCOME
from producer.records import TopicPartition
from sim.judges.verdict import Finding, Moment

if TYPE_CHECKING:
    from sim.judges.audits import AuditLine
    from sim.judges.ledger import Ledger

_Line = tuple[str, str, int]
"""Client, topic and partition that a line is about."""


class Passages(NamedTuple):
    """What was found, and of how many records and lines."""

    findings: list[Finding]
    checked: int


def passages(ledger: Ledger) -> Passages:
    """Hold each acknowledged record of whoever came by an audited gateway against its lines, and its lines against the logs."""
    findings: list[Finding] = []
    checked = 0
    history = ledger.history
    written = {(where, offset) for where, _, entry in ledger.appended for offset in entry.span}
    for gateway, lines in history.audits.at_gateways.items():
        told = [line for line in lines if line.kind == OUTCOME and line.told.get("outcome") == ACKNOWLEDGED]
        places = {(_where(line), line.told.get("offset")) for line in told}
        silent = _silent(lines)
        ended = history.audits.gateways_ended.get(gateway)
        for line in told:
            offset = line.told.get("offset")
            checked += 1
            if offset is not None and (_where(line), offset) not in written:
                what = f"it says acknowledged at {_where(line)} offset {offset}, and nobody ever wrote there"
                findings.append(ledger.nobody_s(_where(line), str(line), what))
        for record, one in history.told.items():
            if history.through.get(record.client) != gateway or one.outcome != ACKNOWLEDGED:
                continue
            if one.offset < 0 and record not in ledger.places:
                # With acks=0 nobody knows whether it ever came to the gateway.
                continue
            checked += 1
            where = TopicPartition(history.sent[record].topic, one.partition)
            if (where, one.offset) in places:
                continue
            about = (record.client, *where)
            if (ended is not None or one.offset < 0) and silent[about]:
                silent[about] -= 1
                continue
            moments = [] if ended is None else [Moment("gateway ended", ended)]
            at = f"acknowledged at offset {one.offset}" if one.offset >= 0 else "acknowledged"
            findings.append(ledger.finding(record, f"{at}, and {gateway}'s audit has no line about it", *moments))
    return Passages(findings, checked)


def _silent(lines: list[AuditLine]) -> Counter[_Line]:
    """Count the intents of which no line says where the record came to lie."""
    placed = {line.told.get("record") for line in lines if line.kind == OUTCOME and line.told.get("offset") is not None}
    return Counter(
        (str(line.told.get("client_id")), *_where(line))
        for line in lines
        if line.kind == INTENT and line.told.get("record") not in placed
    )


def _where(line: AuditLine) -> TopicPartition:
    return TopicPartition(str(line.told.get("topic")), int(line.told.get("partition") or 0))
