"""Who may do what, and how much, changes while clients are at work: rights are granted, denied and revoked, quotas set and removed.

Kept apart like those of schemas: only a search that asks for class G draws them, in a story whose cluster has an authorizer, or quotas. A change
takes nothing that was acknowledged. Whoever is slowed down may break what he was promised of his latency (isolation).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.explore.kinds.kind import GOVERNANCE, LASTS_US, Kind
from sim.faults import Deny, Grant, Revoke, SetQuota

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.explore.kinds.kind import Choices
    from sim.faults.schedule import Entry
    from sim.faults.words import When

OPERATIONS = ("WRITE", "WRITE", "ALL", "DESCRIBE", "READ")
BYTES = (2_000, 20_000, 200_000)
"""A second: below what one batch needs, about what a story sends, and more."""


def _right(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Create a rule about somebody and a topic, or delete one; mostly it is taken back later."""
    if not course.principals:
        return ()
    who = choices.one_of((*course.principals, "User:*"))
    topic, _ = choices.one_of(course.topics)
    name = choices.one_of((topic, f"{topic[:3]}*", "*", f"{topic}-eu"))
    verb = choices.one_of((Deny, Revoke, Grant))
    operation = choices.one_of(OPERATIONS)
    change = replace(when.fault(verb(who, operation, "topic", name)), may_be_refused=True)
    if not choices.number(0, 3):
        return (change,)
    back = Grant if verb is Revoke else Revoke
    later = when.wait(choices.one_of(LASTS_US))
    return change, replace(later.fault(back(who, operation, "topic", name)), may_be_refused=True)


def _quota(choices: Choices, course: Course, when: When) -> tuple[Entry, ...]:
    """Allow a client less, or whoever has no quota of his own; mostly it is removed later."""
    if not course.has_quotas:
        return ()
    entity = choices.one_of((*[f"client-id={client}" for client in course.clients], "client-id=<default>"))
    limit, value = "producer_byte_rate", str(choices.one_of(BYTES))
    if not choices.number(0, 3):
        limit, value = "request_percentage", str(choices.one_of((1, 10)))
    change = replace(when.fault(SetQuota(entity, limit, value)), may_be_refused=True)
    if not choices.number(0, 3):
        return (change,)
    later = when.wait(choices.one_of(LASTS_US))
    return change, replace(later.fault(SetQuota(entity, limit, None)), may_be_refused=True)


KINDS = (
    Kind("right", GOVERNANCE, (Grant, Deny, Revoke), _right),
    Kind("quota", GOVERNANCE, (SetQuota,), _quota, breaks=frozenset({"isolation"})),
)
