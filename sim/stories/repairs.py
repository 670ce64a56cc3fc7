"""Who looks after a cluster while a story is told: knows who leads, opens links, lets the paused go on, starts the dead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.trace.events import LeaderElected, TopicDeleted
from sim.world.network import HostState

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.stories.fleet import Fleet


class Repairs:
    """What somebody does when the faults are over."""

    def __init__(self, cluster: Cluster, fleet: Fleet) -> None:
        """Look on from now on."""
        self._cluster = cluster
        self._fleet = fleet
        self._leaders: dict[tuple[str, int], int] = {}
        cluster.trace.watch(LeaderElected, self._note_leader)
        cluster.trace.watch(TopicDeleted, self._forget_topic)

    @property
    def topics(self) -> list[str]:
        """Every topic whose partitions were ever led, by name, the deleted ones left out."""
        return sorted({topic for topic, _ in self._leaders})

    def is_led(self) -> bool:
        """Whether a live broker leads each partition."""
        network = self._cluster.network
        return all(leader >= 0 and network.host(f"b{leader}").is_up for leader in self._leaders.values())

    def repair(self) -> None:
        """Open every link, set every clock right and let the paused go on; whoever crashed stays down."""
        network = self._cluster.network
        for source in list(network.hosts):
            # Whoever has left stays only as long as a link of its is held: it may go with the one that was opened before.
            if source in network.hosts:
                network.open(source)
        self._cluster.set_clocks_right()
        self._cluster.resume_controllers()
        for broker in self._brokers_in(HostState.PAUSED):
            self._cluster.resume(broker)
        if self._cluster.registries is not None:
            self._cluster.registries.repair()
        if self._cluster.keys is not None:
            self._cluster.keys.repair()
        if self._cluster.gateway is not None:
            self._cluster.gateway.repair()
        self._fleet.resume_all()

    def revive(self) -> None:
        """Start every broker and controller that is down or without power, on disks that work, and the gateway; a dead application stays dead."""
        self._cluster.restart_controllers()
        self._cluster.repair_log_directories()
        for broker in self._brokers_in(HostState.DOWN, HostState.OFF):
            self._cluster.restart(broker)
        if self._cluster.registries is not None:
            self._cluster.registries.heal()
        if self._cluster.gateway is not None:
            self._cluster.gateway.heal()

    def _note_leader(self, event: LeaderElected) -> None:
        self._leaders[event.topic, event.partition] = event.leader

    def _forget_topic(self, event: TopicDeleted) -> None:
        self._leaders = {where: leader for where, leader in self._leaders.items() if where[0] != event.topic}

    def _brokers_in(self, *states: HostState) -> list[int]:
        network = self._cluster.network
        return [broker for broker in self._cluster.brokers if network.host(f"b{broker}").state in states]
