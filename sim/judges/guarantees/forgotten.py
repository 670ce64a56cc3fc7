"""Forgotten: a group goes on from elsewhere than its members have committed, or none of them has committed what is stored.

A position that a member is told is one that a member asked to be remembered, and none that was known to be superseded: nobody had
been told, before this was asked for, that a later one is remembered. What the end of `__consumer_offsets` says of a group, as it is
read back, is held against the same; where no reader came to the end of it (`unread`), nobody knows what that says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.groups import Fetched
from sim.judges.positions import STORED, stored_positions, unread_partitions
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.groups import Commit, GroupPartition
    from sim.judges.ledger import Ledger

NAME = "forgotten"
PROMISE = "what a group has committed stays, and it goes back only where a member commits so"


def judge(ledger: Ledger) -> Verdict:
    """Look at each position that somebody was told, and at what is stored in the end."""
    groups = ledger.history.groups
    findings: list[Finding] = []
    checked = 0
    unread = unread_partitions(ledger)
    stored = {place: [fetched] for place, fetched in stored_positions(ledger, unread).items()}
    for place in dict.fromkeys([*groups.commits, *groups.fetched, *stored]):
        if place[1].topic in groups.deleted_topics:
            continue
        commits = groups.commits.get(place, [])
        told = [*groups.fetched.get(place, ()), *stored.get(place, ())]
        if place in groups.commits and ledger.is_final and place not in stored and not unread:
            told += _nothing_stored(ledger)
        for fetched in told:
            checked += 1
            if not _may_be(commits, fetched):
                findings.append(_finding(ledger, place, commits, fetched))
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=ledger.is_final and not unread)


def _nothing_stored(ledger: Ledger) -> list[Fetched]:
    """Say that no record tells of it, if all of `__consumer_offsets` was read."""
    kept = [where for where in ledger.final if where.topic == CONSUMER_OFFSETS]
    are_read = all(not ledger.final[where] or ledger.readings.has_readers(where) for where in kept)
    if ledger.ended is None or not kept or not are_read:
        return []
    at_us = ledger.ended.at_us
    return [Fetched(STORED, -1, at_us, at_us, ledger.ended_event)]


def _may_be(commits: list[Commit], fetched: Fetched) -> bool:
    """Whether the group may have stood there at some moment between the question and the answer."""
    # What was known to be remembered before anybody asked: whatever was over before it was asked for is superseded.
    known = [commit for commit in commits if commit.is_remembered and commit.told_us < fetched.asked_us]
    if fetched.offset < 0:
        return not known
    return any(
        commit.offset == fetched.offset
        and commit.sent_us <= fetched.told_us
        and not commit.is_refused
        # What nobody was told of may be written whenever it arrives.
        and not (commit.is_remembered and any(later.sent_us > commit.told_us for later in known))
        for commit in commits
    )


def _finding(ledger: Ledger, place: GroupPartition, commits: list[Commit], fetched: Fetched) -> Finding:
    group, where = place
    moments = [Moment("position read", fetched.event)]
    known = [commit for commit in commits if commit.is_remembered and commit.told_us < fetched.asked_us]
    stands = "no position" if fetched.offset < 0 else f"offset {fetched.offset}"
    told = f"{fetched.client} says {stands}" if fetched.client == STORED else f"{fetched.client} is told {stands}"
    if known:
        last = max(known, key=lambda commit: commit.told_us)
        what = f"{told}, and {last.client} was told that offset {last.offset} is remembered"
        moments = [Moment("commit", last.event), Moment("commit answered", last.told), *moments]
    else:
        what = f"{told}, and nobody has committed that"
    return ledger.nobody_s(where, f"group {group} in {where}", what, *moments)
