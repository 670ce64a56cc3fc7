"""What the active controller decides with, for whoever answers a request: the log, the settings, the verbs about partitions."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.chance import Chance
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.configuration_control import ConfigurationControl
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.controller.replication_control import ReplicationControl
    from sim.world.kernel import World


class Decisions:
    """The parts of one controller. Whoever changes something through them ends with `metadata.commit`."""

    __slots__ = ("_world", "config", "configuration", "metadata", "replication")

    def __init__(
        self,
        world: World,
        config: ClusterConfig,
        metadata: MetadataLog,
        configuration: ConfigurationControl,
        replication: ReplicationControl,
    ) -> None:
        self._world = world
        self.config = config
        self.metadata = metadata
        self.configuration = configuration
        self.replication = replication

    def placement_of(self, topic: str) -> Chance:
        """Give the chance by which a topic is placed that clients create: each has its own, so one more moves no other."""
        return self._world.chance(f"replica placement/{topic}")
