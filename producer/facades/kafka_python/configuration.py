"""kafka-python's keyword arguments: read into Kafka's properties, with kafka-python's defaults."""

from __future__ import annotations

from typing import Any

from producer.facades.pem import read_pem

TOKEN_GOOD_S = 1

DEFAULTS: dict[str, Any] = {
    "bootstrap.servers": "localhost:9092",
    "linger.ms": 0,
    "reconnect.backoff.max.ms": 30_000,
}
"""kafka-python's, where they are not Kafka's own."""

WITHOUT_EFFECT = {
    "allow_auto_create_topics": "the broker decides",
    "api_version": "versions are always negotiated",
    "api_version_auto_timeout_ms": "versions are always negotiated",
    "bootstrap_timeout_ms": "the constructor does not wait for a broker",
    "kafka_client": "the engine is our own",
    "metric_reporters": "metrics() gives them",
    "metrics_enabled": "metrics are always counted",
    "receive_message_max_bytes": "a frame is bounded by its own length",
    "selector": "the system's best selector is used",
    "socket_options": "TCP_NODELAY is always set",
}
"""kafka-python's arguments that are accepted, change nothing, and are logged with the reason."""


def secured(properties: dict[str, Any]) -> dict[str, Any]:
    """Say kafka-python's arguments for TLS and tokens in Kafka's words. Raises ConfigError."""
    if properties.pop("ssl_check_hostname", True) is False:
        properties["ssl.endpoint.identification.algorithm"] = ""
    for argument, name in (("ssl_certfile", "ssl.keystore.certificate.chain"), ("ssl_keyfile", "ssl.keystore.key")):
        if argument in properties:
            properties[name] = read_pem(argument, properties.pop(argument))
    if "ssl_password" in properties:
        properties["ssl.key.password"] = properties.pop("ssl_password")
    provider = properties.pop("sasl_oauth_token_provider", None)
    if provider is not None:
        # It does not tell how long a token is good for, so each connection asks anew. Extensions are whoever's to have.
        extensions = getattr(provider, "extensions", dict)
        properties["sasl.oauthbearer.token.callback"] = lambda: (provider.token(), TOKEN_GOOD_S, extensions())
    return properties
