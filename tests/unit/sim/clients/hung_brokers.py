"""Brokers that answer at first and then hang, each in its own way: in virtual time, so an hour of it is soon over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from sim.cluster.cluster import Cluster
from sim.cluster.config import ClusterConfig
from sim.cluster.topic_config import TopicConfig
from sim.trace.trace import Event, Trace
from sim.world.kernel import World
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from sim.world.network import Endpoint

TOPIC = "orders"
SETTLED_US = 10 * SECOND_US


class Forgetful(Trace):
    """A trace of a run of which nobody asks afterwards: whoever watches is told, and nothing is kept."""

    def emit(self, event: Event) -> None:
        super().emit(event)
        self.events.clear()


class HungBroker:
    """A cluster of one broker that works until it is told to hang."""

    def __init__(self, *, seed: int = 1) -> None:
        self.world = World(seed=seed)
        topic = TopicConfig(TOPIC, partitions=2, replication_factor=1, min_insync_replicas=1)
        config = ClusterConfig(brokers=1, topics=(topic,), follows_other_partitions=False)
        self.cluster = Cluster(self.world, Forgetful(), config)
        self.host = self.cluster.network.host("b1")
        self.cluster.start()
        self.world.run_until(SETTLED_US)

    @property
    def servers(self) -> str:
        return ",".join(f"{host}:{port}" for host, port in self.cluster.bootstrap)

    def clients(self) -> Iterator[Endpoint]:
        """The broker's ends of what clients opened."""
        return (end for end in list(self.host.endpoints.values()) if end.opener.host.startswith("producer-"))

    def pause(self) -> None:
        """The process stands still: its kernel takes connections and bytes, as long as it has room."""
        self.cluster.pause(1)

    def be_silent(self) -> None:
        """It accepts, reads, and answers nothing; what its clients end it ends as well."""
        self.host.on_connection = _say_nothing
        for end in self.clients():
            end.on_received = _ignore

    def be_deaf(self) -> None:
        """It accepts and reads nothing; once a second it ends what its clients have ended."""
        self.host.on_connection = _hear_nothing
        for end in self.clients():
            if end.is_heard:
                _hear_nothing(end)
            else:
                end.close()
        self.world.call_in(SECOND_US, self.be_deaf)

    def be_cut_off(self) -> None:
        """Nothing that it is sent arrives, and nothing that it sends."""
        self.cluster.network.cut("b1")

    def be_unheard(self) -> None:
        """What it is sent arrives, and nothing that it sends."""
        self.cluster.network.cut("b1", one_way=True)

    def lose_power(self) -> None:
        """The machine is off: whoever connects hears nothing."""
        self.host.lose_power()


WAYS: dict[str, Callable[[HungBroker], None]] = {
    "paused": HungBroker.pause,
    "silent": HungBroker.be_silent,
    "deaf": HungBroker.be_deaf,
    "cut off": HungBroker.be_cut_off,
    "unheard": HungBroker.be_unheard,
    "without power": HungBroker.lose_power,
}


def _ignore(_: object) -> None:
    return None


def _say_nothing(end: Endpoint) -> None:
    end.on_received = _ignore
    end.on_closed = _ignore


def _hear_nothing(end: Endpoint) -> None:
    end.on_received = _ignore
    end.mute()
