"""Several registries of one cluster: names, lives, and the topic that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.topic_config import TopicConfig
from sim.registry.core.state import DEFAULT_LEVEL, State
from sim.registry.node.log import TOPIC
from sim.registry.node.lone import LoneRegistry
from sim.registry.node.names import registry_host
from sim.registry.node.node import PORT, RegistryNode
from sim.registry.registry import Registry
from sim.world.network import HostState
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.cluster import Cluster

FACTOR = 3
"""kafkastore.topic.replication.factor, as far as there are brokers."""


BEGINS_AGAIN_US = SECOND_US
"""Who looks after a process waits so long before it is begun again."""


class Registries:
    """`registry-1`, `registry-2` and so on, and others apart from them. A verb that makes no sense now raises ValueError, saying why."""

    def __init__(
        self, cluster: Cluster, count: int = 1, *, default_level: str = DEFAULT_LEVEL, apart: Sequence[str] = ()
    ) -> None:
        """Nobody runs before `begin`. `apart` are hosts of registries that share nothing with these, nor with each other."""
        if count < 0 or not (count or apart):
            msg = f"{count} registries, at least 1 is needed"
            raise ValueError(msg)
        self._cluster = cluster
        self._default_level = default_level
        self._names = tuple(registry_host(number) for number in range(1, count + 1))
        self._apart = {name: Registry(default_level) for name in apart}
        self.nodes: dict[str, RegistryNode] = {}
        """The latest life of each that is not apart."""
        self.lone: dict[str, LoneRegistry] = {}
        """The latest life of each that is."""
        self.state_type: type[State] = State
        """In what each life that begins from now on keeps its log's word."""
        self._to_begin: set[str] = set()
        """Those that could not begin after a heal, and are begun again."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where clients of the simulated network find them."""
        return tuple((name, PORT) for name in self._names)

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who takes itself for the leader: two, where the group is split."""
        return tuple(name for name, node in self.nodes.items() if not node.is_over and node.is_leader)

    def is_settled(self) -> bool:
        """Whether every one that lives, or is about to, serves, and all know the same leader."""
        living = [node for node in self.nodes.values() if not node.is_over]
        return not self._names or (
            not self._to_begin
            and all(node.is_serving for node in living)
            and len({node.leader for node in living}) == 1
            and any(node.is_leader for node in living)
        )

    def begin(self) -> None:
        """Create the topic, if it is not there, and start all."""
        if self._names:
            self._create_topic()
        for name in (*self._names, *self._apart):
            self.start(name)

    def start(self, name: str) -> None:
        """Start one; it knows nothing before it has read the log."""
        known = (*self._names, *self._apart)
        if name not in known:
            raise ValueError(f"there is no registry {name!r}, registries are {', '.join(known)}")
        last = self._latest(name)
        if last is not None and not last.is_over:
            raise ValueError(f"{name} runs already")
        if name in self._apart:
            lone = self.lone[name] = LoneRegistry(self._cluster, name, self._apart[name])
            lone.begin()
            return
        self._to_begin.discard(name)
        node = self.nodes[name] = RegistryNode(
            self._cluster, name, default_level=self._default_level, state_type=self.state_type
        )
        node.begin()

    def stop(self, name: str) -> None:
        """Ask one to end in good order."""
        self._living(name).stop()

    def kill(self, name: str) -> None:
        """End one at once."""
        self._living(name).kill()

    def pause(self, name: str) -> None:
        """Let one stand still; its sockets fill."""
        registry = self._living(name)
        if registry.host.state is HostState.PAUSED:
            raise ValueError(f"{name} stands still already")
        registry.host.pause()

    def resume(self, name: str) -> None:
        """Let a paused one go on."""
        registry = self._living(name)
        if registry.host.state is not HostState.PAUSED:
            raise ValueError(f"{name} does not stand still")
        registry.host.resume()

    def slow(self, name: str, factor: int) -> None:
        """Let one take so many times as long over each request, until it is healed."""
        self._living(name).slowness = factor

    def repair(self) -> None:
        """Let the paused go on."""
        for registry in self._lives():
            if not registry.is_over and registry.host.state is HostState.PAUSED:
                registry.host.resume()

    def heal(self) -> None:
        """Let every one run, as fast as it can; whoever was dead begins to read the log now.

        One that cannot, as it believes a leader of before, say, ends at once, as Confluent's does, which sends a record once and
        never again; it is begun again until it can.
        """
        self.repair()
        for registry in self._lives():
            registry.slowness = 1
            if registry.is_over:
                self.start(registry.name)
        for name in self.nodes:
            self._look_after(name)

    def _look_after(self, name: str) -> None:
        self.nodes[name].on_not_begun = lambda: self._begin_later(name)

    def _begin_later(self, name: str) -> None:
        self._to_begin.add(name)
        self._cluster.world.call_in(BEGINS_AGAIN_US, self._begin_again, name)

    def _begin_again(self, name: str) -> None:
        if name in self._to_begin:
            self.start(name)
            self._look_after(name)

    def _lives(self) -> list[RegistryNode | LoneRegistry]:
        return [*self.nodes.values(), *self.lone.values()]

    def _latest(self, name: str) -> RegistryNode | LoneRegistry | None:
        return self.lone.get(name) if name in self._apart else self.nodes.get(name)

    def _living(self, name: str) -> RegistryNode | LoneRegistry:
        registry = self._latest(name)
        if registry is None or registry.is_over:
            raise ValueError(f"{name} does not run")
        return registry

    def _create_topic(self) -> None:
        config = self._cluster.config
        if any(tp.topic == TOPIC for tp in self._cluster.controller.metadata.partitions):
            return
        self._cluster.create_topic(
            TopicConfig(
                TOPIC,
                partitions=1,
                replication_factor=min(FACTOR, config.brokers),
                min_insync_replicas=1,
                cleanup_policy=("compact",),
            )
        )
