"""Clients that behave badly cost themselves: memory stays bounded, each is named in the log, and others are served meanwhile."""

import logging
import resource
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from sim.serve.complaints import LINES_A_SECOND_MAX, Complaints
from sim.serve.stage import Stage
from sim.trace.events import RequestRejected
from tests.serve.served import Served, answer, connected, correlation_id_of, is_ended, metadata_request

CONNECTIONS = 2_000
BYTES_UNREAD_MAX = 16 << 20
"""Far above all buffers between a client and a broker together, of kernels real and simulated."""
GROWTH_BYTES_MAX = 64 << 20
"""By how much this process, server and clients, may grow in one of these tests."""
PAGE_BYTES = resource.getpagesize()


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * PAGE_BYTES


@pytest.fixture(autouse=True)
def memory_is_bounded() -> Iterator[None]:
    before = resident_bytes()
    yield
    assert resident_bytes() - before < GROWTH_BYTES_MAX


def is_served(cluster: Served) -> bool:
    with connected(cluster.address(1)) as other:
        other.sendall(metadata_request(correlation_id=3))
        return correlation_id_of(answer(other)) == 3


@pytest.mark.parametrize(
    "data, reason",
    [
        (struct.pack(">i", 2**31 - 1), "a frame of 2147483647 bytes"),
        (struct.pack(">ihhih", 10, 999, 0, 1, -1), "API 999 version 0"),
        (struct.pack(">ihhihb", 11, 3, 99, 1, -1, 0), "METADATA version 99"),
        (struct.pack(">ihhih", 10, 3, 1, 1, 500), "a request header in 10 bytes"),
        (struct.pack(">ihhih", 10, 3, 1, 1, -1), "METADATA request version 1 in 0 bytes"),
    ],
    ids=["frame", "API", "version", "header", "body"],
)
def test_who_sent_nonsense_is_named_in_the_log_with_what_and_why(
    data: bytes, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with Served(Stage(brokers=1)) as cluster, connected(cluster.address(1), source="127.0.0.5") as client:
        client.sendall(metadata_request(correlation_id=4) + data)

        assert correlation_id_of(answer(client)) == 4
        assert is_ended(client)
        assert is_served(cluster)
    (line,) = [record.getMessage() for record in caplog.records]
    assert line.startswith("b1 ended connection 1 of 127.0.0.5: ")
    assert reason in line


def test_a_flood_of_nonsense_is_counted_and_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    now_s = 100.0
    complaints = Complaints(logging.getLogger("flooded"), lambda: now_s)
    event = RequestRejected(0, 1, "127.0.0.5", 7, "a frame of -1 bytes")

    for _ in range(LINES_A_SECOND_MAX + 90):
        complaints.note(event)
    now_s = 101.0
    complaints.note(event)

    lines = [record.getMessage() for record in caplog.records]
    assert len(lines) == LINES_A_SECOND_MAX + 2
    assert lines[LINES_A_SECOND_MAX] == "90 more connections were ended for what came over them"


@pytest.mark.parametrize("count", [1, 5, 50])
def test_who_sends_no_more_and_reads_on_gets_every_answer_and_then_the_end(count: int) -> None:
    with Served(Stage(brokers=1)) as cluster, connected(cluster.address(1)) as client:
        client.sendall(b"".join(metadata_request(correlation_id=number) for number in range(count)))
        client.shutdown(socket.SHUT_WR)

        assert [correlation_id_of(answer(client)) for _ in range(count)] == list(range(count))
        assert is_ended(client)


def test_who_closes_with_requests_under_way_leaves_nothing_behind() -> None:
    with Served(Stage(brokers=1)) as cluster:
        for _ in range(20):
            with connected(cluster.address(1), source="127.0.0.8") as client:
                client.sendall(metadata_request() * 30)
        _wait_until_forgotten(cluster, "127.0.0.8")


def test_an_idle_connection_is_closed_after_its_time_and_a_busy_one_is_not() -> None:
    stage = Stage(brokers=1, settings=(("connections.max.idle.ms", "1500"),))
    with (
        Served(stage) as cluster,
        connected(cluster.address(1)) as silent,
        connected(cluster.address(1)) as half,
        connected(cluster.address(1)) as busy,
    ):
        half.sendall(metadata_request()[:9])
        silent.settimeout(0.05)
        has_ended, until = False, monotonic() + 60
        while not has_ended:
            assert monotonic() < until
            busy.sendall(metadata_request(correlation_id=8))
            assert correlation_id_of(answer(busy)) == 8
            with suppress(TimeoutError):
                assert silent.recv(1) == b""
                has_ended = True

        assert is_ended(half)
        busy.sendall(metadata_request(correlation_id=9))
        assert correlation_id_of(answer(busy)) == 9


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
        _wait_until_forgotten(cluster, "127.0.0.9")


def _wait_until_forgotten(cluster: Served, address: str) -> None:
    """Whoever came from there was accepted before this begins: who is served now came later."""
    assert is_served(cluster)
    hosts = cluster.server.simulation.cluster.network.hosts
    until = monotonic() + 30
    while address in hosts and monotonic() < until:
        assert is_served(cluster)
    assert address not in hosts


def _sent_until_nobody_takes_it(client: socket.socket, data: bytes) -> int:
    sent = 0
    while sent < 4 * BYTES_UNREAD_MAX:
        try:
            sent += client.send(data)
        except TimeoutError:
            break
    return sent
