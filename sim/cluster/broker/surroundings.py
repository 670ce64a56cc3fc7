"""What every part of one life of a broker shares: where it runs, what it knows of the cluster, and whom it can reach.

The parts know this and not each other; `process.py` puts them together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from sim.cluster.broker.metadata_image import MetadataImage
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.config import ClusterConfig
    from sim.cluster.messages import AlterPartition
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Endpoint, Host, Network
    from sim.world.network.connecting import Connecting


class Surroundings(ABC):
    """The machine and the metadata of one life. A class, not a Protocol: its fields are read at every step of a run."""

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
        self.world = world
        self.trace = trace
        self.config = config
        self.host = host
        self.disk = disk
        self.broker_id = broker_id
        self.image = MetadataImage(config)
        self.is_closing = False
        """Whether this life is on its way out, and serves nobody any more."""
        self.controller_host = config.controller_hosts[0]
        """Which controller is believed to be active."""
        self._network = network
        self._connections = 0

    @property
    @abstractmethod
    def broker_epoch(self) -> int:
        """What the controller gave this life at its registration; -1 before."""

    @abstractmethod
    def propose_isr(self, message: AlterPartition) -> None:
        """Ask the controller to commit another ISR; the answer comes back through `Partition.isr_answered`."""

    @abstractmethod
    def can_write(self, log_directory: int) -> bool:
        """Whether a log directory works. Who asks finds out that it does not, and then every replica there is offline."""

    @abstractmethod
    def log_start_moved(self) -> None:
        """The log of a replica here begins later than it did: that is to be written down, sooner or later."""

    @abstractmethod
    def log_rolled(self, tp: TopicPartition) -> None:
        """A replica here closed a segment: what it held is to be flushed."""

    @abstractmethod
    def log_cut(self, tp: TopicPartition, to_offset: int) -> None:
        """The log of a replica here ends there now, or begins there: what was cleaned behind it was something else."""

    def look_for_controller(self, leader: str = "") -> None:
        """Turn to the controller that is named, or to the next one of all there are."""
        hosts = self.config.controller_hosts
        if leader in hosts:
            self.controller_host = leader
        elif len(hosts) > 1:
            self.controller_host = hosts[(hosts.index(self.controller_host) + 1) % len(hosts)]

    @property
    def now_ms(self) -> int:
        """What this broker's clock shows, in epoch milliseconds."""
        return (self.config.epoch_us + self.calendar_us) // MILLISECOND_US

    @property
    def calendar_us(self) -> int:
        """What this broker's clock shows, counted as the world's time is, which it may be ahead of or behind."""
        return self.world.now_us + self.host.clock_offset_us

    def connect(
        self, target: str, *, on_open: Callable[[Endpoint], object], on_failed: Callable[[str], object]
    ) -> Connecting:
        """Open a stream to another host."""
        self._connections += 1
        return self._network.connect(
            self.host, target, connection=self._connections, on_open=on_open, on_failed=on_failed
        )

    def is_eligible(self, broker: int, broker_epoch: int) -> bool:
        """Whether a follower may be in sync: in service, not about to stop, registered under the epoch it fetches with (KIP-903)."""
        known = self.image.brokers.get(broker)
        return known is not None and known.is_active and known.broker_epoch == broker_epoch

    def is_superseded(self, broker: int, broker_epoch: int) -> bool:
        """Whether that registration is over, as far as this broker knows: a later one of that broker is in service."""
        known = self.image.brokers.get(broker)
        return known is not None and not known.is_fenced and known.broker_epoch > broker_epoch
