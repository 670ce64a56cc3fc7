"""A client that sends no more and reads on gets every answer, then the end; seen on Kafka 4.3 with 1, 5 and 50 requests."""

import pytest

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.frames import FrameReader
from producer.wire.messages.metadata import MetadataRequest
from sim.world.network.stream import CLOSED_BY_PEER, CONNECTION_RESET
from tests.unit.sim.raw_client import Lab, RawConnection

VERSION = 12
BODY = encode(MetadataRequest(topics=()), VERSION)


def listening(lab: Lab) -> tuple[RawConnection, list[bytes]]:
    connection = lab.client.connect(1)
    answers: list[bytes] = []
    connection.endpoint.on_received = answers.append
    return connection, answers


def requests(count: int) -> bytes:
    return b"".join(api.encode_request(ApiKey.METADATA, VERSION, number, "raw", BODY) for number in range(count))


@pytest.mark.parametrize("count", [0, 1, 5, 50])
def test_every_request_is_answered_and_then_the_broker_closes(count: int) -> None:
    lab = Lab()
    connection, answers = listening(lab)

    connection.endpoint.send(requests(count))
    connection.endpoint.finish()
    lab.run(1)

    assert [api.read_correlation_id(one) for one in FrameReader().feed(b"".join(answers))] == list(range(count))
    assert connection.closed == CLOSED_BY_PEER
    assert connection.endpoint.number not in lab.cluster.brokers[1].host.endpoints
    assert connection.endpoint.number not in lab.client.host.endpoints


def test_a_paused_broker_answers_when_it_goes_on() -> None:
    lab = Lab()
    connection, answers = listening(lab)
    lab.cluster.pause(1)
    connection.endpoint.send(requests(3))
    connection.endpoint.finish()
    lab.run(1)
    assert (answers, connection.closed) == ([], None)

    lab.cluster.resume(1)
    lab.run(1)

    assert len(FrameReader().feed(b"".join(answers))) == 3
    assert connection.closed == CLOSED_BY_PEER


def test_who_finished_and_then_closes_hears_nothing_more() -> None:
    lab = Lab()
    connection, answers = listening(lab)
    connection.endpoint.send(requests(20))
    connection.endpoint.finish()
    connection.endpoint.close()
    lab.run(1)

    assert answers == []
    assert connection.endpoint.number not in lab.cluster.brokers[1].host.endpoints


def test_who_finished_hears_of_a_crash() -> None:
    lab = Lab()
    connection, _ = listening(lab)
    lab.cluster.pause(1)
    connection.endpoint.finish()
    lab.run(0.1)

    lab.cluster.crash(1)
    lab.run(0.1)

    assert connection.closed in {CLOSED_BY_PEER, CONNECTION_RESET}


def test_half_a_request_is_not_waited_for() -> None:
    lab = Lab()
    connection, answers = listening(lab)

    connection.endpoint.send(requests(1)[:9])
    connection.endpoint.finish()
    lab.run(1)

    assert (answers, connection.closed) == ([], CLOSED_BY_PEER)
