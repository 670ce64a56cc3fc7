"""Clients of other makes at a cluster that asks who is there: TLS, certificates of their own, SASL; right and wrong."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import socket
import ssl
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError as AioKafkaError
from confluent_kafka import KafkaError, Producer
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import ScramCredentialInfo, ScramMechanism, UserScramCredentialUpsertion
from kafka import KafkaProducer

from producer import Producer as OurProducer
from producer.errors import AuthenticationError, ProducerError
from sim.serve.certificates import CertificatesError, make_certificates
from sim.serve.journal import WrittenJournal
from sim.serve.replay import replay
from sim.serve.secure import secured
from sim.serve.server import Serving
from sim.serve.stage import Stage
from sim.trace.events import AuthenticationFailed, ClientAuthenticated
from tests.serve.served import Served, answer, connected, is_ended, metadata_request

LIMIT_S = 30
STAGE = Stage(brokers=1, topics=("orders:1:1",), is_secure=True)
SASL = ("SASL_PLAINTEXT", "SASL_SSL")
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secure") / "certificates"


@pytest.fixture(scope="module")
def cluster(certificates: Path) -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, certificates=certificates)) as served:
        yield served


def at(cluster: Served, listener: str) -> str:
    return cluster.server.bootstraps[listener]


def last_principal(cluster: Served) -> str:
    return [event for event in cluster.server.simulation.trace if isinstance(event, ClientAuthenticated)][-1].principal


def librdkafka(cluster: Served, listener: str, certificates: Path, **config: Any) -> dict[str, Any]:
    given = {"bootstrap.servers": at(cluster, listener), "security.protocol": listener, **config}
    return given | ({"ssl.ca.location": str(certificates / "ca.pem")} if "SSL" in listener else {})


def delivered(config: dict[str, Any]) -> bool:
    producer = Producer(config)
    producer.produce("orders", b"an order")
    return producer.flush(LIMIT_S) == 0


@pytest.mark.parametrize("listener", SASL)
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_librdkafka_logs_in(cluster: Served, certificates: Path, listener: str, mechanism: str) -> None:
    sasl = {"sasl.mechanism": mechanism, "sasl.username": "alice", "sasl.password": "alice-secret"}

    assert delivered(librdkafka(cluster, listener, certificates, **sasl))
    assert last_principal(cluster) == "User:alice"


def unsecured_token(subject: str, expires_s: int) -> str:
    parts = ({"alg": "none"}, {"sub": subject, "exp": expires_s})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(one).encode()).decode().rstrip("=") for one in parts), ""])


def test_librdkafka_logs_in_with_a_token(cluster: Served, certificates: Path) -> None:
    expires_s = int(time.time()) + 600
    given = {
        "sasl.mechanism": "OAUTHBEARER",
        "oauth_cb": lambda _: (unsecured_token("dora", expires_s), expires_s),
    }

    assert delivered(librdkafka(cluster, "SASL_PLAINTEXT", certificates, **given))
    assert last_principal(cluster) == "User:dora"


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_librdkafka_is_told_that_its_password_is_wrong(cluster: Served, certificates: Path, mechanism: str) -> None:
    heard: list[int] = []
    sasl = {"sasl.mechanism": mechanism, "sasl.username": "alice", "sasl.password": "wrong"}
    config = librdkafka(cluster, "SASL_PLAINTEXT", certificates, **sasl)
    producer = Producer({**config, "error_cb": lambda error: heard.append(error.code())})
    producer.produce("orders", b"an order")

    for _ in range(LIMIT_S * 10):
        if KafkaError._AUTHENTICATION in heard:
            break
        producer.poll(0.1)

    assert KafkaError._AUTHENTICATION in heard
    producer.purge()
    producer.flush(LIMIT_S)


def kafka_python(cluster: Served, certificates: Path, mechanism: str, password: str) -> dict[str, Any]:
    return {
        "bootstrap_servers": at(cluster, "SASL_SSL"),
        "security_protocol": "SASL_SSL",
        "ssl_cafile": str(certificates / "ca.pem"),
        "sasl_mechanism": mechanism,
        "sasl_plain_username": "alice",
        "sasl_plain_password": password,
        "bootstrap_timeout_ms": LIMIT_S * 1_000,
    }


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_kafka_python_logs_in(cluster: Served, certificates: Path, mechanism: str) -> None:
    producer = KafkaProducer(**kafka_python(cluster, certificates, mechanism, "alice-secret"))

    assert producer.send("orders", b"an order").get(LIMIT_S).topic == "orders"
    producer.close()


def test_kafka_python_does_not_with_a_wrong_password(cluster: Served, certificates: Path) -> None:
    # In a process of its own: what it has opened it leaves open when it cannot begin. It tries again until its time is up.
    given = kafka_python(cluster, certificates, "SCRAM-SHA-512", "wrong") | {"bootstrap_timeout_ms": 1_000}
    program = f"from kafka import KafkaProducer; KafkaProducer(**{given})"

    def failures() -> list[AuthenticationFailed]:
        return [event for event in cluster.server.simulation.trace if isinstance(event, AuthenticationFailed)]

    before = len(failures())
    while len(failures()) == before:
        # Where the machine is slow, its second is over before it has shown its proof.
        ended = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S, check=False
        )

        assert ended.returncode == 1
        assert "kafka.errors." in ended.stderr

    assert (failures()[-1].listener, failures()[-1].reason) == ("SASL_SSL", "the proof is wrong")


async def by_aiokafka(cluster: Served, password: str) -> int:
    producer = AIOKafkaProducer(
        bootstrap_servers=at(cluster, "SASL_PLAINTEXT"),
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        sasl_plain_username="alice",
        sasl_plain_password=password,
    )
    try:
        await producer.start()
        told = await producer.send_and_wait("orders", b"an order")
    finally:
        await producer.stop()
    return int(told.partition)


def test_aiokafka_logs_in_and_does_not_with_a_wrong_password(cluster: Served) -> None:
    assert asyncio.run(by_aiokafka(cluster, "alice-secret")) == 0

    with pytest.raises(AioKafkaError):
        asyncio.run(by_aiokafka(cluster, "wrong"))


def ours(cluster: Served, listener: str, certificates: Path, **config: str) -> dict[str, str]:
    given = {
        "bootstrap.servers": at(cluster, listener),
        "security.protocol": listener,
        "max.block.ms": "5000",
        **config,
    }
    return given | ({"ssl.truststore.location": str(certificates / "ca.pem")} if "SSL" in listener else {})


def test_our_producer_logs_in_and_is_told_by_whom_it_was_refused(cluster: Served, certificates: Path) -> None:
    sasl = {"sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "alice"}
    right = ours(cluster, "SASL_SSL", certificates, **sasl, **{"sasl.password": "alice-secret"})
    wrong = ours(cluster, "SASL_SSL", certificates, **sasl, **{"sasl.password": "planted-secret"})

    with OurProducer(right) as producer:
        assert producer.send("orders", b"an order").result(LIMIT_S).topic == "orders"

    with OurProducer(wrong) as producer, pytest.raises(ProducerError) as refused:
        producer.send("orders", b"an order").result(LIMIT_S)
    assert isinstance(refused.value, AuthenticationError) or isinstance(refused.value.__cause__, AuthenticationError)
    assert "planted-secret" not in str(refused.value)


# -- certificates ------------------------------------------------------------------------------------------------------


def principals(cluster: Served) -> set[str]:
    brokers = cluster.server.simulation.cluster.brokers.values()
    ends = [end for broker in brokers for end in broker.host.endpoints.values()]
    return {end.opener.certificate for end in ends}


def test_who_shows_a_certificate_is_known_by_its_name_and_who_shows_none_is_nobody(
    cluster: Served, certificates: Path
) -> None:
    host, port = at(cluster, "SSL").rsplit(":", 1)
    trusting = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    showing = ssl.create_default_context(cafile=str(certificates / "ca.pem"))
    showing.load_cert_chain(certificates / "alice.pem")

    with (
        trusting.wrap_socket(socket.create_connection((host, int(port)), LIMIT_S), server_hostname=host) as nobody,
        showing.wrap_socket(socket.create_connection((host, int(port)), LIMIT_S), server_hostname=host) as alice,
    ):
        for client in (nobody, alice):
            client.sendall(metadata_request())
            assert answer(client)
        assert {"", "CN=alice"} <= principals(cluster)


def test_librdkafka_writes_with_a_certificate(cluster: Served, certificates: Path) -> None:
    own = {
        "ssl.certificate.location": str(certificates / "alice.pem"),
        "ssl.key.location": str(certificates / "alice.pem"),
    }

    assert delivered(librdkafka(cluster, "SSL", certificates, **own))


def test_who_does_not_speak_tls_is_cut_off_and_others_are_served(cluster: Served, certificates: Path) -> None:
    host, port = at(cluster, "SSL").rsplit(":", 1)
    with connected((host, int(port))) as client:
        client.sendall(metadata_request())
        assert is_ended(client)

    assert delivered(librdkafka(cluster, "SSL", certificates))


def test_a_stranger_is_not_trusted_by_who_trusts_only_the_authority(cluster: Served) -> None:
    host, port = at(cluster, "SSL").rsplit(":", 1)

    with pytest.raises(ssl.SSLError):
        ssl.create_default_context().wrap_socket(
            socket.create_connection((host, int(port)), LIMIT_S), server_hostname=host
        )


def test_certificates_are_kept_and_keys_are_their_owners_alone(certificates: Path, cluster: Served) -> None:
    before = (certificates / "ca.pem").read_bytes()

    make_certificates(certificates, "127.0.0.1", ["admin", "alice"])

    assert (certificates / "ca.pem").read_bytes() == before
    assert stat.S_IMODE((certificates / "alice.pem").stat().st_mode) == 0o600
    with pytest.raises(CertificatesError, match=r"not bob\.pem"):
        make_certificates(certificates, "127.0.0.1", ["admin", "bob"])
    with pytest.raises(CertificatesError, match="becomes a file's"):
        make_certificates(certificates, "127.0.0.1", ["../bob"])


# -- users and journals ------------------------------------------------------------------------------------------------


def test_a_user_that_an_admin_client_makes_can_log_in(cluster: Served, certificates: Path) -> None:
    admin = AdminClient({"bootstrap.servers": cluster.bootstrap})
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4_096)
    wanted = UserScramCredentialUpsertion("carol", info, b"carol-secret")

    for future in admin.alter_user_scram_credentials([wanted]).values():
        future.result(LIMIT_S)

    sasl = {"sasl.mechanism": "SCRAM-SHA-512", "sasl.username": "carol", "sasl.password": "carol-secret"}
    assert delivered(librdkafka(cluster, "SASL_PLAINTEXT", certificates, **sasl))
    assert last_principal(cluster) == "User:carol"


def test_a_run_with_logins_and_certificates_is_replayed_whole(certificates: Path) -> None:
    written = io.StringIO()
    with Served(STAGE, Serving(port=0, certificates=certificates, journal=written)) as cluster:
        sasl = {"sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "alice", "sasl.password": "alice-secret"}
        own = {
            "ssl.certificate.location": str(certificates / "alice.pem"),
            "ssl.key.location": str(certificates / "alice.pem"),
        }
        assert delivered(librdkafka(cluster, "SASL_SSL", certificates, **sasl))
        assert delivered(librdkafka(cluster, "SSL", certificates, **own))
    written.seek(0)

    again = replay(WrittenJournal(written))

    assert again.is_same
    assert again.judgement.acknowledged_records == 2


def test_failures_are_in_the_trace_without_what_was_sent(certificates: Path) -> None:
    told = io.StringIO()
    planted = "planted-secret"
    with Served(STAGE, Serving(port=0, certificates=certificates, trace=told)) as cluster:
        sasl = {"sasl.mechanism": "PLAIN", "sasl.username": "alice", "sasl.password": planted}
        with (
            OurProducer(ours(cluster, "SASL_PLAINTEXT", certificates, **sasl)) as producer,
            pytest.raises(ProducerError),
        ):
            producer.send("orders", b"an order").result(LIMIT_S)
        failures = [one for one in cluster.server.simulation.trace if isinstance(one, AuthenticationFailed)]

    assert failures
    assert '"AuthenticationFailed"' in told.getvalue()
    assert planted not in told.getvalue()
    assert planted.encode().hex() not in told.getvalue()


def test_a_secure_cluster_has_each_kind_of_listener_and_keeps_its_own() -> None:
    config = secured(Stage().config(), (("alice", "x"),))

    assert [one.name for one in config.listeners] == ["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"]
    assert [user.name for user in config.authentication.users] == ["alice"]
    assert secured(config, ()) == config
    assert len(Stage().config().listeners) == 1
