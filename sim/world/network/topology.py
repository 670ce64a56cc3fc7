"""Who hears whom at this moment, as a graph that can be asked (networkx)."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING

from sim.world.network.link import LinkState

if TYPE_CHECKING:
    import networkx as nx

    from sim.world.network.host import HostName
    from sim.world.network.network import Network


def topology(network: Network) -> nx.DiGraph[HostName]:
    """Draw an arrow from each running host to each that hears it: a link that is open, or would be if it were used.

    The graph is of this moment and stays as it is when the network changes.
    """
    # Importing it costs as much as ten runs: who asks nothing of the kind does not pay.
    import networkx as nx

    running = [name for name, host in network.hosts.items() if host.is_up]
    graph: nx.DiGraph[HostName] = nx.DiGraph()
    graph.add_nodes_from(running)
    graph.add_edges_from(
        (source, target)
        for source, target in permutations(running, 2)
        if network.link_state(source, target) is LinkState.OPEN
    )
    return graph


def islands(network: Network) -> list[list[HostName]]:
    """Give the groups of running hosts in which each hears each other, directly or by way of others.

    One group: the network is whole. The order is that in which hosts were added.
    """
    import networkx as nx

    order = {name: place for place, name in enumerate(network.hosts)}
    found = [sorted(group, key=order.__getitem__) for group in nx.strongly_connected_components(topology(network))]
    return sorted(found, key=lambda group: order[group[0]])
