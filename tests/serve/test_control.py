"""The control port: the faults of scenarios, at once or at a point in the protocol, the cluster's state, verdicts, the end."""

import json
import socket
from collections.abc import Iterator
from io import StringIO
from time import monotonic
from urllib.parse import urlsplit

import pytest
from confluent_kafka import Producer

from sim.serve.attempt import Fate
from sim.serve.client import Control, ControlError
from sim.serve.control import Control as Answering
from sim.serve.journal import WrittenJournal
from sim.serve.openapi import OPENAPI, REFUSALS
from sim.serve.replay import replay
from sim.serve.server import Server, Serving
from sim.serve.stage import Stage
from tests.serve.served import Served, answer, connected, correlation_id_of, metadata_request

STAGE = Stage(topics=("orders:2:3",))
LIMIT_S = 60


@pytest.fixture
def cluster() -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, control_port=0)) as served:
        yield served


@pytest.fixture
def control(cluster: Served) -> Control:
    return Control(cluster.server.control_url)


def by_hand(control: Control, request: bytes) -> tuple[int, dict[str, object]]:
    """Send bytes, and read status and body."""
    where = urlsplit(control.url)
    assert where.hostname is not None
    with socket.create_connection((where.hostname, where.port or 0), LIMIT_S) as client:
        client.sendall(request)
        client.shutdown(socket.SHUT_WR)
        told = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = told.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)


def test_a_fault_strikes_at_once_and_the_state_shows_it(cluster: Served, control: Control) -> None:
    assert control.strike("crash b2").fate is Fate.FIRED

    view = control.cluster()
    assert [(one.id, one.state, one.is_serving) for one in view.brokers] == [
        (1, "up", True),
        (2, "down", False),
        (3, "up", True),
    ]
    assert [(one.host, one.port) for one in view.brokers] == [cluster.address(broker) for broker in (1, 2, 3)]
    assert {(one.topic, one.partition) for one in view.partitions} == {("orders", 0), ("orders", 1)}


def test_a_fault_waits_for_its_point_in_the_protocol_and_says_whether_it_came(
    cluster: Served, control: Control
) -> None:
    waiting = control.strike("after RequestReceived#3 api=Metadata client=127.0.0.1: pause b1")
    with connected(cluster.address(1)) as client:
        for number in (1, 2):
            client.sendall(metadata_request(correlation_id=number))
            assert correlation_id_of(answer(client)) == number
        assert control.faults()[waiting.number].fate is Fate.PENDING

        client.sendall(metadata_request(correlation_id=3))
        client.settimeout(0.3)
        with pytest.raises(TimeoutError):
            client.recv(1)

    assert waiting.fate is Fate.PENDING
    assert control.faults()[waiting.number].fate is Fate.FIRED


def test_what_cannot_take_effect_is_refused_with_its_reason(control: Control) -> None:
    refused = control.strike("restart b1")

    assert (refused.fate, refused.reason) == (Fate.REFUSED, "broker 1 is running already")
    assert control.faults() == [refused]


def test_clients_are_told_by_the_address_that_faults_of_links_name(cluster: Served, control: Control) -> None:
    with connected(cluster.address(1), source="127.0.0.7") as client:
        client.sendall(metadata_request())
        answer(client)

        assert [(one.address, one.connections) for one in control.cluster().clients] == [("127.0.0.7", 1)]
        assert control.strike("cut 127.0.0.7 <-> b1").fate is Fate.FIRED
    assert control.strike("cut 127.0.0.8 <-> b1").fate is Fate.REFUSED


def test_everything_that_struck_is_healed_and_what_waits_still_comes(cluster: Served, control: Control) -> None:
    for fault in ("crash b2", "pause b3", "cut b1 <-> *", "at 300s: crash b1"):
        control.strike(fault)

    view = control.heal()

    assert [one.state for one in view.brokers] == ["up", "up", "up"]
    assert [one.fate for one in control.faults()] == [Fate.FIRED, Fate.FIRED, Fate.FIRED, Fate.PENDING]
    until = monotonic() + LIMIT_S
    while not all(one.isr == one.replicas or len(one.isr) == 3 for one in view.partitions) and monotonic() < until:
        view = control.cluster()
    assert all(sorted(one.isr) == [1, 2, 3] for one in view.partitions)


def test_verdicts_are_told_while_it_runs_and_at_its_end(cluster: Served, control: Control) -> None:
    control.strike("drop Produce orders-0 x1 by leader(orders-0) then reset")
    producer = Producer({"bootstrap.servers": cluster.bootstrap, "enable.idempotence": False})
    producer.produce("orders", b"1", partition=0)
    assert producer.flush(LIMIT_S) == 0

    verdicts = control.verdicts()

    assert (verdicts["state"], verdicts["doubled_records"]) == ("violated", 1)
    assert control.shut_down() == verdicts
    with pytest.raises(ControlError, match="no answer from"):
        ask_until_it_is_gone(control)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("crash everything", "crash"),
        ("", "expected"),
        ("at noon: crash b1", "at noon"),
        ("after Nonsense: crash b1", "Nonsense"),
    ],
)
def test_what_is_no_fault_is_named(control: Control, fault: str, told: str) -> None:
    with pytest.raises(ControlError, match=told):
        control.strike(fault)


@pytest.mark.parametrize(
    ("request_line", "body", "status"),
    [
        ("GET /nowhere HTTP/1.1\r\nHost: localhost", b"", 404),
        ("DELETE /faults HTTP/1.1\r\nHost: localhost", b"", 405),
        ("GET /cluster HTTP/1.1\r\nHost: elsewhere.example", b"", 403),
        ("GET /cluster HTTP/1.1\r\nHost: localhost\r\nOrigin: http://elsewhere.example", b"", 403),
        ("POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain", b'{"fault": "crash b1"}', 415),
        ("POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json", b"[" * 100_000, 400),
        ("POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json", b'{"fault": 1}', 400),
        ("POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json", b"", 400),
        ("GET /cluster SMTP/2\r\nHost: localhost", b"", 400),
        ("GET /cluster HTTP/2.0\r\nHost: localhost", b"", 505),
        ("GET /cluster HTTP/1.1", b"", 400),
        ("GET /cluster HTTP/1.1\r\nHost: localhost\r\nHost: elsewhere.example", b"", 400),
        ("POST /heal HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip", b"", 501),
        ("nonsense", b"", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 100_000, b"", 431),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_that_cannot_be_is_refused_and_the_next_is_answered(
    control: Control, request_line: str, body: bytes, status: int
) -> None:
    length = f"\r\nContent-Length: {len(body)}" if body else ""

    got, told = by_hand(control, f"{request_line}{length}\r\n\r\n".encode() + body)

    assert got == status
    assert told["error"]
    assert status in {404, 405, *(one.value for one in REFUSALS)}
    assert control.faults() == []


def test_a_body_longer_than_any_fault_is_not_read(control: Control) -> None:
    head = "POST /faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000000"

    assert by_hand(control, f"{head}\r\n\r\n".encode())[0] == 413


def test_the_description_has_every_path_and_no_other() -> None:
    described = {(method.upper(), path) for path, methods in OPENAPI["paths"].items() for method in methods}

    assert set(Answering(Server.__new__(Server)).routes) == described


def test_every_answer_has_the_fields_that_the_description_names(control: Control) -> None:
    schemas = OPENAPI["components"]["schemas"]
    attempt = control.strike("pause b3").as_json()
    view = control.cluster().as_json()

    assert set(attempt) == set(schemas["Fault"]["required"])
    assert set(view) == set(schemas["Cluster"]["required"])
    for part in ("brokers", "partitions"):
        assert set(view[part][0]) == set(schemas["Cluster"]["properties"][part]["items"]["required"])
    assert set(control.verdicts()) == set(schemas["Judgement"]["required"])


def test_a_fault_that_was_asked_for_is_in_the_journal_and_strikes_in_the_replay() -> None:
    written = StringIO()
    with Served(STAGE, Serving(port=0, control_port=0, journal=written)) as served:
        Control(served.server.control_url).strike("crash b2")
        Control(served.server.control_url).heal()

    again = replay(WrittenJournal(StringIO(written.getvalue())))

    assert again.is_same
    assert [(one.entry, one.fate) for one in again.attempts] == [("at 0s: crash b2", Fate.FIRED)]


def ask_until_it_is_gone(control: Control) -> None:
    until = monotonic() + LIMIT_S
    while monotonic() < until:
        control.cluster()
