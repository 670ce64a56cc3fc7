"""Who hears whom: one group while the network is whole, several while it is cut."""

import networkx as nx
import pytest

from sim.world.kernel import World
from sim.world.network import Network, islands, topology


@pytest.fixture
def network() -> Network:
    """Four hosts, and no link used yet."""
    network = Network(World(seed=1))
    for name in ("c", "b", "a", "d"):
        network.add_host(name)
    return network


def test_a_whole_network_is_one_group_in_the_order_in_which_hosts_came(network: Network) -> None:
    assert islands(network) == [["c", "b", "a", "d"]]


def test_a_host_that_is_cut_off_is_a_group_of_its_own(network: Network) -> None:
    network.cut("b")

    assert islands(network) == [["c", "a", "d"], ["b"]]


def test_who_hears_others_but_is_not_heard_does_not_belong_to_them(network: Network) -> None:
    network.cut("b", one_way=True)

    assert islands(network) == [["c", "a", "d"], ["b"]]
    assert set(topology(network).predecessors("b")) == {"a", "c", "d"}


def test_held_packets_do_not_reach_anybody_either(network: Network) -> None:
    network.hold("a", "b")
    network.hold("a", "c")
    network.hold("a", "d")

    assert islands(network) == [["c", "b", "d"], ["a"]]


def test_hosts_that_lost_one_link_hear_each_other_by_way_of_a_third(network: Network) -> None:
    network.cut("a", "b")

    assert islands(network) == [["c", "b", "a", "d"]]
    assert nx.shortest_path_length(topology(network), "a", "b") == 2


def test_what_was_opened_again_is_whole(network: Network) -> None:
    network.cut("a")
    network.open("a")

    assert islands(network) == [["c", "b", "a", "d"]]


def test_only_running_hosts_hear(network: Network) -> None:
    network.host("a").crash()
    network.host("b").pause()

    assert islands(network) == [["c", "d"]]


def test_a_graph_once_drawn_stays_as_it_was(network: Network) -> None:
    before = topology(network)

    network.cut("a")

    assert before.has_edge("a", "b")
    assert not topology(network).has_edge("a", "b")
