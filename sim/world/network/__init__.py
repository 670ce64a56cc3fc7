"""Hosts, links and ordered byte streams between them, with every way in which a network disappoints."""

from sim.world.network.host import Host, HostState
from sim.world.network.link import Link, LinkState
from sim.world.network.network import Network
from sim.world.network.outbox import SocketBuffers
from sim.world.network.stream import Endpoint
from sim.world.network.topology import islands, topology

__all__ = ["Endpoint", "Host", "HostState", "Link", "LinkState", "Network", "SocketBuffers", "islands", "topology"]
