"""Clients that behave badly cost themselves: memory stays bounded, and others are served meanwhile."""

import socket
import struct
from time import monotonic

import pytest

from sim.serve.stage import Stage
from tests.serve.served import Served, answer, connected, correlation_id_of, is_ended, metadata_request

CONNECTIONS = 2_000
BYTES_UNREAD_MAX = 16 << 20
"""Far above all buffers between a client and a broker together, of kernels real and simulated."""


def is_served(cluster: Served) -> bool:
    with connected(cluster.address(1)) as other:
        other.sendall(metadata_request(correlation_id=3))
        return correlation_id_of(answer(other)) == 3


@pytest.mark.parametrize("length", [2_147_483_647, -1, 104_857_601], ids=["2GB", "negative", "above-the-limit"])
def test_an_impossible_length_ends_the_connection_at_once(length: int) -> None:
    with Served(Stage(brokers=1)) as cluster, connected(cluster.address(1)) as client:
        client.sendall(struct.pack(">i", length) + b"x" * 100)

        assert is_ended(client)
        assert is_served(cluster)


def test_two_thousand_connections_that_say_nothing_keep_nobody_else_from_being_served() -> None:
    with Served(Stage(brokers=1)) as cluster:
        idle = [connected(cluster.address(1)) for _ in range(CONNECTIONS)]
        try:
            assert is_served(cluster)
            idle[-1].sendall(metadata_request(correlation_id=9))
            assert correlation_id_of(answer(idle[-1])) == 9
        finally:
            for one in idle:
                one.close()


def test_a_request_that_comes_byte_by_byte_is_answered_as_a_whole_one() -> None:
    with Served(Stage(brokers=1)) as cluster, connected(cluster.address(1)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in metadata_request(correlation_id=5):
            client.send(bytes([byte]))
            assert is_served(cluster)

        assert correlation_id_of(answer(client)) == 5


def test_a_client_that_never_reads_is_read_no_more_while_others_are() -> None:
    with Served(Stage(brokers=1, topics=tuple(f"topic-{number}:10:1" for number in range(20)))) as cluster:
        with connected(cluster.address(1), buffer_bytes=65_536) as client:
            client.settimeout(1)
            sent = _sent_until_nobody_takes_it(client, metadata_request() * 100)
            assert is_served(cluster)

        assert sent < BYTES_UNREAD_MAX
        assert is_served(cluster)


def test_a_paused_broker_takes_no_more_than_its_buffers() -> None:
    with Served(Stage()) as cluster, connected(cluster.address(1), buffer_bytes=65_536) as client:
        cluster.strike("pause b1")
        client.settimeout(1)

        assert _sent_until_nobody_takes_it(client, b"\0" * 65_536) < BYTES_UNREAD_MAX


def test_who_goes_without_a_word_leaves_nothing_behind() -> None:
    with Served(Stage(brokers=1)) as cluster:
        for _ in range(20):
            client = connected(cluster.address(1), source="127.0.0.9")
            client.sendall(metadata_request()[:7])
            client.close()
        hosts = cluster.server.simulation.cluster.network.hosts
        until = monotonic() + 30
        while "127.0.0.9" in hosts and monotonic() < until:
            assert is_served(cluster)

        assert "127.0.0.9" not in hosts


def _sent_until_nobody_takes_it(client: socket.socket, data: bytes) -> int:
    sent = 0
    while sent < 4 * BYTES_UNREAD_MAX:
        try:
            sent += client.send(data)
        except TimeoutError:
            break
    return sent
