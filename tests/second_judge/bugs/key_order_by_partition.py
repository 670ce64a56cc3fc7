"""A judge of keys that looks into one partition at a time."""

from __future__ import annotations

from sim.judges.guarantees import Finding, Ledger, Verdict, key_order
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    reads = ledger.history.read
    # Which record each read was, by all of them.
    assert len(ledger.readings.given) == len(reads)
    findings: list[Finding] = []
    checked = 0
    for where in ledger.placed:
        ledger.history.read = [read for read in reads if read.where == where]
        verdict = key_order.judge(ledger)
        findings += verdict.findings
        checked += verdict.checked
    ledger.history.read = reads
    return Verdict.of("key order", key_order.PROMISE, findings, checked=checked, is_conclusive=ledger.is_final)


BUG = JudgeBug(
    "key_order_by_partition", "a key has an order in each partition for itself", guarantees={"key order": _judge}
)
