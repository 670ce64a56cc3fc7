"""Hosts, links and ordered byte streams between them, with every way in which a network disappoints."""

from sim.network.host import Host, HostState
from sim.network.link import Link, LinkState
from sim.network.network import Network
from sim.network.stream import Endpoint

__all__ = ["Endpoint", "Host", "HostState", "Link", "LinkState", "Network"]
