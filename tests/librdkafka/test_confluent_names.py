"""The configurations and errors of confluent-kafka and of our façade of it: the same names, values and refusals."""

import time
from pathlib import Path
from typing import Any

import confluent_kafka
import pytest

import producer.facades.confluent as facade
from producer.facades.confluent.configuration import read_settings
from tests.librdkafka.confluent_kinds import both, end

CERTIFICATES = Path(__file__).parents[1] / "certificates"


@both
@pytest.mark.parametrize("given", [{"nope": 1}, {"acks": "many"}, {"partitioner": "nope"}, {"on_delivery": 5}])
def test_a_bad_configuration_is_a_kafka_exception(kafka: Any, given: dict[str, Any]) -> None:
    with pytest.raises(kafka.KafkaException) as caught:
        kafka.Producer({"bootstrap.servers": "127.0.0.1:1"} | given)

    assert caught.value.args[0].code() == kafka.KafkaError._INVALID_ARG


@pytest.mark.parametrize(
    "given",
    [
        {"metadata.broker.list": "127.0.0.1:1"},
        {"bootstrap.servers": "127.0.0.1:1", "queue.buffering.max.ms": "0.5", "message.timeout.ms": "700"},
        {"bootstrap.servers": "127.0.0.1:1", "compression.codec": "lz4", "compression.level": 5},
        {"bootstrap.servers": "127.0.0.1:1", "default.topic.config": {"request.required.acks": -1}},
        {"bootstrap.servers": "127.0.0.1:1", "max.in.flight": 100, "queue.buffering.max.kbytes": 64},
        {"bootstrap.servers": "127.0.0.1:1", "statistics.interval.ms": 0, "socket.keepalive.enable": True},
        {"bootstrap.servers": "127.0.0.1:1", "enable.idempotence": 1},
        {"bootstrap.servers": "127.0.0.1:1", "enable.idempotence": "F", "acks": 1},
    ],
)
def test_configurations_of_librdkafka_are_understood(given: dict[str, Any]) -> None:
    for kafka in (confluent_kafka, facade):
        producer: Any = kafka.Producer(given | {"log_level": 0})
        end(producer)


def test_a_profile_of_ours_wins_over_librdkafka_s_defaults() -> None:
    properties = read_settings({"acklab.profile": "safe", "linger.ms": 7}).properties

    assert (properties["enable.idempotence"], properties["linger.ms"]) == ("true", 7)
    assert properties["max.in.flight.requests.per.connection"] == "5"
    assert properties["delivery.timeout.ms"] == 300_000, "librdkafka's, where the profile says nothing"


def test_certificates_and_tokens_are_taken_as_librdkafka_takes_them() -> None:
    given = {
        "bootstrap.servers": "127.0.0.1:1",
        "security.protocol": "SSL",
        "ssl.ca.location": str(CERTIFICATES / "ca.pem"),
        "ssl.certificate.location": str(CERTIFICATES / "client.pem"),
        "ssl.key.location": str(CERTIFICATES / "client.pem"),
    }
    producer = facade.Producer(given)
    assert "PRIVATE KEY" in str(producer._producer.config.ssl_keystore_key)
    end(producer)
    with pytest.raises(facade.KafkaException, match=r"ssl\.key\.location is 'nowhere\.pem': No such file"):
        facade.Producer(given | {"ssl.key.location": "nowhere.pem"})

    producer = facade.Producer(
        {
            "bootstrap.servers": "127.0.0.1:1",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanisms": "OAUTHBEARER",
            "sasl.oauthbearer.config": "scope=a",
            "oauth_cb": lambda told: (f"token-for-{told}", time.time() + 100),
        }
    )
    token, good_s, extensions = producer._producer.config.sasl_oauthbearer_token_callback()
    end(producer)
    assert token == "token-for-scope=a"
    assert 90 < good_s < 101
    assert extensions == {}


@pytest.mark.parametrize(
    ("more", "extensions"), [((), {}), (("me",), {}), (("me", {"traceId": "7"}), {"traceId": "7"})]
)
def test_what_travels_beside_a_token_is_taken_from_oauth_cb(more: tuple[Any, ...], extensions: dict[str, str]) -> None:
    producer = facade.Producer(
        {
            "bootstrap.servers": "127.0.0.1:1",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanisms": "OAUTHBEARER",
            "oauth_cb": lambda _: ("token", time.time() + 100, *more),
        }
    )

    assert producer._producer.config.sasl_oauthbearer_token_callback()[2] == extensions
    end(producer)


def test_errors_compare_as_librdkafkas_do() -> None:
    for kafka in (confluent_kafka, facade):
        error: Any = kafka.KafkaError(3)
        assert error == 3
        assert error == kafka.KafkaError(3)
        assert error != kafka.KafkaError(4)
        assert hash(error) == 3
        assert error > 2
        assert error <= 3
        assert not error.fatal()
