"""Apache Kafka lets in whom it should, by TLS and by every SASL mechanism, and each refusal is told at once and in full."""

import asyncio
import itertools
import time
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka.admin import AclOperation  # type: ignore[attr-defined]

from producer import AsyncProducer, Producer
from producer.errors import AuthenticationError, Code, MetadataTimeoutError, Outcome, SendError, UsageError
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.command import acklab
from tests.interop.reading import read_topic
from tests.interop.secure_kafka import CERTIFICATES, MECHANISMS, SESSION_MS, token

WAIT_S = 30
AT_ONCE_S = 5
"""A refusal that takes longer was waited for like a lost connection. (A broker holds one back for 100 ms.)"""

TRUST = {"ssl.truststore.location": str(CERTIFICATES / "ca.pem")}
TLS = {"security.protocol": "SSL"} | TRUST
PASSWORDS = [name for name in MECHANISMS if name != "OAUTHBEARER"]
LISTENERS = pytest.mark.parametrize("listener", ["SASL_PLAINTEXT", "SASL_SSL"])

names = itertools.count(1)


@pytest.fixture
def topic(secure: ApacheKafka) -> str:
    name = f"security-{next(names)}"
    secure.admin.create_topic(name)
    return name


def sasl(listener: str, mechanism: str, *, user: str = "admin", password: str | None = None) -> dict[str, Any]:
    """Properties of a client that says who it is."""
    given: dict[str, Any] = {"security.protocol": listener, "sasl.mechanism": mechanism}
    if listener == "SASL_SSL":
        given |= TRUST
    if mechanism == "OAUTHBEARER":
        return given | {"sasl.oauthbearer.token.callback": lambda: token(user)}
    return given | {"sasl.username": user, "sasl.password": password or f"{user}-secret"}


def produce(
    secure: ApacheKafka, listener: str, topic: str, properties: dict[str, Any], *, host: str = "127.0.0.1"
) -> None:
    """Send one record, and find it in the topic."""
    with Producer({"bootstrap.servers": secure.bootstrap_of(listener, host=host)} | properties) as producer:
        producer.send(topic, b"let in").result(WAIT_S)
    assert [record.value for record in read_topic(secure.bootstrap, topic)] == ["let in"]


def refused(secure: ApacheKafka, listener: str, topic: str, properties: dict[str, Any]) -> AuthenticationError:
    """What `send` raises; and that it does so at once."""
    began_s = time.monotonic()
    with (
        Producer({"bootstrap.servers": secure.bootstrap_of(listener)} | properties) as producer,
        pytest.raises(AuthenticationError) as told,
    ):
        producer.send(topic, b"kept out")
    assert time.monotonic() - began_s < AT_ONCE_S
    assert told.value.address == secure.bootstrap_of(listener)
    assert read_topic(secure.bootstrap, topic) == []
    return told.value


# -- TLS ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"ssl.enabled.protocols": "TLSv1.2"},
        {"ssl.enabled.protocols": "TLSv1.3"},
        {"ssl.cipher.suites": "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
    ],
    ids=["default", "1.2", "1.3", "suite"],
)
def test_tls_lets_in_whom_it_trusts(secure: ApacheKafka, topic: str, host: str, properties: dict[str, str]) -> None:
    produce(secure, "SSL", topic, TLS | properties, host=host)


@pytest.mark.parametrize(
    ("listener", "properties", "says"),
    [
        (
            "SSL",
            {"ssl.truststore.location": str(CERTIFICATES / "stranger.pem")},
            "unable to get local issuer certificate",
        ),
        ("MISNAMED", {}, "certificate is not valid for '127.0.0.1'"),
        ("EXPIRED", {}, "certificate has expired"),
        ("MUTUAL", {}, "it ended the TLS handshake with the alert"),
        ("MUTUAL", {"ssl.enabled.protocols": "TLSv1.2"}, "it ended the TLS handshake with the alert"),
    ],
    ids=["stranger", "misnamed", "expired", "no certificate of ours", "the same in 1.2"],
)
def test_tls_that_is_not_trusted_is_refused(
    secure: ApacheKafka, topic: str, listener: str, properties: dict[str, str], says: str
) -> None:
    error = refused(secure, listener, topic, TLS | properties)

    assert error.mechanism == "TLS"
    assert says in error.detail


def test_a_name_that_does_not_match_passes_when_nobody_asks_for_it(secure: ApacheKafka, topic: str) -> None:
    produce(secure, "MISNAMED", topic, TLS | {"ssl.endpoint.identification.algorithm": ""})


@pytest.mark.parametrize(
    "properties",
    [
        {"ssl.keystore.location": str(CERTIFICATES / "client.pem")},
        {"ssl.keystore.location": str(CERTIFICATES / "client-encrypted.pem"), "ssl.key.password": "open-sesame"},
    ],
    ids=["plain", "encrypted"],
)
def test_a_broker_that_asks_for_a_certificate_takes_ours(
    secure: ApacheKafka, topic: str, properties: dict[str, str]
) -> None:
    produce(secure, "MUTUAL", topic, TLS | properties)


@pytest.mark.parametrize(
    ("listener", "properties", "says"),
    [
        ("PLAINTEXT", TLS, "closed by peer in the TLS handshake"),
        ("SSL", {}, "(closed by peer|the peer speaks TLS.*)"),
        ("SASL_PLAINTEXT", {}, "closed by peer"),
    ],
    ids=["TLS to plaintext", "plaintext to TLS", "plaintext to SASL"],
)
def test_another_protocol_than_the_listeners_is_a_lost_connection_that_says_how(
    secure: ApacheKafka, topic: str, listener: str, properties: dict[str, str], says: str
) -> None:
    # Java's client cannot tell: the broker hangs up. A TLS listener may send its alert before.
    given = {"bootstrap.servers": secure.bootstrap_of(listener), "max.block.ms": 1_000}
    with Producer(given | properties) as producer, pytest.raises(MetadataTimeoutError, match=f"connection: {says}$"):
        producer.send(topic, b"kept out")


# -- SASL --------------------------------------------------------------------------------------------------------------


@LISTENERS
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_every_mechanism_lets_in_whom_the_broker_knows(
    secure: ApacheKafka, topic: str, listener: str, mechanism: str
) -> None:
    produce(secure, listener, topic, sasl(listener, mechanism))


@LISTENERS
@pytest.mark.parametrize("mechanism", PASSWORDS)
@pytest.mark.parametrize("user", ["admin", "nobody"])
def test_a_wrong_password_or_name_is_refused_in_the_brokers_words(
    secure: ApacheKafka, topic: str, listener: str, mechanism: str, user: str
) -> None:
    error = refused(secure, listener, topic, sasl(listener, mechanism, user=user, password="not this one"))

    assert (error.mechanism, error.username) == (mechanism, user)
    assert error.code.code == Code.SASL_AUTHENTICATION_FAILED
    assert error.detail.startswith("Authentication failed")
    assert "not this one" not in str(error)


def raises() -> tuple[str, int]:
    raise ConnectionError("the identity provider is away")


@pytest.mark.parametrize(
    ("callback", "says"),
    [
        (lambda: (token(lifetime_s=-60)[0], 60), '{"status":"invalid_token"}'),
        (lambda: ("no.json.web-token", 60), '{"status":"invalid_token"}'),
        (raises, "raised ConnectionError: the identity provider is away"),
    ],
    ids=["expired", "garbage", "none"],
)
def test_a_bad_token_is_refused(
    secure: ApacheKafka, topic: str, callback: Callable[[], tuple[str, float]], says: str
) -> None:
    given = sasl("SASL_SSL", "OAUTHBEARER") | {"sasl.oauthbearer.token.callback": callback}

    assert says in refused(secure, "SASL_SSL", topic, given).detail


def test_kafkas_own_form_of_a_login_is_taken(secure: ApacheKafka, topic: str) -> None:
    module = "org.apache.kafka.common.security.scram.ScramLoginModule"
    login = f'{module} required username="admin" password="admin-secret";'
    given = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "SCRAM-SHA-512", "sasl.jaas.config": login}

    produce(secure, "SASL_PLAINTEXT", topic, given)


def test_a_listener_without_sasl_says_so(secure: ApacheKafka, topic: str) -> None:
    error = refused(secure, "PLAINTEXT", topic, sasl("SASL_PLAINTEXT", "PLAIN"))

    assert error.code.code == Code.ILLEGAL_SASL_STATE


# -- sessions ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_a_session_that_ends_is_renewed_before_and_no_record_is_lost(
    secure: ApacheKafka, topic: str, mechanism: str
) -> None:
    given = {"bootstrap.servers": secure.bootstrap_of("RENEWED"), "retries": 0, "acks": "1"}
    sent = 0
    until_s = time.monotonic() + 2.5 * SESSION_MS / 1_000
    with Producer(given | sasl("SASL_PLAINTEXT", mechanism)) as producer:
        # With no retries, a connection that the broker ends would be an error.
        while time.monotonic() < until_s:
            producer.send(topic, f"{sent}".encode()).result(WAIT_S)
            sent += 1
            time.sleep(0.02)

    assert [record.value for record in read_topic(secure.bootstrap, topic)] == [f"{number}" for number in range(sent)]


def test_a_token_that_ends_soon_is_replaced_by_another(secure: ApacheKafka, topic: str) -> None:
    calls: list[float] = []

    def callback() -> tuple[str, float]:
        calls.append(time.monotonic())
        return token(lifetime_s=3)

    given = sasl("SASL_SSL", "OAUTHBEARER") | {"sasl.oauthbearer.token.callback": callback}
    with Producer(
        {"bootstrap.servers": secure.bootstrap_of("SASL_SSL"), "retries": 0, "acks": "1"} | given
    ) as producer:
        until_s = time.monotonic() + 7
        while time.monotonic() < until_s:
            producer.send(topic, b"v").result(WAIT_S)
            time.sleep(0.02)

    assert 3 <= len(calls) <= 8


# -- the authorizer ----------------------------------------------------------------------------------------------------


def test_a_user_without_a_right_to_the_topic_is_refused_by_name(secure: ApacheKafka, topic: str) -> None:
    given = {"bootstrap.servers": secure.bootstrap_of("SASL_SSL")} | sasl("SASL_SSL", "SCRAM-SHA-256", user="alice")
    with Producer(given) as producer, pytest.raises(UsageError, match="is refused: TOPIC_AUTHORIZATION_FAILED"):
        producer.send(topic, b"kept out")


def test_a_user_who_may_see_but_not_write_gets_topic_authorization_failed(secure: ApacheKafka, topic: str) -> None:
    secure.admin.allow("alice", AclOperation.DESCRIBE, topic)
    given = {"bootstrap.servers": secure.bootstrap_of("SASL_SSL"), "enable.idempotence": False}

    with Producer(given | sasl("SASL_SSL", "SCRAM-SHA-512", user="alice")) as producer:
        error = producer.send(topic, b"kept out").exception(WAIT_S)

    assert isinstance(error, SendError)
    assert (error.code.code, error.outcome) == (Code.TOPIC_AUTHORIZATION_FAILED, Outcome.FAILED)
    assert error.code.authorization
    assert read_topic(secure.bootstrap, topic) == []


def test_a_user_who_may_write_nowhere_gets_no_producer_id(secure: ApacheKafka, topic: str) -> None:
    secure.admin.allow("bob", AclOperation.DESCRIBE, topic)
    given = {"bootstrap.servers": secure.bootstrap_of("SASL_SSL")} | sasl("SASL_SSL", "PLAIN", user="bob")

    with Producer(given) as producer:
        error = producer.send(topic, b"kept out").exception(WAIT_S)

    assert isinstance(error, SendError)
    assert error.code.code == Code.CLUSTER_AUTHORIZATION_FAILED


def test_a_producer_without_an_id_goes_on_once_its_user_has_the_right_to_one(secure: ApacheKafka, topic: str) -> None:
    secure.admin.allow("alice", AclOperation.DESCRIBE, topic)
    given = {"bootstrap.servers": secure.bootstrap_of("SASL_SSL")} | sasl("SASL_SSL", "PLAIN", user="alice")

    with Producer(given) as producer:
        refused = producer.send(topic, b"too early").exception(WAIT_S)
        secure.admin.allow("alice", AclOperation.WRITE, topic)
        # The broker hears of the right in its own time.
        until_s = time.monotonic() + WAIT_S
        while producer.send(topic, b"granted").exception(WAIT_S) is not None:
            assert time.monotonic() < until_s

    assert isinstance(refused, SendError)
    assert refused.code.code == Code.CLUSTER_AUTHORIZATION_FAILED
    assert [record.value for record in read_topic(secure.bootstrap, topic)] == ["granted"]


def test_an_acl_opens_the_topic(secure: ApacheKafka, topic: str) -> None:
    secure.admin.allow("alice", AclOperation.WRITE, topic)

    produce(secure, "SASL_SSL", topic, sasl("SASL_SSL", "OAUTHBEARER", user="alice"))


# -- the other drivers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_the_asyncio_producer_is_let_in_and_refused_alike(secure: ApacheKafka, topic: str, mechanism: str) -> None:
    servers = {"bootstrap.servers": secure.bootstrap_of("SASL_SSL")}

    async def send(properties: dict[str, Any]) -> None:
        async with AsyncProducer(servers | properties) as producer:
            await producer.send_and_wait(topic, b"let in")

    asyncio.run(send(sasl("SASL_SSL", mechanism)))
    assert [record.value for record in read_topic(secure.bootstrap, topic)] == ["let in"]
    if mechanism != "OAUTHBEARER":
        with pytest.raises(AuthenticationError, match="Authentication failed"):
            asyncio.run(send(sasl("SASL_SSL", mechanism, password="not this one")))


def test_the_command_line_produces_and_consumes_through_sasl_and_tls(secure: ApacheKafka, topic: str) -> None:
    given = sasl("SASL_SSL", "SCRAM-SHA-256")
    words = [word for name, value in given.items() for word in ("-X", f"{name}={value}")]
    servers = secure.bootstrap_of("SASL_SSL")

    with_source = acklab("produce", "-b", servers, "-t", topic, *words, str(CERTIFICATES / "make.sh"))
    assert with_source.returncode == 0, with_source.stderr
    read = acklab("consume", "-b", servers, "-t", topic, "-e", *words)
    assert read.returncode == 0, read.stderr
    assert [line.split("\t", 3)[3] for line in read.stdout.splitlines()] == (
        (CERTIFICATES / "make.sh").read_text().splitlines()
    )

    words = [word.replace("admin-secret", "not this one") for word in words]
    refusal = acklab("consume", "-b", servers, "-t", topic, "-e", *words)
    assert refusal.returncode == 1
    assert "SASL_AUTHENTICATION_FAILED" in refusal.stderr
