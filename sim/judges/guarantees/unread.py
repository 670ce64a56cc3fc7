"""Unread: a record is committed, and a reader that was to read it was never given it."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.judges.history import Moved, Read, ReaderWay
from sim.judges.verdict import Finding, Moment, Verdict

if TYPE_CHECKING:
    from sim.judges.groups import Member
    from sim.judges.ledger import Ledger
    from sim.judges.readings import Lying

NAME = "unread"
PROMISE = "whatever is committed is given to every reader, and to a member of every group"

_NEVER = 1 << 62
"""Behind every event of a trace."""


def judge(ledger: Ledger) -> Verdict:
    """Look for each record of the final committed log in what each reader was given, from where that reader began.

    Every reader is left alone with the healed cluster for two minutes: what it has not got by then it does not get. A run that did
    not end in a settled cluster does not show what is committed.
    """
    if not ledger.is_final:
        return Verdict.of(NAME, PROMISE, [], checked=0, is_conclusive=False)
    findings: list[Finding] = []
    checked = 0
    for way in _ways(ledger):
        begin = _begin(way)
        is_isolated = _is_isolated(way, ledger)
        given = {
            lying.offset: lying
            for step in way.steps
            if isinstance(step, Read) and (lying := ledger.readings.given[step.event]) is not None
        }
        for offset, lying in ledger.readings.final.get(way.where, {}).items():
            if offset < begin or (is_isolated and ledger.is_withheld(way.where, lying.entry)):
                continue
            got = given.get(offset)
            is_given = got is not None and got.is_same(lying)
            if not is_given and _was_gone_for(way, lying, ledger):
                continue
            checked += 1
            if not is_given:
                findings.append(_finding(ledger, way, lying))
    is_read = all(not entries or ledger.readings.has_readers(where) for where, entries in ledger.final.items())
    return Verdict.of(NAME, PROMISE, findings, checked=checked, is_conclusive=is_read)


def _ways(ledger: Ledger) -> list[ReaderWay]:
    """Each reader's way through each partition, and an empty one where it never came to a partition of its topic.

    The members of a group are one reader, as long as any of them is left.
    """
    groups = ledger.history.groups
    keeps_positions = ledger.history.transactions.keeps_positions
    ways = [
        way for way in ledger.readings.ways if groups.group_of(way.client) is None and not keeps_positions(way.client)
    ]
    ways += _ways_of_groups(ledger)
    known = {(way.client, way.where) for way in ways}
    missed = [
        ReaderWay(client, where)
        for (client, topic), begin in ledger.history.whole.items()
        for where in ledger.final
        if where.topic == topic and begin == "earliest" and (client, where) not in known and not keeps_positions(client)
    ]
    for member in _left(ledger):
        name = name_of_group(member.group)
        if member.begin == "earliest":
            missed += [
                ReaderWay(name, where)
                for where in ledger.final
                if where.topic == member.topic and (name, where) not in known
            ]
            known |= {(way.client, way.where) for way in missed}
    return [*ways, *missed]


def _ways_of_groups(ledger: Ledger) -> list[ReaderWay]:
    """Each group's way through each partition: those of its members, step by step in the order of the trace."""
    groups = ledger.history.groups
    joined: dict[tuple[str, TopicPartition], ReaderWay] = {}
    left = {member.group for member in _left(ledger)}
    for way in ledger.readings.ways:
        group = groups.group_of(way.client)
        if group is not None and group in left:
            name = name_of_group(group)
            whole = joined.setdefault((name, way.where), ReaderWay(name, way.where))
            whole.steps += way.steps
            if way.ended >= whole.ended:
                whole.ended, whole.position, whole.error = way.ended, way.position, way.error
    for whole in joined.values():
        whole.steps.sort(key=lambda step: step.event)
    return list(joined.values())


def _left(ledger: Ledger) -> list[Member]:
    """Whoever is a member to the end."""
    groups = ledger.history.groups
    return [member for member in groups.members.values() if member.client not in groups.left]


def name_of_group(group: str) -> str:
    """Give what a finding calls a group."""
    return f"group {group}"


def _is_isolated(way: ReaderWay, ledger: Ledger) -> bool:
    """Whether who reads, or any member of the group that does, is given only what is committed: nobody else is due the rest, either."""
    isolated = ledger.history.isolated
    members = ledger.history.groups.members.values()
    return way.client in isolated or any(
        member.client in isolated and name_of_group(member.group) == way.client for member in members
    )


def _begin(way: ReaderWay) -> int:
    """From which offset on everything is due: where it began, else the first that it was given."""
    return way.steps[0].offset if way.steps else 0


def _was_gone_for(way: ReaderWay, lying: Lying, ledger: Ledger) -> bool:
    """Whether a reader came by when a replica had the record no longer, though the leader of the end has it yet.

    It reads on over a gap that a cleaner left. What went with the start of a log it is told that it cannot read: then it moves.
    """
    offset, place = lying.offset, (way.where, lying.entry.appended, lying.offset)
    gap, gone = ledger.gaps.get(place, _NEVER), ledger.outlived.get(place, _NEVER)
    if gone == _NEVER:
        return False
    passes = [step for before, step in pairwise(way.steps) if before.offset <= offset < step.offset]
    if not passes:
        return way.position > offset and gap < way.ended
    return all(gap < step.event or (isinstance(step, Moved) and gone < step.event) for step in passes)


def _finding(ledger: Ledger, way: ReaderWay, lying: Lying) -> Finding:
    where, offset = way.where, lying.offset
    passed = next((step for step in reversed(way.steps) if step.offset > offset), None)
    moments = [Moment("reader moves", step.event) for step in way.steps if isinstance(step, Moved)]
    if passed is None:
        how = f"never came to it{f': {way.error}' if way.error else ''}"
    else:
        how = "passed over it"
        moments.append(Moment("read" if isinstance(passed, Read) else "reader moves", passed.event))
    if way.ended >= 0:
        moments.append(Moment("reader ends", way.ended))
    what = f"committed at {where} offset {offset}, and {way.client} {how}"
    if lying.record is not None:
        return ledger.finding(lying.record, what, *moments)
    return ledger.nobody_s(where, _name(where, offset), what, *sorted(set(moments), key=lambda one: one.event))


def _name(where: TopicPartition, offset: int) -> str:
    return f"offset {offset} of {where}"
