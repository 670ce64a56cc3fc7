"""Logging in through a gateway, over TLS to the brokers: the broker checks the proof, and the gateway knows who is there."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest
from confluent_kafka import Producer
from kafka import KafkaProducer

from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.gateway.rules import Rules
from tests.gateway.standing import Standing
from tests.serve.served import Served, connected, is_ended, metadata_request

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sim.gateway.core.enforcement import Client

STAGE = Stage(brokers=1, topics=("orders:1:1",), is_secure=True)
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
LIMIT_S = 30


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secure") / "certificates"


@pytest.fixture(scope="module")
def cluster(certificates: Path) -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, certificates=certificates)) as served:
        yield served


@pytest.fixture
def standing(cluster: Served, certificates: Path) -> Iterator[Standing]:
    trusting = ssl.create_default_context(cafile=certificates / "ca.pem")
    with Standing(Rules(), cluster.server.bootstraps["SASL_SSL"], upstream_tls=trusting) as gate:
        yield gate


def clients(standing: Standing) -> list[Client]:
    rules = standing.gateway.enforcement
    assert isinstance(rules, Rules)
    return [client for client, _ in rules.appended]


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_librdkafka_logs_in_and_is_known(standing: Standing, mechanism: str) -> None:
    sasl = {"sasl.mechanism": mechanism, "sasl.username": "alice", "sasl.password": "alice-secret"}
    producer = Producer({"bootstrap.servers": standing.bootstrap, "security.protocol": "SASL_PLAINTEXT", **sasl})
    producer.produce("orders", b"one")

    assert producer.flush(LIMIT_S) == 0
    assert {client.principal for client in clients(standing)} == {"User:alice"}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kafka_python_logs_in_and_is_known(standing: Standing, mechanism: str) -> None:
    producer = KafkaProducer(
        bootstrap_servers=standing.bootstrap,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism=mechanism,
        sasl_plain_username="alice",
        sasl_plain_password="alice-secret",
    )
    producer.send("orders", b"one").get(LIMIT_S)
    producer.close()

    assert {client.principal for client in clients(standing)} == {"User:alice"}


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_wrong_password_lets_nobody_through(standing: Standing, mechanism: str) -> None:
    sasl = {"sasl.mechanism": mechanism, "sasl.username": "alice", "sasl.password": "wrong"}
    producer = Producer(
        {
            "bootstrap.servers": standing.bootstrap,
            "security.protocol": "SASL_PLAINTEXT",
            "message.timeout.ms": 1_000,
            "log_level": 0,
            **sasl,
        }
    )
    producer.produce("orders", b"one")
    producer.flush(LIMIT_S)

    assert clients(standing) == []


def test_who_does_not_log_in_is_not_served(standing: Standing) -> None:
    with connected(standing.gateway.address) as client:
        client.sendall(metadata_request())
        assert is_ended(client)
