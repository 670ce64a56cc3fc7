"""Who is there, asked by ours and by Apache Kafka: Java's producer at our TLS and SASL listeners, and one script of SCRAM at both."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._scram import (
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialDeletion,
    UserScramCredentialUpsertion,
)

from producer import Producer
from producer.errors import AuthenticationError, Code, ProducerError
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.interop.driven import JavaProducer
from tests.serve.served import Served

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.interop.apache_kafka import ApacheKafka

LIMIT_S = 30
STAGE = Stage(brokers=1, topics=("orders:1:1",), is_secure=True)
LOGIN = "org.apache.kafka.common.security"
MODULES = {
    "PLAIN": f"{LOGIN}.plain.PlainLoginModule",
    "SCRAM-SHA-256": f"{LOGIN}.scram.ScramLoginModule",
    "SCRAM-SHA-512": f"{LOGIN}.scram.ScramLoginModule",
}
SCRAMS = {"SCRAM-SHA-256": ScramMechanism.SCRAM_SHA_256, "SCRAM-SHA-512": ScramMechanism.SCRAM_SHA_512}


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("secure") / "certificates"


@pytest.fixture(scope="module")
def served(certificates: Path) -> Iterator[Served]:
    with Served(STAGE, Serving(port=0, certificates=certificates)) as cluster:
        yield cluster


# -- Java at our listeners ---------------------------------------------------------------------------------------------


class Java(NamedTuple):
    """Java's producer, as it is begun here."""

    class_path: str
    log: Path

    def told(self, properties: dict[str, Any]) -> str:
        """Send one record. Gives the code that it was told."""
        producer = JavaProducer(
            {"acks": "all", "max.block.ms": 10_000, **properties}, class_path=self.class_path, log=self.log
        )
        try:
            producer.send(0, "orders", "an order", key=None, partition=None)
            producer.wait_told(1)
            return producer.told[0][0].code
        finally:
            producer.end()


@pytest.fixture
def java(java_class_path: str, tmp_path: Path) -> Java:
    return Java(java_class_path, tmp_path / "java.log")


def at(served: Served, listener: str, certificates: Path) -> dict[str, Any]:
    given = {"bootstrap.servers": served.server.bootstraps[listener], "security.protocol": listener}
    if "SSL" in listener:
        given |= {"ssl.truststore.type": "PEM", "ssl.truststore.location": str(certificates / "ca.pem")}
    return given


def sasl(mechanism: str, password: str) -> dict[str, str]:
    login = f'{MODULES[mechanism]} required username="alice" password="{password}";'
    return {"sasl.mechanism": mechanism, "sasl.jaas.config": login}


@pytest.mark.parametrize(
    ("listener", "mechanism"),
    [("SASL_PLAINTEXT", "PLAIN"), ("SASL_SSL", "SCRAM-SHA-256"), ("SASL_PLAINTEXT", "SCRAM-SHA-512")],
)
def test_java_is_let_in_by_its_password_and_by_no_other(
    served: Served, certificates: Path, java: Java, listener: str, mechanism: str
) -> None:
    where = at(served, listener, certificates)

    assert java.told(where | sasl(mechanism, "alice-secret")) == Code.NONE.name
    assert java.told(where | sasl(mechanism, "wrong")) == Code.SASL_AUTHENTICATION_FAILED.name


def test_java_is_let_in_by_its_certificate(served: Served, certificates: Path, java: Java) -> None:
    own = {"ssl.keystore.type": "PEM", "ssl.keystore.location": str(certificates / "alice.pem")}

    assert java.told(at(served, "SSL", certificates) | own) == Code.NONE.name


# -- one script of SCRAM at both ---------------------------------------------------------------------------------------


class Place(NamedTuple):
    """A broker that asks who is there."""

    open_to_all: str
    """Where everybody is a super user."""
    asks: str
    """Its SASL_PLAINTEXT listener."""


@pytest.fixture
def places(secure: ApacheKafka, served: Served) -> tuple[Place, Place]:
    """Apache Kafka's, and ours."""
    ours = served.server.bootstraps
    return (
        Place(secure.bootstrap, secure.bootstrap_of("SASL_PLAINTEXT")),
        Place(ours["PLAINTEXT"], ours["SASL_PLAINTEXT"]),
    )


def described(admin: AdminClient, user: str) -> object:
    """What a broker tells of a user's credentials."""
    told: Any = admin.describe_user_scram_credentials([user])
    return outcome(told[user])


def until_known(admin: AdminClient, user: str, wanted: object) -> object:
    """Ask until the broker has heard of what the controller did; gives what it tells in the end."""
    ends = time.monotonic() + LIMIT_S
    while (told := described(admin, user)) != wanted and time.monotonic() < ends:
        pass
    return told


def outcome(future: Any) -> object:
    """What came of one call: None, a description in words, or the name of its error."""
    try:
        found = future.result(LIMIT_S)
    except KafkaException as error:
        return error.args[0].name()
    infos = getattr(found, "scram_credential_infos", None)
    return None if infos is None else sorted((info.mechanism.name, info.iterations) for info in infos)


def is_let_in(place: Place, user: str, password: str, mechanism: str) -> bool:
    """Whether somebody is known, whatever the topic is that is asked for."""
    login = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": mechanism, "sasl.username": user}
    with Producer(
        {"bootstrap.servers": place.asks, "sasl.password": password, "max.block.ms": 5_000, **login}
    ) as client:
        try:
            client.send("orders", b"an order").result(LIMIT_S)
        except AuthenticationError:
            return False
        except ProducerError:
            return True
    return True


def script(place: Place, mechanism: str) -> list[object]:
    """Make, change and delete a user's credential. Gives everything that was told on the way."""
    admin = AdminClient({"bootstrap.servers": place.open_to_all})
    user, scram = f"carol-{mechanism.lower()}", SCRAMS[mechanism]
    told: list[object] = []

    def alter(alteration: Any) -> None:
        told.append(outcome(admin.alter_user_scram_credentials([alteration])[alteration.user]))

    def look(wanted: object) -> None:
        told.append(until_known(admin, user, wanted))
        told.append([is_let_in(place, user, password, mechanism) for password in ("first", "second")])

    def made(password: bytes, iterations: int = 4_096) -> UserScramCredentialUpsertion:
        return UserScramCredentialUpsertion(user, ScramCredentialInfo(scram, iterations), password, b"salt")

    nobody, first, second = "RESOURCE_NOT_FOUND", [(scram.name, 4_096)], [(scram.name, 8_192)]
    look(nobody)
    alter(made(b"first"))
    look(first)
    alter(made(b"second", 8_192))
    look(second)
    # Too few rounds, and too many.
    alter(made(b"first", 4_095))
    alter(made(b"first", 16_385))
    look(second)
    alter(UserScramCredentialDeletion(user, scram))
    look(nobody)
    alter(UserScramCredentialDeletion(user, scram))
    return told


@pytest.mark.parametrize("mechanism", SCRAMS)
def test_credentials_are_made_changed_and_deleted_alike(places: tuple[Place, Place], mechanism: str) -> None:
    theirs, ours = (script(place, mechanism) for place in places)

    assert ours == theirs
    # It let somebody in, and later somebody else, so that there is something to be alike in.
    assert [True, False] in theirs
    assert [False, True] in theirs
