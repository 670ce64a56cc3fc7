"""A judge of order for whom a repetition is a record of its own."""

from __future__ import annotations

from sim.judges.guarantees import Ledger, Verdict, reordered
from tests.second_judge.agreement import JudgeBug


def _judge(ledger: Ledger) -> Verdict:
    verdict = reordered.judge(ledger)
    more = [
        ledger.finding(later, "comes again behind what was sent after it")
        for rows in ledger.placed.values()
        for place, (_, later, _) in enumerate(rows)
        if any(one == later for _, one, _ in rows[:place])
        and any(one.client == later.client and one.number > later.number for _, one, _ in rows[:place])
    ]
    return Verdict.of(
        verdict.guarantee,
        verdict.promise,
        [*verdict.findings, *more],
        checked=verdict.checked,
        is_conclusive=ledger.is_final,
    )


BUG = JudgeBug(
    "reordered_by_repeats", "what comes a second time is out of order for it", guarantees={"reordered": _judge}
)
