"""A gateway that speaks TLS knows its clients by their certificates, and lets nobody in without one."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer

from sim.serve.stage import Stage
from tests.gateway.rules import Rules
from tests.gateway.standing import Standing
from tests.serve.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator

CERTIFICATES = Path(__file__).parent.parent / "certificates"
TRUSTING = {"security.protocol": "SSL", "ssl.ca.location": str(CERTIFICATES / "ca.pem")}
LIMIT_S = 30


@pytest.fixture(scope="module")
def cluster() -> Iterator[Served]:
    with Served(Stage(brokers=1, topics=("orders:1:1",))) as served:
        yield served


def listening() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=CERTIFICATES / "ca.pem")
    context.load_cert_chain(CERTIFICATES / "server.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


def test_a_client_is_known_by_its_certificate(cluster: Served) -> None:
    rules = Rules()
    own = {
        "ssl.certificate.location": str(CERTIFICATES / "client.pem"),
        "ssl.key.location": str(CERTIFICATES / "client.pem"),
    }
    with Standing(rules, cluster.bootstrap, tls=listening()) as gate:
        producer = Producer({"bootstrap.servers": gate.bootstrap, **TRUSTING, **own})
        producer.produce("orders", b"one")
        assert producer.flush(LIMIT_S) == 0

    ((client, _),) = rules.appended
    assert client.principal == "User:CN=alice"


def test_who_shows_no_certificate_is_not_let_in(cluster: Served) -> None:
    rules = Rules()
    with Standing(rules, cluster.bootstrap, tls=listening()) as gate:
        producer = Producer({"bootstrap.servers": gate.bootstrap, **TRUSTING, "message.timeout.ms": 1_000})
        producer.produce("orders", b"one")
        producer.flush(LIMIT_S)

    assert rules.appended == []
