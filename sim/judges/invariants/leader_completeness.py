"""Leader completeness: whoever is elected cleanly has every committed record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.metadata_states import NO_LEADER
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import LeaderElected

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


class LeaderCompleteness(Invariant):
    """Looks into the disk of each broker that is elected."""

    NAME = "leader completeness"
    PROMISE = "a leader that was elected cleanly has every committed record on its disk"

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {LeaderElected: self._elected}

    def _elected(self, event: LeaderElected) -> None:
        if event.leader == NO_LEADER or event.is_unclean:
            return
        tp, chronicle = TopicPartition(event.topic, event.partition), self.chronicle
        if chronicle.has_committed(tp, event.leader):
            return
        if not chronicle.may_lack(tp, event.leader, event.isr):
            end_offset = chronicle.committed_in(tp)[-1].last_offset + 1
            self.breach(
                f"b{event.leader} is elected for {tp} without everything that is committed up to offset {end_offset}: its log "
                f"ends at {self.disks.end(event.leader, tp)}"
            )
        elif chronicle.counts_with_what_it_has(tp, event.leader):
            chronicle.give_up(tp, event.leader, event.leader_epoch, chronicle.why_lacking(tp, event.leader))

    def look(self) -> None:
        for broker, tp, replica in self.disks.replicas():
            # A leader that was deposed without knowing it has what it had.
            is_here = not self.chronicle.is_of_former_topic(broker, tp)
            if is_here and replica.is_leader and self.chronicle.counts(tp, replica.leader_epoch):
                state = self.chronicle.state(tp)
                is_current = state is not None and state.leader_epoch == replica.leader_epoch
                if is_current and not self.chronicle.has_committed(tp, broker):
                    self.breach(f"b{broker} leads {tp} without everything that is committed")
