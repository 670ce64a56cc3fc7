"""In-sync replicas: they are replicas, and each has everything committed; so has whoever is eligible to lead (KIP-966)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import HighWatermarkAdvanced, IsrChanged, LeaderElected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class InSyncReplicas(Invariant):
    """Holds the controller's ISR and ELR against the disks whenever they, or what is committed, change."""

    NAME = "in-sync replicas"
    PROMISE = "the ISR and the ELR are among the replicas, and each of their members has every committed record"

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {LeaderElected: self._elected, IsrChanged: self._changed, HighWatermarkAdvanced: self._advanced}

    def _elected(self, event: LeaderElected) -> None:
        tp = TopicPartition(event.topic, event.partition)
        self._hold(tp, event.isr, event.eligible_leader_replicas, event.replicas)

    def _changed(self, event: IsrChanged) -> None:
        tp = TopicPartition(event.topic, event.partition)
        state = self.chronicle.state(tp)
        if state is not None:
            self._hold(tp, event.isr, event.eligible_leader_replicas, state.replicas)

    def _advanced(self, event: HighWatermarkAdvanced) -> None:
        tp, _, replica = self.disks.here(event)
        if replica is not None and replica.is_leader and not self.chronicle.is_of_former_topic(event.broker, tp):
            state = self.chronicle.state(tp)
            if state is not None:
                if state.eligible_leader_replicas:
                    self.chronicle.note_passed_by(replica, state)
                self._hold(tp, state.isr, state.eligible_leader_replicas, state.replicas)

    def _hold(
        self, tp: TopicPartition, isr: tuple[int, ...], eligible: tuple[int, ...], replicas: tuple[int, ...]
    ) -> None:
        chronicle, members = self.chronicle, isr + eligible
        if not set(members).issubset(replicas) or len(set(members)) != len(members):
            self.breach(f"ISR {isr} and ELR {eligible} of {tp} are not of the replicas {replicas}, each once")
            return
        for broker in members:
            if not chronicle.has_committed(tp, broker) and not chronicle.may_lack(tp, broker, isr):
                end_offset = chronicle.committed_in(tp)[-1].last_offset + 1
                which = "ISR" if broker in isr else "ELR"
                self.breach(
                    f"b{broker} is in the {which} of {tp} without everything that is committed up to offset {end_offset}: "
                    f"its log ends at {self.disks.end(broker, tp)}"
                )
                return

    def look(self) -> None:
        for state in self.chronicle.states():
            self._hold(state.tp, state.isr, state.eligible_leader_replicas, state.replicas)
