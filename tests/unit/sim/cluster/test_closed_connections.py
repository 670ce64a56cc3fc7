"""What becomes of requests that a client has sent when it closes its connection (kafka.md 5.2).

The one in work, and those behind it up to the first answer that cannot be delivered: after a FIN that is the second one, since
the client answers the first answer with a reset; after a reset it is the first. Whoever wants no answer is heard to the end.
"""

import pytest

from sim.trace.events import BatchAppended, RequestReceived
from sim.world.network.link import LinkQuality
from tests.unit.sim.raw_client import Lab, RawConnection, send_batch

LOOPBACK = LinkQuality(latency_us=10, jitter_us=0)
FIN, RST = "FIN", "RST"


def close(connection: RawConnection, how: str) -> None:
    if how == FIN:
        connection.endpoint.close()
    else:
        connection.endpoint.reset()


@pytest.mark.parametrize("pipelined", [5, 20])
@pytest.mark.parametrize(
    "acks, how, appended", [(1, FIN, 2), (1, RST, 1), (-1, FIN, 2), (-1, RST, 1), (0, FIN, None), (0, RST, None)]
)
def test_of_pipelined_requests_at_a_stopped_broker_as_many_are_appended_as_on_kafka(
    pipelined: int, acks: int, how: str, appended: int | None
) -> None:
    lab = Lab(network=LOOPBACK)
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    for number in range(pipelined):
        send_batch(connection, b"%d" % number, acks=acks)
    lab.run(0.01)
    close(connection, how)
    lab.run(0.01)

    lab.cluster.resume(1)
    lab.run(1)

    assert len(lab.events(BatchAppended)) == (pipelined if appended is None else appended)
    assert lab.cluster.brokers[1].host.endpoints.keys() == {
        number for number in lab.cluster.brokers[1].host.endpoints if number != connection.endpoint.number
    }


@pytest.mark.parametrize("how", [FIN, RST])
def test_one_request_is_processed_whatever_its_client_does(how: str) -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    send_batch(connection, b"orphan")
    close(connection, how)

    lab.cluster.resume(1)
    lab.run(1)

    assert lab.client.read() == [b"orphan"]


def test_behind_a_fin_those_within_one_round_trip_of_the_first_answer_are_appended() -> None:
    appended = []
    for latency_us in (10, 250, 2_000):
        lab = Lab(network=LinkQuality(latency_us=latency_us, jitter_us=0))
        connection = lab.client.connect(1)
        lab.cluster.pause(1)
        for number in range(200):
            send_batch(connection, b"%d" % number, acks=1)
        lab.run(0.05)
        close(connection, FIN)
        lab.run(0.05)
        lab.cluster.resume(1)
        lab.run(1)
        appended.append(len(lab.events(BatchAppended)))

    # A request takes 120 us: so many of them begin within 20, 500 and 4,000 us of the first answer, which made it itself.
    assert appended == [2, 6, 35]


@pytest.mark.parametrize("how", [FIN, RST])
def test_requests_on_another_connection_are_none_of_its_business(how: str) -> None:
    lab = Lab()
    leaving, staying = lab.client.connect(1), lab.client.connect(1)
    lab.cluster.pause(1)
    for number in range(5):
        send_batch(leaving, b"leaving", acks=1)
        send_batch(staying, b"staying %d" % number, acks=1)
    lab.run(0.01)
    close(leaving, how)
    lab.run(0.01)

    lab.cluster.resume(1)
    lab.run(1)

    assert [value for value in lab.client.read() if value != b"leaving"] == [b"staying %d" % one for one in range(5)]


def test_whoever_is_still_listening_gets_all_its_answers() -> None:
    lab = Lab()
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    asked = [send_batch(connection, b"%d" % number, acks=1) for number in range(20)]
    lab.run(0.01)

    lab.cluster.resume(1)
    lab.run(1)

    assert sorted(connection.answers) == asked
    assert len(lab.events(RequestReceived, api="Produce", client="c1")) == 20


def test_a_process_that_dies_takes_back_nothing_that_its_kernel_had_sent() -> None:
    """kill -9 of a client with five pipelined requests in a stopped broker's socket: a FIN as from `close`."""
    lab = Lab(network=LOOPBACK)
    connection = lab.client.connect(1)
    lab.cluster.pause(1)
    for number in range(5):
        send_batch(connection, b"%d" % number, acks=1)
    lab.run(0.01)

    lab.client.host.crash()
    lab.run(0.01)
    lab.cluster.resume(1)
    lab.run(1)

    assert len(lab.events(BatchAppended)) == 2
