"""What the controller decides about topics and partitions, as events of the trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.trace.events import (
    IsrChanged,
    LeaderElected,
    PartitionsAdded,
    ReplicasReassigned,
    TopicCreated,
    TopicDeleted,
)

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World


class Announcements:
    """One verb an event."""

    __slots__ = ("_trace", "_world")

    def __init__(self, world: World, trace: Trace) -> None:
        self._world = world
        self._trace = trace

    def topic_created(self, config: TopicConfig, replication_factor: int) -> None:
        """A topic is there, with the values that are in effect for it."""
        self._trace.emit(
            TopicCreated(
                self._world.now_us,
                config.name,
                config.partitions,
                replication_factor,
                config.min_insync_replicas,
                config.timestamp_type,
            )
        )

    def topic_deleted(self, topic: str) -> None:
        """A topic is gone."""
        self._trace.emit(TopicDeleted(self._world.now_us, topic))

    def partitions_added(self, topic: str, count: int) -> None:
        """A topic has that many partitions now."""
        self._trace.emit(PartitionsAdded(self._world.now_us, topic, count))

    def moved(self, state: PartitionState) -> None:
        """A partition is on other brokers, or on its way there."""
        now_us = self._world.now_us
        self._trace.emit(
            ReplicasReassigned(now_us, *state.tp, state.replicas, state.adding_replicas, state.removing_replicas)
        )

    def isr_changed(self, state: PartitionState) -> None:
        """Others are in sync, or eligible, under the same leader."""
        self._trace.emit(
            IsrChanged(
                self._world.now_us,
                *state.tp,
                state.leader,
                state.leader_epoch,
                state.isr,
                state.eligible_leader_replicas,
            )
        )

    def elected(self, state: PartitionState, *, is_unclean: bool) -> None:
        """Somebody leads, or nobody, by a new epoch."""
        self._trace.emit(
            LeaderElected(
                self._world.now_us,
                *state.tp,
                state.leader,
                state.leader_epoch,
                state.isr,
                state.replicas,
                state.eligible_leader_replicas,
                is_unclean,
            )
        )
