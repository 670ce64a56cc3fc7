"""A broker's own requests to another one: one in flight, answered in their order, or lost with their connection."""

from __future__ import annotations

from typing import Any

from producer.wire.api import ApiKey
from producer.wire.messages.describe_cluster import DescribeClusterRequest
from sim.cluster.peer_link import RECONNECT_BACKOFF_US, REQUEST_TIMEOUT_US, PeerLink, PeerLinkState
from sim.trace.events import RequestReceived
from tests.unit.sim.raw_client import Lab

NAME = "broker-1-test"


class Linked(Lab):
    """Broker 1 with a link to another one, or to itself."""

    def __init__(self, target: int = 2) -> None:
        super().__init__()
        process = self.cluster.brokers[1].process
        assert process is not None
        self.link = PeerLink(process, target, NAME)
        self.answers: list[Any] = []

    def ask(self) -> None:
        self.link.ask(ApiKey.DESCRIBE_CLUSTER, DescribeClusterRequest(), 2, self.answers.append)


def test_requests_are_answered_one_after_the_other_on_one_connection() -> None:
    lab = Linked()

    for _ in range(3):
        lab.ask()
    lab.run(0.1)

    assert [answer.cluster_id for answer in lab.answers] == ["acklab"] * 3
    received = lab.events(RequestReceived, client_id=NAME)
    assert [(event.broker, event.client, event.correlation_id) for event in received] == [
        (2, "b1", 1), (2, "b1", 2), (2, "b1", 3),
    ]  # fmt: skip
    assert len({event.connection for event in received}) == 1
    assert lab.link.state is PeerLinkState.READY


def test_a_broker_asks_itself_as_it_asks_another_and_no_fault_of_the_network_strikes_that() -> None:
    lab = Linked(target=1)
    lab.cluster.network.cut("b1")

    lab.ask()
    lab.run(0.1)

    assert [answer.cluster_id for answer in lab.answers] == ["acklab"]


def test_whoever_waits_hears_when_the_other_dies_and_the_next_request_waits_for_a_pause() -> None:
    lab = Linked()
    lab.ask()
    lab.run(0.1)
    lab.cluster.crash(2)
    lab.run(0.1)
    lab.ask()
    lab.ask()

    lab.run(0.1)

    assert lab.answers[1:] == [None, None]
    lab.cluster.restart(2)
    assert lab.settle()
    lab.ask()
    lab.run(RECONNECT_BACKOFF_US / 1_000_000 + 0.1)
    assert lab.answers[-1].cluster_id == "acklab"


def test_silence_ends_the_connection_after_half_a_minute_and_whoever_waits_behind_hears_so_too() -> None:
    lab = Linked()
    lab.ask()
    lab.run(0.1)
    lab.cluster.network.cut("b1", "b2")
    lab.ask()
    lab.ask()

    lab.run(REQUEST_TIMEOUT_US / 1_000_000 - 1)
    before = list(lab.answers)
    lab.run(2)

    assert len(before) == 1
    assert lab.answers[1:] == [None, None]


def test_a_link_that_has_ended_tells_nobody() -> None:
    lab = Linked()
    lab.ask()

    lab.link.end()
    lab.run(1)

    assert lab.answers == []
    assert lab.link.state is PeerLinkState.ENDED
