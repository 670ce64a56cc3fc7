"""Whether what a schedule names can ever be there: the brokers, partitions and hosts of a cluster that has not begun.

What is there but cannot be struck at its moment is another matter: the cluster refuses it then.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import TYPE_CHECKING

from sim.faults import AddPartitions, FaultTextError, Followers, Leader
from sim.faults.schedule import After
from sim.faults.text import topic_partition

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.faults.schedule import Entry, Schedule

HOSTS = ("controller", "producer-1")
"""Who else is on the network while a story is told."""

_WHOM = ("broker", "replica", "to", "source", "target")
"""Fields of faults that hold targets."""


class UnknownNameError(FaultTextError):
    """A schedule names what its cluster never has: the message says which entry, and what there is."""


def check_names(schedule: Schedule, config: ClusterConfig) -> None:
    """Raise UnknownNameError for what can never be there. An entry that may be refused may name anything."""
    known = _Known(schedule, config)
    for entry in schedule:
        reason = "" if entry.may_be_refused else next(filter(None, known.reasons(entry)), "")
        if reason:
            raise UnknownNameError(f"'{entry}' {reason}")


class _Known:
    """What there is, or will be, in one cluster. Every answer says why a name means nothing; empty if it may."""

    def __init__(self, schedule: Schedule, config: ClusterConfig) -> None:
        self._brokers = config.brokers
        self._creates_topics = config.auto_create_topics
        self._partitions = {topic.name: topic.partitions for topic in config.topics}
        for entry in schedule:
            fault = entry.fault
            if isinstance(fault, AddPartitions) and fault.topic in self._partitions:
                self._partitions[fault.topic] = max(fault.count, self._partitions[fault.topic])

    def reasons(self, entry: Entry) -> Iterator[str]:
        """Look at all that an entry names."""
        if isinstance(entry.when, After):
            for _, wanted in entry.when.where:
                if isinstance(wanted, (Leader, Followers)):
                    yield self._target(wanted)
        for field in fields(entry.fault):
            value = getattr(entry.fault, field.name)
            if field.name in _WHOM:
                yield from map(self._target, value if isinstance(value, tuple) else (value,))
            elif field.name == "partition" and value is not None:
                yield self._partition(value)
            elif field.name == "topic":
                yield self._topic(value)

    def _target(self, target: int | Leader | Followers | str | None) -> str:
        match target:
            case int():
                is_known = 1 <= target <= self._brokers
                return "" if is_known else f"names broker {target}, brokers are 1..{self._brokers}"
            case Leader(partition) | Followers(partition):
                return self._partition(partition)
            case str():
                hosts = (*HOSTS, *(f"b{broker}" for broker in range(1, self._brokers + 1)))
                return "" if target in hosts else f"names host {target!r}, hosts are {', '.join(hosts)}"
            case None:
                return ""

    def _partition(self, text: str) -> str:
        topic, partition = topic_partition(text)
        count = self._partitions.get(topic)
        if count is None:
            return self._topic(topic)
        return "" if partition < count else f"names partition {text}, {topic} has {count}"

    def _topic(self, topic: str) -> str:
        if topic in self._partitions or self._creates_topics:
            return ""
        return f"names topic {topic!r}, topics are {', '.join(self._partitions) or 'none'}"
