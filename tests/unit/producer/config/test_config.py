"""ProducerConfig: Kafka's names, defaults and cross-checks, and errors that name the property and the value."""

import re
from typing import Any

import pytest

from producer.config.config import ALIASES, PROPERTIES, ProducerConfig
from producer.errors import ConfigError

SERVER = {"bootstrap.servers": "127.0.0.1:9092"}


def config(**properties: Any) -> ProducerConfig:
    return ProducerConfig.from_properties(
        SERVER | {name.replace("_", "."): value for name, value in properties.items()}
    )


def test_values_may_be_text_as_in_a_properties_file() -> None:
    given = config(linger_ms="0", enable_idempotence="false", bootstrap_servers="a:1, b:2")

    assert (given.linger_ms, given.enable_idempotence) == (0, False)
    assert given.bootstrap_addresses == (("a", 1), ("b", 2))


@pytest.mark.parametrize(
    ("name", "value", "field"),
    [
        ("linger_ms", 7, "linger_ms"),
        ("max_in_flight_requests_per_connection", 2, "max_in_flight_requests_per_connection"),
        ("queue.buffering.max.ms", 9, "linger_ms"),
        ("compression.codec", "lz4", "compression_type"),
    ],
)
def test_names_of_other_clients_are_understood(name: str, value: object, field: str) -> None:
    assert getattr(ProducerConfig.from_properties(SERVER | {name: value}), field) == value


def test_acks_minus_one_is_all() -> None:
    assert config(acks=-1).acks_code == -1
    assert config(acks="0").acks_code == 0


def test_every_alias_leads_to_a_property() -> None:
    assert set(ALIASES.values()) <= set(PROPERTIES)


@pytest.mark.parametrize(
    ("properties", "names"),
    [
        ({"ack": "1"}, "unknown property 'ack'; did you mean acks?"),
        ({"linger.msec": 1}, "did you mean linger.ms"),
        ({"acks": "2"}, "acks is '2'"),
        ({"linger.ms": -1}, "linger.ms is -1"),
        ({"linger.ms": "soon"}, "linger.ms is 'soon'"),
        ({"bootstrap.servers": "localhost"}, "'localhost', must be host:port"),
        ({"bootstrap.servers": "localhost:0"}, "'localhost:0', must be host:port"),
        (
            {"metrics.recording.level": "debug"},
            "metrics.recording.level is 'debug': input should be 'INFO', 'DEBUG' or",
        ),
        ({"bootstrap.servers": "a:1,,b:2"}, "must have no empty place"),
        ({"enable.idempotence": "yes"}, "enable.idempotence is 'yes': must be true or false"),
        ({"ssl.truststore.location": "x"}, "ssl.truststore.location has no effect with security.protocol=PLAINTEXT"),
        ({"linger.ms": 1, "queue.buffering.max.ms": 2}, "linger.ms is given twice"),
        ({"acks": "1", "enable.idempotence": True}, "acks is 1, must be all"),
        ({"retries": 0, "enable.idempotence": True}, "retries is 0"),
        ({"max.in.flight.requests.per.connection": 6}, "is 6, must be at most 5"),
        ({"partitioner.rack.aware": True}, "client.rack is '', must name a rack"),
        ({"partitioner.rack.aware": True, "client.rack": " "}, "client.rack is '', must name a rack"),
        (
            {"max.in.flight.requests.per.connection": 6, "acks": "1"},
            "is 6, must be at most 5 unless enable.idempotence is f",
        ),
        ({"delivery.timeout.ms": 1_000}, "delivery.timeout.ms is 1000, must be at least .* 30005"),
    ],
)
def test_what_cannot_be_right_is_named(properties: dict[str, Any], names: str) -> None:
    with pytest.raises(ConfigError, match=names):
        ProducerConfig.from_properties(SERVER | properties)


def test_bootstrap_servers_is_required() -> None:
    with pytest.raises(ConfigError, match=r"bootstrap\.servers is required"):
        ProducerConfig.from_properties({})


@pytest.mark.parametrize("properties", [{"acks": "1"}, {"acks": "0"}, {"retries": 0}])
def test_what_excludes_idempotence_switches_off_the_implicit_one(properties: dict[str, Any]) -> None:
    assert not ProducerConfig.from_properties(SERVER | properties).enable_idempotence


def test_more_in_flight_is_allowed_without_idempotence() -> None:
    given = config(max_in_flight_requests_per_connection=50, enable_idempotence="false")

    assert given.max_in_flight_requests_per_connection == 50


def test_an_implicit_delivery_timeout_grows_with_what_it_contains() -> None:
    assert config(request_timeout_ms=200_000).delivery_timeout_ms == 200_005


def test_transactions_need_idempotence_and_what_that_needs() -> None:
    assert config(**{"transactional.id": "t"}).enable_idempotence
    for given, told in (
        ({"enable.idempotence": False}, "transactional.id is 't', and enable.idempotence false"),
        ({"acks": "1"}, "acks is 1, must be all for an idempotent producer, and transactional.id 't' needs one"),
        ({"retries": 0}, "retries is 0, must be greater than 0"),
        ({"max.in.flight.requests.per.connection": 6}, "must be at most 5"),
    ):
        with pytest.raises(ConfigError, match=re.escape(told)):
            config(**{"transactional.id": "t", **given})
    with pytest.raises(ConfigError, match=r"transactional.id is empty"):
        config(**{"transactional.id": ""})
