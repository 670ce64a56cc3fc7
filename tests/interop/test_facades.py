"""The façades beside their originals, on Apache Kafka: what its brokers refuse ends in the same code, or class."""

import itertools
from typing import Any

import confluent_kafka
import kafka as kafka_python
import kafka.errors
import pytest

from producer.facades import confluent
from producer.facades import kafka_python as facade
from tests.interop.apache_kafka import ApacheKafka

WAIT_S = 30
SMALL = {"max.message.bytes": "10000"}
LARGE = bytes(20_000)

names = itertools.count(1)
# kafka-python leaves sockets to the garbage collector.
pytestmark = [
    pytest.mark.filterwarnings(f"ignore::{kind}")
    for kind in ("DeprecationWarning", "ResourceWarning", "pytest.PytestUnraisableExceptionWarning")
]


@pytest.fixture
def topic(secure: ApacheKafka) -> str:
    name = f"facades-{next(names)}"
    secure.admin.create_topic(name, config=SMALL)
    return name


@pytest.mark.parametrize("kafka", [confluent_kafka, confluent], ids=["confluent_kafka", "facade"])
def test_confluent_kafka_and_its_facade_report_the_same_codes(secure: ApacheKafka, topic: str, kafka: Any) -> None:
    heard: list[Any] = []
    for user, name, value in (
        ("admin", topic, b"v"),
        ("admin", topic, LARGE),
        ("admin", "two words", b"v"),
        ("admin", "", b"v"),
        ("admin", "x" * 250, b"v"),
        ("alice", topic, b"v"),
    ):
        producer = kafka.Producer(
            {
                "bootstrap.servers": secure.bootstrap_of("SASL_PLAINTEXT"),
                "security.protocol": "sasl_plaintext",
                "sasl.mechanism": "PLAIN",
                "sasl.username": user,
                "sasl.password": f"{user}-secret",
                "log_level": 0,
                "on_delivery": lambda error, _: heard.append(error and error.name()),
            }
        )
        try:
            producer.produce(name, value)
        except kafka.KafkaException as error:
            heard.append(error.args[0].name())
        assert producer.flush(WAIT_S) == 0
        producer.close()

    assert heard == [
        None, "MSG_SIZE_TOO_LARGE", "TOPIC_EXCEPTION", "TOPIC_EXCEPTION", "TOPIC_EXCEPTION", "TOPIC_AUTHORIZATION_FAILED",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("make", "errors"),
    [(kafka_python.KafkaProducer, kafka.errors), (facade.KafkaProducer, facade.errors)],
    ids=["kafka-python", "facade"],
)
def test_kafka_python_and_its_facade_end_in_the_same_classes(
    secure: ApacheKafka, topic: str, make: Any, errors: Any
) -> None:
    ended: list[Any] = []
    for user, value in (("admin", b"v"), ("admin", LARGE), ("alice", b"v")):
        with make(
            bootstrap_servers=secure.bootstrap_of("SASL_PLAINTEXT"),
            security_protocol="SASL_PLAINTEXT",
            sasl_mechanism="PLAIN",
            sasl_plain_username=user,
            sasl_plain_password=f"{user}-secret",
        ) as producer:
            try:
                ended.append(producer.send(topic, value).get(WAIT_S).topic)
            except errors.KafkaError as error:
                ended.append((type(error).__name__, getattr(error, "errno", None)))

    assert ended == [topic, ("MessageSizeTooLargeError", 10), ("TopicAuthorizationFailedError", 29)]
