"""A schedule at work: it watches one run, and strikes when the moments come."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.faults import (
    Coordinator,
    Followers,
    Leader,
    NotInjectedError,
    RollingRestart,
    TransactionCoordinator,
)
from sim.faults.schedule import After, At, Entry, Schedule, Wanted
from sim.faults.targets import brokers
from sim.trace.events import FaultInjected, FaultRefused
from sim.trace.trace import EVENT_TYPES

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.trace.trace import Event, Trace
    from sim.world.kernel import World


@dataclass(slots=True)
class _Counter:
    """How many matching events an anchor still has to see."""

    left: int
    stop: Callable[[], None] = field(default=lambda: None)


class ArmedSchedule:
    """A schedule that watches one run and strikes. Every attempt is in the trace; `is_spent` once all were made."""

    def __init__(self, world: World, trace: Trace, cluster: Cluster, schedule: Schedule) -> None:
        """Arm every entry; the story begins now."""
        self._world = world
        self._trace = trace
        self._cluster = cluster
        self.schedule: Schedule = ()
        self.unfired: dict[int, Entry] = {}
        """Entries whose moment has not come yet, by their place."""
        self.refused: dict[int, str] = {}
        """Entries whose moment came but which had no effect, and why."""
        self.rolling: int | None = None
        """The place of the rolling restart that began last."""
        self.last_fired_us = world.now_us
        """When the last attempt was made."""
        self.last_due_us = world.now_us
        """The latest time that is known to be due; a point in the protocol counts once it was reached."""
        self._is_over = False
        for entry in schedule:
            self.add(entry)

    def add(self, entry: Entry) -> int:
        """Arm one more entry: its times, and its events, are counted from now. Gives its place."""
        place = len(self.schedule)
        self.schedule = (*self.schedule, entry)
        self.unfired[place] = entry
        match entry.when:
            case At(us):
                self._strike_in(us, place)
            case After():
                self._watch(place, entry.when)
        return place

    @property
    def is_spent(self) -> bool:
        return not self.unfired

    def disarm(self) -> None:
        """Strike no more: the story is over, and what has not come by now never will."""
        self._is_over = True
        if self._cluster.rolling_restart is not None and self.rolling is not None:
            self.refused[self.rolling] = "it was not through with every broker when the story ended"

    def withdraw(self) -> None:
        """Strike no more, and let nobody wait for it: what has not come by now is no part of this run."""
        self.unfired.clear()

    def _watch(self, place: int, anchor: After) -> None:
        counter = _Counter(anchor.nth)

        def see(seen: Event) -> None:
            if not matches(seen, anchor.where, self._cluster):
                return
            counter.left -= 1
            if counter.left == 0:
                counter.stop()
                if anchor.delay_us:
                    self._strike_in(anchor.delay_us, place)
                else:
                    self._world.call_first(self._strike, place)

        counter.stop = self._trace.watch(EVENT_TYPES[anchor.event], see)

    def _strike_in(self, delay_us: int, place: int) -> None:
        self.last_due_us = max(self.last_due_us, self._world.now_us + delay_us)
        self._world.call_in(delay_us, self._strike, place)

    def _strike(self, place: int) -> None:
        if self._is_over or place not in self.unfired:
            return
        entry = self.unfired.pop(place)
        self.last_fired_us = self._world.now_us
        now_us, fault = self._world.now_us, str(entry.fault)
        try:
            resolved = entry.fault.resolved(self._cluster)
            fault = str(resolved)
            self._trace.emit(FaultInjected(now_us, place, fault))
            resolved.inject(self._cluster)
            if isinstance(resolved, RollingRestart):
                self.rolling = place
        except (NotInjectedError, ValueError) as error:
            self.refused[place] = str(error)
            self._trace.emit(FaultRefused(now_us, place, fault, str(error)))


def matches(seen: Event, where: tuple[tuple[str, Wanted], ...], cluster: Cluster) -> bool:
    """Whether an event has those fields, roles taken as they are at this moment."""
    for name, wanted in where:
        found = getattr(seen, name)
        if isinstance(wanted, (Leader, Followers, Coordinator, TransactionCoordinator)):
            try:
                if found not in brokers(wanted, cluster):
                    return False
            except (NotInjectedError, ValueError):
                return False
        elif isinstance(found, bytes):
            if found != str(wanted).encode():
                return False
        elif found != wanted:
            return False
    return True
