"""`security.protocol`, `ssl.*` and `sasl.*`: each of Kafka's keys has an effect or a reason; secrets are never shown."""

from typing import Any

import pytest

from producer.config.config import ProducerConfig
from producer.config.security import SECRETS
from producer.errors import ConfigError

SERVER = {"bootstrap.servers": "b1:9092"}
SASL = {"security.protocol": "SASL_SSL", "sasl.mechanism": "PLAIN"}
USER = {"sasl.username": "alice", "sasl.password": "alice-secret"}
TLS = {"security.protocol": "SSL"}
OAUTH = {"security.protocol": "SASL_SSL", "sasl.mechanism": "OAUTHBEARER"}
PLAIN_MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule"
JAAS = f'{PLAIN_MODULE} required username="alice" password="alice-secret";'


def callback() -> tuple[str, int]:
    return "token", 60


def config(properties: dict[str, Any]) -> ProducerConfig:
    return ProducerConfig.from_properties(SERVER | properties)


def test_the_defaults_are_those_of_the_java_producer() -> None:
    given_nothing = config({})

    assert given_nothing.security_protocol == "PLAINTEXT"
    assert given_nothing.ssl_enabled_protocols == ["TLSv1.2", "TLSv1.3"]
    assert given_nothing.ssl_endpoint_identification_algorithm == "https"
    assert given_nothing.sasl_login_refresh_window_factor == 0.8
    assert (given_nothing.uses_tls, given_nothing.uses_sasl) == (False, False)


@pytest.mark.parametrize(
    "properties",
    [
        TLS,
        TLS | {"ssl.truststore.type": "PEM", "ssl.truststore.location": "ca.pem"},
        TLS | {"ssl_cafile": "ca.pem"},
        {
            "security_protocol": "sasl_ssl",
            "sasl_mechanism": "plain",
            "sasl_plain_username": "a",
            "sasl_plain_password": "b",
        },
        {"security.protocol": "SASL_SSL", "sasl.mechanisms": "SCRAM-SHA-512", "ssl.ca.location": "ca.pem"} | USER,
        SASL | {"sasl.jaas.config": JAAS},
        OAUTH | {"sasl.oauthbearer.token.callback": callback, "sasl.login.refresh.buffer.seconds": "0"},
        TLS | {"ssl.endpoint.identification.algorithm": "none"},
    ],
)
def test_what_is_right_passes_under_the_names_of_each_client(properties: dict[str, Any]) -> None:
    assert config(properties).security_protocol in {"SSL", "SASL_SSL"}


@pytest.mark.parametrize(
    ("properties", "says"),
    [
        ({"security.protocol": "TLS"}, "security.protocol is 'TLS'"),
        ({"ssl.truststore.location": "ca.pem"}, "ssl.truststore.location has no effect with security.protocol=PLAINTEXT"),
        ({"security.protocol": "SASL_PLAINTEXT", "ssl.key.password": "x"}, "ssl.key.password has no effect with security.pro"),
        (TLS | USER, "sasl.password has no effect with security.protocol=SSL"),
        (TLS | {"ssl.keystore.type": "JKS"}, "ssl.keystore.type is 'JKS': .*belong to Java; PEM"),
        (TLS | {"ssl.truststore.type": "PKCS12"}, "ssl.truststore.type is 'PKCS12'"),
        (TLS | {"ssl.truststore.password": "x"}, "ssl.truststore.password has no effect here: PEM files have no password"),
        (TLS | {"ssl.enabled.protocols": "TLSv1.1"}, "ssl.enabled.protocols is 'TLSv1.1'"),
        (TLS | {"ssl.enabled.protocols": ""}, "ssl.enabled.protocols"),
        (TLS | {"ssl.endpoint.identification.algorithm": "ldaps"}, "is 'ldaps'"),
        (TLS | {"ssl.keystore.key": "k"}, "ssl.keystore.key and ssl.keystore.certificate.chain need each other"),
        (TLS | {"ssl.keystore.key": "k", "ssl.keystore.location": "f"}, "exclude each other"),
        (TLS | {"ssl.truststore.certificates": "k", "ssl.truststore.location": "f"}, "exclude each other"),
        (TLS | {"ssl.key.password": "x"}, "ssl.key.password has no effect without"),
        (TLS | {"ssl.protocol": "TLSv1.2", "ssl.enabled.protocols": "TLSv1.3"}, "ssl.protocol is TLSv1.2, but"),
        (TLS | {"ssl.certificate.location": "c.pem"}, "put certificate and key into one PEM file"),
        ({"security.protocol": "SASL_SSL"}, "sasl.mechanism is required .* GSSAPI, is not here; choose PLAIN"),
        ({"security.protocol": "SASL_SSL", "sasl.mechanism": "GSSAPI"}, "sasl.mechanism is 'GSSAPI': Kerberos"),
        (SASL, "sasl.mechanism=PLAIN needs sasl.jaas.config, or sasl.username and sasl.password"),
        (SASL | {"sasl.username": "alice"}, "needs sasl.jaas.config, or"),
        (SASL | USER | {"sasl.jaas.config": JAAS}, "sasl.jaas.config and sasl.username/sasl.password exclude"),
        (SASL | USER | {"sasl.username": ""}, "name is empty"),
        (SASL | USER | {"sasl.password": "a\0b"}, "a zero byte"),
        (SASL | USER | {"sasl.oauthbearer.token.callback": callback}, "callback has no effect with sasl.mechanism=PLAIN"),
        (SASL | USER | {"sasl.login.refresh.window.factor": 0.9}, "factor has no effect with sasl.mechanism=PLAIN"),
        (OAUTH, "sasl.oauthbearer.token.callback is required"),
        (OAUTH | {"sasl.oauthbearer.token.callback": "f"}, "token.callback is a str, must be callable"),
        (OAUTH | {"sasl.jaas.config": JAAS}, "sasl.jaas.config has no effect with sasl.mechanism=OAUTHBEARER: tokens come"),
        (OAUTH | {"sasl.oauthbearer.token.endpoint.url": "https://x"}, "url has no effect here: tokens come from"),
        (OAUTH | {"sasl.login.refresh.window.factor": 0.4}, "sasl.login.refresh.window.factor is 0.4"),
        (SASL | USER | {"sasl.kerberos.service.name": "kafka"}, "Kerberos"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_named(properties: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        config(properties)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_is_shown_neither_by_an_error_nor_by_repr(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} is a list that is not shown here") as told:
        config(SASL | {name: ["hush"]})
    assert "hush" not in str(told.value)

    whole = repr(config(SASL | USER)) + repr(config(SASL | {"sasl.jaas.config": JAAS}).credentials)
    assert "alice-secret" not in whole
