"""What the members of a group read, all together: by names, and by what their regular expressions match."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sim.cluster.coordinators.groups.consumer.member import ConsumerMember
    from sim.cluster.coordinators.groups.consumer.regular_expressions import Resolved


def topics_of(member: ConsumerMember, resolved: Mapping[str, Resolved]) -> tuple[str, ...]:
    """Give the topics that a member reads. An expression that is not resolved yet matches none."""
    found = resolved.get(member.topic_regex)
    if found is None:
        return member.topic_names
    return tuple(sorted(dict.fromkeys((*member.topic_names, *found.topics))))


def all_topics(members: Iterable[ConsumerMember], resolved: Mapping[str, Resolved]) -> tuple[str, ...]:
    """Give the topics that any of them reads, in alphabetical order."""
    return tuple(sorted(dict.fromkeys([topic for member in members for topic in topics_of(member, resolved)])))


def subscribed_to(members: Iterable[ConsumerMember], regex: str) -> int:
    """Count the members that subscribe to a regular expression."""
    return sum(1 for member in members if member.topic_regex == regex)


def regexes_of(members: Iterable[ConsumerMember]) -> tuple[str, ...]:
    """Give the regular expressions to which any of them subscribes."""
    return tuple(dict.fromkeys([member.topic_regex for member in members if member.topic_regex]))


def are_alike(members: Iterable[ConsumerMember]) -> bool:
    """Whether all read the same, by names or by one regular expression (Kafka's SubscriptionType)."""
    wanted = {(member.topic_names, member.topic_regex) for member in members}
    return len(wanted) <= 1 and not any(names and regex for names, regex in wanted)
