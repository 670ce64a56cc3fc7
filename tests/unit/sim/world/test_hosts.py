"""Hosts come and go; links exist once they are used, and are what the last verb about them says."""

from typing import Any

import pytest

from sim.world.kernel import World
from sim.world.network import Endpoint, Host, LinkState, Network
from sim.world.network.link import LinkQuality


class Listener:
    """A network with one host that accepts everybody; `heard` is what it was sent and told, by whom."""

    def __init__(self, quality: LinkQuality | None = None) -> None:
        self.world = World(seed=1)
        self.network = Network(self.world, quality)
        self.host = self.network.add_host("server")
        self.host.on_connection = self._accept
        self.heard: list[tuple[str, int, Any]] = []

    def _accept(self, endpoint: Endpoint) -> None:
        endpoint.on_received = lambda payload: self.heard.append((*endpoint.opener[:2], payload))
        endpoint.on_closed = lambda reason: self.heard.append((*endpoint.opener[:2], reason))

    def run(self, microseconds: int = 10_000) -> None:
        self.world.run_until(self.world.now_us + microseconds)

    def connect(self, client: Host, *, connection: int = 1, target: str = "server") -> tuple[list[Endpoint], list[str]]:
        """Open a stream; gives what was opened and why it failed."""
        opened: list[Endpoint] = []
        failed: list[str] = []
        self.network.connect(client, target, connection=connection, on_open=opened.append, on_failed=failed.append)
        self.run()
        return opened, failed


def links_in_use(network: Network) -> list[tuple[str, str]]:
    return sorted((source, target) for source, links in network._links.items() for target in links)


def test_a_hundred_hosts_that_say_nothing_have_no_link() -> None:
    listener = Listener()
    clients = [listener.network.add_host(f"c{number}") for number in range(100)]

    listener.connect(clients[7])

    assert links_in_use(listener.network) == [("c7", "server"), ("server", "c7")]


def test_a_link_made_late_draws_what_it_would_have_drawn_from_the_start() -> None:
    early, late = Listener(), Listener()
    for listener in (early, late):
        client = listener.network.add_host("c1")
        if listener is early:
            listener.network.link("c1", "server")
        listener.run(5_000_000 - listener.world.now_us)
        (end,), _ = listener.connect(client)
        end.send(b"x")
        listener.run()

    assert [early.world.chance("network/c1->server").bits()] == [late.world.chance("network/c1->server").bits()]


def test_a_host_that_leaves_takes_its_links_and_their_chance_along_and_its_peer_hears_of_the_end() -> None:
    listener = Listener()
    (end,), _ = listener.connect(listener.network.add_host("c1"))
    end.send(b"last words")

    listener.network.remove_host("c1")
    listener.run()

    assert listener.heard == [("c1", 1, b"last words"), ("c1", 1, "closed by peer")]
    assert list(listener.network.hosts) == ["server"]
    assert links_in_use(listener.network) == []
    assert not listener.host.endpoints
    assert not listener.world._streams


def test_thousands_of_hosts_that_come_and_go_leave_nothing_behind() -> None:
    listener = Listener()

    for number in range(3_000):
        (end,), _ = listener.connect(listener.network.add_host(f"c{number}"))
        end.send(b"hello")
        listener.network.remove_host(f"c{number}")
        listener.run()

    assert len(listener.heard) == 6_000
    assert list(listener.network.hosts) == ["server"]
    assert not listener.world._streams
    assert not listener.world._queue


def test_bytes_that_are_held_arrive_though_their_host_has_left_and_only_then_is_it_gone() -> None:
    listener = Listener()
    (end,), _ = listener.connect(listener.network.add_host("c1"))
    listener.network.hold("c1", "server", one_way=True)
    end.send(b"held")

    listener.network.remove_host("c1")
    listener.run()
    assert listener.heard == []
    assert "c1" in listener.network.hosts
    listener.network.open("c1", "server")
    listener.run()

    assert listener.heard == [("c1", 1, b"held"), ("c1", 1, "closed by peer")]
    assert "c1" not in listener.network.hosts


def test_a_host_that_comes_back_before_its_held_bytes_went_is_there_again() -> None:
    listener = Listener()
    listener.connect(listener.network.add_host("c1"))
    listener.network.hold("c1")
    listener.network.remove_host("c1")

    again = listener.network.add_host("c1")
    listener.network.open("c1")

    assert again.is_up
    assert listener.network.host("c1") is again
    assert listener.connect(again, connection=2)[0]


def test_the_chance_of_a_host_that_left_begins_anew_with_its_return() -> None:
    listener = Listener()
    first: list[int] = []
    second: list[int] = []
    for drawn in (first, second):
        listener.connect(listener.network.host_at("c1"))
        drawn.append(listener.world.chance("network/c1->server").bits())
        listener.network.remove_host("c1")

    assert first == second


@pytest.mark.parametrize("leaves_on_the_way", [False, True])
def test_who_connects_to_a_host_that_is_not_there_is_told(leaves_on_the_way: bool) -> None:
    listener = Listener()
    client = listener.network.add_host("c1")
    opened: list[Endpoint] = []
    failed: list[str] = []
    if not leaves_on_the_way:
        listener.network.remove_host("server")

    listener.network.connect(client, "server", connection=1, on_open=opened.append, on_failed=failed.append)
    if leaves_on_the_way:
        listener.network.remove_host("server")
    listener.run()

    assert failed == ["unknown host"]
    assert opened == []


def test_every_client_of_one_address_is_on_one_host_and_a_fault_of_its_links_strikes_them_all() -> None:
    listener = Listener()
    first, _ = listener.connect(listener.network.host_at("10.0.0.7"), connection=1)
    second, _ = listener.connect(listener.network.host_at("10.0.0.7"), connection=2)

    listener.network.hold("10.0.0.7")
    for (end,) in (first, second):
        end.send(b"x")
    listener.run()
    assert listener.heard == []
    listener.network.open("10.0.0.7")
    listener.run()

    assert listener.heard == [("10.0.0.7", 1, b"x"), ("10.0.0.7", 2, b"x")]


@pytest.mark.parametrize(
    "verbs, state",
    [
        ([("cut", "server", None)], LinkState.CUT),
        ([("cut", "c1", None)], LinkState.CUT),
        ([("cut", "server", None), ("open", "server", None)], LinkState.OPEN),
        ([("cut", "server", None), ("open", "c1", None)], LinkState.OPEN),
        ([("cut", "server", None), ("hold", "c1", None)], LinkState.HELD),
        ([("hold", "c1", None), ("cut", "server", None)], LinkState.CUT),
        ([("cut", "server", None), ("open", "server", "c1")], LinkState.OPEN),
        ([("hold", "c1", "server")], LinkState.HELD),
        ([("hold", "c1", "server"), ("cut", "server", None)], LinkState.CUT),
    ],
)
def test_a_link_made_after_the_verbs_is_as_if_it_had_been_there(
    verbs: list[tuple[str, str, str | None]], state: LinkState
) -> None:
    early, late = Listener(), Listener()
    for listener in (early, late):
        listener.network.add_host("c1")
    early.network.link("c1", "server")

    for listener in (early, late):
        for verb, name, other in verbs:
            getattr(listener.network, verb)(name, other)

    assert early.network.link("c1", "server").state is state
    assert late.network.link("c1", "server").state is state


def test_one_way_of_everybody_leaves_the_other_way_open_for_those_who_come_later() -> None:
    network = Listener().network

    network.cut("server", one_way=True)
    network.add_host("c1")

    assert network.link("server", "c1").state is LinkState.CUT
    assert network.link("c1", "server").state is LinkState.OPEN


def test_opening_everything_opens_what_comes_later_too() -> None:
    network = Listener().network
    network.add_host("c1")
    network.hold("server")
    network.link("c1", "server")

    network.open_all()
    network.add_host("c2")

    assert network.link("c1", "server").state is LinkState.OPEN
    assert network.link("c2", "server").state is LinkState.OPEN


def test_there_is_no_link_to_oneself_nor_to_nobody() -> None:
    network = Listener().network

    for target in ("server", "nobody"):
        with pytest.raises(KeyError):
            network.link("server", target)
    with pytest.raises(ValueError, match="host 'server' exists already"):
        network.add_host("server")


def test_an_address_leads_to_the_host_that_was_published_under_it() -> None:
    network = Listener().network

    network.publish(("kafka.example", 19_092), "server")

    assert network.name_at(("kafka.example", 19_092)) == "server"
    assert network.name_at(("server", 9_092)) == "server"
