"""What an application waits for before a phase: a point in the protocol, or a state of the cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.clients.virtual_driver import Gate
from sim.faults.armed import matches
from sim.faults.schedule import After
from sim.faults.text import topic_partition
from sim.trace.events import BrokerResumed, BrokerStarted, BrokerUnfenced, IsrChanged, LeaderElected
from sim.trace.trace import EVENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

    import simpy

    from sim.cluster.cluster import Cluster
    from sim.trace.trace import Event


@dataclass(frozen=True, slots=True)
class InSync:
    """A partition is led, and each of its replicas is in the ISR. Raises FaultTextError for what is no partition."""

    partition: str

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    def __str__(self) -> str:
        return f"{self.partition} in sync"

    def holds(self, cluster: Cluster) -> bool:
        """Whether it is so now; a partition that is not there yet is not."""
        state = cluster.controller.metadata.partitions.get(topic_partition(self.partition))
        return state is not None and state.leader >= 0 and len(state.isr) == len(state.replicas)


@dataclass(frozen=True, slots=True)
class Led:
    """A partition has a leader whose process runs. Raises FaultTextError for what is no partition."""

    partition: str

    def __post_init__(self) -> None:
        topic_partition(self.partition)

    def __str__(self) -> str:
        return f"{self.partition} led"

    def holds(self, cluster: Cluster) -> bool:
        """Whether it is so now; a partition that is not there yet is not."""
        state = cluster.controller.metadata.partitions.get(topic_partition(self.partition))
        if state is None or state.leader < 0:
            return False
        leader = cluster.brokers[state.leader]
        return leader.is_running and not leader.is_behind


Condition = After | InSync | Led
"""A point in the protocol, counted from the story's begin, or a state."""

CHANGES = (LeaderElected, IsrChanged, BrokerStarted, BrokerResumed, BrokerUnfenced)
"""After which events a state is looked at again."""


def in_sync(partition: str) -> InSync:
    """Wait until every replica of `orders-0` is in sync."""
    return InSync(partition)


def led(partition: str) -> Led:
    """Wait until a broker that runs leads `orders-0`."""
    return Led(partition)


class Waits:
    """Everything that the applications of one run wait for; it counts from the moment that it is made."""

    def __init__(self, cluster: Cluster, conditions: Iterable[Condition]) -> None:
        self._cluster = cluster
        self._something_changed = Gate(cluster.world)
        self._left: dict[After, int] = {}
        for condition in conditions:
            if isinstance(condition, After):
                self._count(condition)
            else:
                self._look_after(CHANGES)

    def until(self, condition: Condition) -> Generator[simpy.Event, Any, None]:
        """Wait, as part of a story, until it holds; at once if it does, or if its point was reached before."""
        while not self._holds(condition):
            yield from self._something_changed.wait()

    def _holds(self, condition: Condition) -> bool:
        return not self._left[condition] if isinstance(condition, After) else condition.holds(self._cluster)

    def _count(self, point: After) -> None:
        if point in self._left:
            return
        self._left[point] = point.nth

        def see(seen: Event) -> None:
            if self._left[point] and matches(seen, point.where, self._cluster):
                self._left[point] -= 1
                if not self._left[point]:
                    self._something_changed.open()

        self._cluster.trace.watch(EVENT_TYPES[point.event], see)

    def _look_after(self, events: tuple[type[Any], ...]) -> None:
        for event_type in events:
            self._cluster.trace.watch(event_type, lambda _: self._something_changed.open())
