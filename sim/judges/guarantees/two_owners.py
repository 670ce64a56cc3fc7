"""Two owners: two members of a group have a partition at one time, by what they were told.

A member that stands still believes that it has what is another's by then; nobody can tell it before it asks. It is told when it
asks, so what it had is certain only until the last time that it asked and was answered as a member. KIP-848: a partition is given
to nobody before whoever had it has said that it gave it up, or was fenced, which begins another epoch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.judges.groups import Hold
    from sim.judges.ledger import Ledger

NAME = "two owners"
PROMISE = "a partition belongs to one member of a group at a time, and in one epoch"


def judge(ledger: Ledger) -> Verdict:
    """Hold what each member of a group was told against what the others were told of the same partition."""
    groups = ledger.history.groups
    findings: list[Finding] = []
    checked = 0
    for (group, where), holds in groups.holds.items():
        checked += len(holds)
        for place, later in enumerate(holds):
            for earlier in holds[:place]:
                if earlier.client != later.client:
                    findings += _findings(ledger, group, where, earlier, later)
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=True)


def _findings(ledger: Ledger, group: str, where: TopicPartition, earlier: Hold, later: Hold) -> list[Finding]:
    one, two = earlier.client, later.client
    moments = [Moment(f"assigned to {one}", earlier.event), Moment(f"assigned to {two}", later.event)]
    if earlier.affirmed_us > later.from_us:
        what = f"given to {two} while {one} had it: {one} asked afterwards, and was told that it still is a member"
        moments.append(Moment(f"{one} is told so", earlier.affirmed))
    else:
        shared = [epoch for epoch in earlier.epochs if epoch in later.epochs]
        if not shared:
            return []
        what = f"given to {one} and to {two} in epoch {shared[0]}"
    if earlier.given_up >= 0:
        moments.append(Moment(f"{one} gives it up", earlier.given_up))
    moments.sort(key=lambda moment: moment.event)
    return [ledger.nobody_s(where, f"{where} of group {group}", what, *moments)]
