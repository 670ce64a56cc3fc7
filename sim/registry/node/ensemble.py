"""Several registries of one cluster: names, lives, and the topic that they share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.topic_config import TopicConfig
from sim.registry.core.state import DEFAULT_LEVEL
from sim.registry.node.log import TOPIC
from sim.registry.node.names import registry_host
from sim.registry.node.node import PORT, RegistryNode, is_paused

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

FACTOR = 3
"""kafkastore.topic.replication.factor, as far as there are brokers."""


class Registries:
    """`registry-1`, `registry-2` and so on. A verb that makes no sense now raises ValueError, saying why."""

    def __init__(self, cluster: Cluster, count: int = 1, *, default_level: str = DEFAULT_LEVEL) -> None:
        """Nobody runs before `begin`."""
        if count < 1:
            msg = f"{count} registries, at least 1 is needed"
            raise ValueError(msg)
        self._cluster = cluster
        self._default_level = default_level
        self._names = tuple(registry_host(number) for number in range(1, count + 1))
        self.nodes: dict[str, RegistryNode] = {}
        """The latest life of each."""

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """Where clients of the simulated network find them."""
        return tuple((name, PORT) for name in self._names)

    @property
    def leaders(self) -> tuple[str, ...]:
        """Who takes itself for the leader: two, where the group is split."""
        return tuple(name for name, node in self.nodes.items() if not node.is_over and node.is_leader)

    def is_settled(self) -> bool:
        """Whether every one that lives serves, and all know the same leader."""
        living = [node for node in self.nodes.values() if not node.is_over]
        return (
            all(node.is_serving for node in living)
            and len({node.leader for node in living}) == 1
            and any(node.is_leader for node in living)
        )

    def begin(self) -> None:
        """Create the topic, if it is not there, and start all."""
        self._create_topic()
        for name in self._names:
            self.start(name)

    def start(self, name: str) -> None:
        """Start one; it knows nothing before it has read the log."""
        if name not in self._names:
            raise ValueError(f"there is no registry {name!r}, registries are {', '.join(self._names)}")
        if name in self.nodes and not self.nodes[name].is_over:
            raise ValueError(f"{name} runs already")
        node = self.nodes[name] = RegistryNode(self._cluster, name, default_level=self._default_level)
        node.begin()

    def stop(self, name: str) -> None:
        """Ask one to end in good order."""
        self._living(name).stop()

    def kill(self, name: str) -> None:
        """End one at once."""
        self._living(name).kill()

    def pause(self, name: str) -> None:
        """Let one stand still; its sockets fill."""
        node = self._living(name)
        if is_paused(node):
            raise ValueError(f"{name} stands still already")
        node.host.pause()

    def resume(self, name: str) -> None:
        """Let a paused one go on."""
        node = self._living(name)
        if not is_paused(node):
            raise ValueError(f"{name} does not stand still")
        node.host.resume()

    def _living(self, name: str) -> RegistryNode:
        node = self.nodes.get(name)
        if node is None or node.is_over:
            raise ValueError(f"{name} does not run")
        return node

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
