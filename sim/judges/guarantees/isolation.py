"""Isolation: what one application does to a cluster makes another wait for longer than that was promised.

The time is the application's own, from its send to its acknowledgement, and virtual; of each hundred records one may take longer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.ledger import Ledger
    from sim.judges.record_id import RecordId

NAME = "isolation"
PROMISE = "99 of 100 records are acknowledged in the time that their application was promised"

_NEVER = 1 << 62
"""What a record took that was not acknowledged."""


def judge(ledger: Ledger) -> Verdict:
    """Hold the 99th percentile of each client that was promised one against the promise (the nearest rank).

    Where it is exceeded, each record is found that took longer; one that was never acknowledged took for ever. A run that did not
    end in a settled cluster does not show what would have come.
    """
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    latencies = ledger.history.latencies
    findings: list[Finding] = []
    for client, promised in latencies.promised.items():
        took = [(latencies.took_us.get(one, _NEVER), one) for one in latencies.sent_us if one.client == client]
        reached_us = p99_us([duration_us for duration_us, _ in took])
        if reached_us > promised.p99_us:
            findings += [
                _finding(ledger, record, duration_us, promised.p99_us, promised.event)
                for duration_us, record in took
                if duration_us > promised.p99_us
            ]
    return Verdict.of(NAME, PROMISE, findings, checked=len(latencies.sent_us), is_conclusive=True)


def p99_us(durations_us: list[int]) -> int:
    """Give the least duration that 99 of 100 do not exceed; 0 of none."""
    if not durations_us:
        return 0
    return sorted(durations_us)[-(-99 * len(durations_us) // 100) - 1]


def _finding(ledger: Ledger, record: RecordId, duration_us: int, bound_us: int, promise: int) -> Finding:
    bound = f"{bound_us} us were promised for 99 of 100"
    took = "was never acknowledged" if duration_us == _NEVER else f"was acknowledged after {duration_us} us"
    return ledger.finding(record, f"{took}, {bound}", Moment("promise", promise))
