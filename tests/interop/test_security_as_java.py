"""Whom Apache Kafka lets in, whom it refuses, and with which word: our producer hears what Java's hears."""

from dataclasses import dataclass, field
from typing import Any

import pytest
from confluent_kafka.admin import AclOperation  # type: ignore[attr-defined]

from producer.errors import Code
from tests.interop.driven import JavaProducer, OurProducer
from tests.interop.secure_kafka import CERTIFICATES, LOGIN, PROTOCOLS, token
from tests.interop.side_by_side import SideBySide, Stage
from tests.unit.producer.drivers.tls_peers import certificates


@dataclass(frozen=True)
class Case:
    """One client before one listener, and the code of what it hears."""

    listener: str
    code: Code
    properties: dict[str, Any]
    java: dict[str, Any] = field(default_factory=dict)
    """What Java's producer has beside those properties, where it needs something else for the same."""
    ours: dict[str, Any] = field(default_factory=dict)
    may: tuple[str, AclOperation] | None = None
    """Who may do what with the topic."""


WITHOUT_ID = {"enable.idempotence": False}


def trusting(certificate: str) -> dict[str, Any]:
    return {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(CERTIFICATES / certificate)}


def trusting_only(certificate: str) -> dict[str, Any]:
    return {"ssl.truststore.type": "PEM", "ssl.truststore.certificates": certificate}


def login(mechanism: str, user: str = "admin", password: str = "") -> dict[str, Any]:
    module = "plain.PlainLoginModule" if mechanism == "PLAIN" else "scram.ScramLoginModule"
    words = f'username="{user}" password="{password or f"{user}-secret"}"'
    return {"sasl.mechanism": mechanism, "sasl.jaas.config": f"{LOGIN}.{module} required {words};"}


def bearing(code: Code, lifetime_s: int, **extensions: str) -> Case:
    """A token of either producer's own making, which the broker takes unsigned, and what travels beside it."""
    claims = f'unsecuredLoginStringClaim_sub="admin" unsecuredLoginLifetimeSeconds="{lifetime_s}"'
    for name, value in extensions.items():
        claims += f' unsecuredLoginExtension_{name}="{value}"'
    return Case(
        "SASL_SSL",
        code,
        {"sasl.mechanism": "OAUTHBEARER"},
        ours={"sasl.oauthbearer.token.callback": lambda: (*token(lifetime_s=lifetime_s), extensions)},
        java={"sasl.jaas.config": f"{LOGIN}.oauthbearer.OAuthBearerLoginModule required {claims};"},
    )


LEAF, INTERMEDIATE = certificates("chained")

# Java has no code of its own for what goes wrong in TLS, and finds that of a superclass.
TLS_REFUSED = Code.INVALID_CONFIG
SASL_REFUSED = Code.SASL_AUTHENTICATION_FAILED

# Java's sender asks for an id by itself, and in an error's state from the refusal until it has ended what is queued and asks
# anew. A `send` that queues its record meanwhile throws (KafkaProducer.doSend, TransactionManager.maybeAddPartition), and the
# record is told of all the same, as one that was queued before or after.
NO_ID = Code.CLUSTER_AUTHORIZATION_FAILED

CASES = {
    "TLS": Case("SSL", Code.NONE, trusting("ca.pem")),
    "TLS, a stranger": Case("SSL", TLS_REFUSED, trusting("stranger.pem")),
    "TLS, only the intermediate authority": Case("CHAINED", Code.NONE, trusting_only(INTERMEDIATE)),
    "TLS, only the broker itself": Case("CHAINED", Code.NONE, trusting_only(LEAF)),
    "TLS, only another broker": Case("SSL", TLS_REFUSED, trusting_only(LEAF)),
    "TLS, another name": Case("MISNAMED", TLS_REFUSED, trusting("ca.pem")),
    "TLS, expired": Case("EXPIRED", TLS_REFUSED, trusting("ca.pem")),
    "TLS, no certificate": Case("MUTUAL", TLS_REFUSED, trusting("ca.pem")),
    "PLAIN": Case("SASL_SSL", Code.NONE, login("PLAIN")),
    "PLAIN, wrong": Case("SASL_SSL", SASL_REFUSED, login("PLAIN", password="wrong")),
    "SCRAM-SHA-256": Case("SASL_SSL", Code.NONE, login("SCRAM-SHA-256")),
    "SCRAM-SHA-256, wrong": Case("SASL_SSL", SASL_REFUSED, login("SCRAM-SHA-256", password="wrong")),
    "SCRAM-SHA-512, nobody": Case("SASL_SSL", SASL_REFUSED, login("SCRAM-SHA-512", "nobody")),
    "OAUTHBEARER": bearing(Code.NONE, lifetime_s=3_600),
    "OAUTHBEARER, extensions": bearing(Code.NONE, lifetime_s=3_600, traceId="7", logicalCluster="a = b"),
    "OAUTHBEARER, expired": bearing(SASL_REFUSED, lifetime_s=-3_600),
    "no SASL there": Case("PLAINTEXT", Code.ILLEGAL_SASL_STATE, login("PLAIN")),
    "may nothing": Case("SASL_SSL", Code.TOPIC_AUTHORIZATION_FAILED, login("PLAIN", "alice")),
    "may see": Case("SASL_SSL", NO_ID, login("PLAIN", "bob"), may=("bob", AclOperation.DESCRIBE)),
    "may see, no id wanted": Case(
        "SASL_SSL",
        Code.TOPIC_AUTHORIZATION_FAILED,
        login("PLAIN", "bob") | WITHOUT_ID,
        may=("bob", AclOperation.DESCRIBE),
    ),
    "may write": Case("SASL_SSL", Code.NONE, login("PLAIN", "alice"), may=("alice", AclOperation.WRITE)),
}


def started(stage: Stage, case: Case) -> SideBySide:
    """Both producers of a case, and their user with the right that it has."""
    kafka = stage.kafka
    if case.may is not None:
        for kind in (OurProducer, JavaProducer):
            kafka.admin.allow(*case.may, stage.topic_of(kind))
    protocol = "SASL_PLAINTEXT" if case.listener == "PLAINTEXT" else PROTOCOLS[case.listener]
    given = {"bootstrap.servers": kafka.bootstrap_of(case.listener), "security.protocol": protocol, **case.properties}
    if protocol == "SASL_SSL":
        given |= trusting("ca.pem")
    return stage.start(given | case.ours, java=given | case.java)


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_hear_the_same(secure_stage: Stage, case: Case) -> None:
    both = started(secure_stage, case)

    sent = both.send(partition=0)

    both.judge(may_throw={sent} if case.code is NO_ID else ())
    both.assert_alike()
    assert both.codes(sent) == {case.code.name}


def test_java_s_producer_throws_what_it_tells_where_an_id_was_refused_a_moment_ago(secure_stage: Stage) -> None:
    """Java's sender calls back amid that moment, so who sends from there is in it for certain."""
    both = started(secure_stage, CASES["may see"])

    first, second = both.send_in_turn(partition=0)

    both.wait_told()
    both.judge(may_throw={first, second})
    both.assert_alike()
    assert both.codes(first) == both.codes(second) == {NO_ID.name}
    assert second in both.java.producer.thrown
    assert not both.ours.producer.thrown
