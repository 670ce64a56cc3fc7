"""Lingering: a member said goodbye, its coordinator could not write that down, and from then on nobody misses it.

By the consumer protocol Kafka cancels a member's timers before the records are written by which it goes
(GroupMetadataManager.consumerGroupFenceMembers). Where those are refused, for too few replicas in sync, the member is there again and its
timers are not (CoordinatorContext.failCurrentBatch takes back the state alone). A consumer says goodbye once: what it owned stays with it
until another coordinator reads the group back. What such a group has not read is no finding of a search.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.record_kinds import MEMBER_METADATA
from sim.cluster.coordinators.messages import number_of
from sim.cluster.internal_topics import CONSUMER_OFFSETS
from sim.judges.guarantees.unread import NAME as UNREAD
from sim.judges.guarantees.unread import name_of_group
from sim.trace.events import (
    BatchAppended,
    GroupMemberHeard,
    GroupMemberLeft,
    RecordRead,
    RequestReceived,
    ResponseSent,
)
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from sim.judges.report import Report

MISSED_US = 60 * SECOND_US
"""So long after all is healed whoever is silent is gone: longer than a session."""
_HEARTBEAT = "ConsumerGroupHeartbeat"


def lingering_groups(report: Report) -> frozenset[str]:
    """Name the groups that had a member for too long, in the log of their coordinator, whose goodbye had been answered.

    A goodbye that never arrived, or got no answer, does not count: such a member is missed.
    """
    left_us = _left_us(report)
    if not left_us:
        return frozenset()
    ended_us = report.trace[-1].at_us
    return frozenset(
        group
        for (group, member), until_us in _members_until_us(report).items()
        if (group, member) in left_us
        and (ended_us if until_us is None else until_us) > max(left_us[group, member], report.healed_us) + MISSED_US
    )


def is_unread_for_lingering(report: Report) -> bool:
    """Whether nobody but groups in which somebody lingers was not given what it was to read."""
    groups = tuple(f" {name_of_group(group)} " for group in sorted(lingering_groups(report)))
    findings = [finding for verdict in report.violated if verdict.guarantee == UNREAD for finding in verdict.findings]
    return bool(groups and findings) and all(any(group in finding.what for group in groups) for finding in findings)


def _left_us(report: Report) -> dict[tuple[str, str], int]:
    """When each member left, by its group and id, whose goodbye was answered."""
    asked: dict[str, tuple[int, int, int]] = {}
    ids: dict[tuple[str, str], str] = {}
    left_us: dict[tuple[str, str], int] = {}
    for event in report.trace:
        match event:
            case RequestReceived(api=api) if api == _HEARTBEAT:
                asked[event.client] = (event.broker, event.connection, event.correlation_id)
            case ResponseSent(api=api) if api == _HEARTBEAT:
                if asked.get(event.client) == (event.broker, event.connection, event.correlation_id):
                    del asked[event.client]
            case GroupMemberHeard():
                ids[event.client, event.group] = event.member
            case GroupMemberLeft() if event.client not in asked and (event.client, event.group) in ids:
                left_us[event.group, ids[event.client, event.group]] = event.at_us
            case _:
                pass
    return left_us


def _members_until_us(report: Report) -> dict[tuple[str, str], int | None]:
    """Until when each member was one, by its group and id, as its coordinator's log says that is read back; None for the end."""
    appended_us: dict[tuple[int, int], int] = {}
    until_us: dict[tuple[str, str], int | None] = {}
    for event in report.trace:
        match event:
            case BatchAppended(topic=topic) if topic == CONSUMER_OFFSETS:
                appended_us |= {
                    (event.partition, offset): event.at_us for offset in range(event.base_offset, event.last_offset + 1)
                }
            case RecordRead(topic=topic) if topic == CONSUMER_OFFSETS and event.key:
                if number_of(event.key) == MEMBER_METADATA.number:
                    key = MEMBER_METADATA.read_key(event.key)
                    gone_us = appended_us[event.partition, event.offset]
                    until_us[key.group_id, key.member_id] = gone_us if event.value is None else None
            case _:
                pass
    return until_us
