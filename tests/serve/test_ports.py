"""Ports follow the brokers behind them: whoever connects finds what it would find at a machine in that state."""

import socket
from time import monotonic

import pytest

from sim.serve.server import Server, Serving
from sim.serve.stage import Stage
from tests.serve.served import Served, answer, connected, correlation_id_of, metadata_request


def test_a_broker_answers_over_tcp_and_tells_the_ports_at_which_it_is_served() -> None:
    with Served(Stage(topics=("orders:3:3",))) as cluster, connected(cluster.address(2)) as client:
        client.sendall(metadata_request(correlation_id=7))
        payload = answer(client)

    assert correlation_id_of(payload) == 7
    for broker in (1, 2, 3):
        assert b"127.0.0.1" + cluster.address(broker)[1].to_bytes(4, "big") in payload
    assert b"orders" in payload


def test_a_crashed_broker_refuses_and_listens_on_the_same_port_after_its_restart() -> None:
    # A controller takes no registration of a broker whose last life it still believes in.
    quick = (("broker.session.timeout.ms", "500"), ("broker.heartbeat.interval.ms", "100"))
    with Served(Stage(settings=quick)) as cluster:
        cluster.strike("crash b1")
        with pytest.raises(ConnectionRefusedError):
            connected(cluster.address(1))
        with connected(cluster.address(2)) as other:
            other.sendall(metadata_request())
            assert answer(other)

        cluster.strike("restart b1")
        with _connected_in_the_end(cluster.address(1)) as client:
            client.sendall(metadata_request())
            assert answer(client)


def test_a_paused_broker_accepts_and_answers_when_it_goes_on() -> None:
    with Served(Stage()) as cluster:
        cluster.strike("pause b1")
        with connected(cluster.address(1)) as client:
            client.sendall(metadata_request())
            client.settimeout(0.3)
            with pytest.raises(TimeoutError):
                client.recv(1)

            cluster.strike("resume b1")
            client.settimeout(30)
            assert answer(client)


def test_a_broken_connection_is_a_reset_and_not_an_end() -> None:
    with Served(Stage()) as cluster, connected(cluster.address(1)) as client:
        client.sendall(metadata_request())
        answer(client)

        cluster.strike("reset 127.0.0.1 <-> b1")

        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_crash_ends_the_connections_of_that_broker_and_of_no_other() -> None:
    with Served(Stage()) as cluster, connected(cluster.address(1)) as one, connected(cluster.address(2)) as other:
        for client in (one, other):
            client.sendall(metadata_request())
            answer(client)

        cluster.strike("crash b1")

        assert one.recv(1) == b""
        other.sendall(metadata_request())
        assert answer(other)


def test_a_fault_of_links_strikes_the_clients_of_one_address_and_no_others() -> None:
    with (
        Served(Stage()) as cluster,
        connected(cluster.address(1), source="127.0.0.2") as struck,
        connected(cluster.address(1), source="127.0.0.3") as spared,
    ):
        for client in (struck, spared):
            client.sendall(metadata_request())
            answer(client)

        cluster.strike("hold 127.0.0.2 <-> b1")
        for client in (struck, spared):
            client.sendall(metadata_request(correlation_id=2))
        assert correlation_id_of(answer(spared)) == 2
        struck.settimeout(0.2)
        with pytest.raises(TimeoutError):
            struck.recv(1)

        cluster.strike("open 127.0.0.2 <-> b1")
        struck.settimeout(30)
        assert correlation_id_of(answer(struck)) == 2


def test_a_port_that_somebody_else_has_is_named() -> None:
    with Served(Stage()) as cluster:
        with pytest.raises(OSError, match="in use") as raised:
            Server(Stage(), Serving(port=cluster.address(1)[1]))

        assert raised.value.filename == f"127.0.0.1:{cluster.address(1)[1]}"


def _connected_in_the_end(address: tuple[str, int]) -> socket.socket:
    until = monotonic() + 30
    while True:
        try:
            return connected(address)
        except ConnectionRefusedError:
            assert monotonic() < until, "nobody listens there again"
