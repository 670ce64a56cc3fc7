"""A broker as the host of replicas: which partitions are here, what waits for them, and what coordinators need besides.

Coordinators know no more of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.purgatory import Purgatory
from sim.cluster.broker.surroundings import Surroundings

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.add_partitions_sender import AddPartitionsSender
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.producer_ids import ProducerIds
    from sim.cluster.config import ClusterConfig
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Host, Network


class HostingBroker(Surroundings):
    """A broker with replicas."""

    producer_ids: ProducerIds
    """Those that this broker hands out."""
    add_partitions: AddPartitionsSender
    """The way to the coordinators of transactions that write to partitions which this broker leads."""

    def __init__(
        self,
        *,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        network: Network,
        host: Host,
        disk: Disk,
        broker_id: int,
    ) -> None:
        super().__init__(
            world=world, trace=trace, config=config, network=network, host=host, disk=disk, broker_id=broker_id
        )
        self.purgatory = Purgatory(world, host)
        self.partitions: dict[TopicPartition, Partition] = {}
        """The replicas on this broker."""
        self.offline: dict[TopicPartition, bytes] = {}
        """Those in a log directory that failed, each with the id of its topic (HostedPartition.Offline)."""

    def code_without_replica(self, tp: TopicPartition) -> Code:
        """Say why a partition that has no replica here is not served (ReplicaManager.getPartitionOrError)."""
        if tp in self.offline:
            return Code.KAFKA_STORAGE_ERROR
        return Code.NOT_LEADER_OR_FOLLOWER if tp in self.image.partitions else Code.UNKNOWN_TOPIC_OR_PARTITION
