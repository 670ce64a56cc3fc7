"""kafka-python's keyword arguments: read into Kafka's properties, with kafka-python's defaults."""

from __future__ import annotations

import itertools
import logging
import math
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.config.config import PROPERTIES, canonical_name
from producer.config.profiles import with_profile
from producer.config.property_types import INT_MAX, Verbatim
from producer.facades.kafka_python.errors import BadTypeError, BadValueError, KafkaConfigurationError
from producer.facades.kafka_python.servers import read_servers
from producer.facades.pem import read_pem

if TYPE_CHECKING:
    from collections.abc import Mapping

log = logging.getLogger(__name__)

TOKEN_GOOD_S = 1
IN_FLIGHT_MAX_IDEMPOTENT = 5

DEFAULTS: dict[str, Any] = {
    "bootstrap_servers": "localhost", "client_id": None, "key_serializer": None, "value_serializer": None,
    "enable_idempotence": True, "transactional_id": None, "transaction_timeout_ms": 60_000, "delivery_timeout_ms": 120_000,
    "acks": -1, "compression_type": None, "retries": math.inf, "batch_size": 16_384, "linger_ms": 0, "partitioner": None,
    "connections_max_idle_ms": 540_000, "max_block_ms": 60_000, "max_request_size": 1_048_576,
    "allow_auto_create_topics": True, "metadata_max_age_ms": 300_000, "client_dns_lookup": "use_all_dns_ips",
    "retry_backoff_ms": 100, "request_timeout_ms": 30_000, "receive_message_max_bytes": 100_000_000,
    "receive_buffer_bytes": None, "send_buffer_bytes": None, "socket_options": None, "reconnect_backoff_ms": 50,
    "reconnect_backoff_max_ms": 30_000, "max_in_flight_requests_per_connection": 5, "security_protocol": "PLAINTEXT",
    "ssl_context": None, "ssl_check_hostname": True, "ssl_cafile": None, "ssl_certfile": None, "ssl_keyfile": None,
    "ssl_crlfile": None, "ssl_password": None, "ssl_ciphers": None, "api_version": None, "bootstrap_timeout_ms": 30_000,
    "metric_reporters": (), "metrics_enabled": True, "metrics_num_samples": 2, "metrics_sample_window_ms": 30_000,
    "selector": None, "sasl_mechanism": None, "sasl_plain_username": None, "sasl_plain_password": None,
    "sasl_kerberos_name": None, "sasl_kerberos_service_name": "kafka", "sasl_kerberos_domain_name": None,
    "sasl_oauth_token_provider": None, "proxy_url": None, "socks5_proxy": None, "kafka_client": None,
}  # fmt: skip
"""kafka-python's arguments, and what they are if they are not given."""

NUMBERS = frozenset(
    name for name, value in DEFAULTS.items() if isinstance(value, int | float) and not isinstance(value, bool)
) - {"acks"} | {"receive_buffer_bytes", "send_buffer_bytes"}
AT_LEAST_ZERO = frozenset(("batch_size", "linger_ms", "reconnect_backoff_ms", "retries", "retry_backoff_ms"))
"""Numbers of which one below zero does what zero does."""
CODECS = (None, "gzip", "snappy", "lz4", "zstd")

WITHOUT_EFFECT = {
    "allow_auto_create_topics": "the broker decides",
    "api_version": "versions are always negotiated",
    "bootstrap_timeout_ms": "the constructor does not wait for a broker",
    "kafka_client": "the engine is our own",
    "metric_reporters": "metrics() gives them",
    "metrics_enabled": "metrics are always counted",
    "receive_message_max_bytes": "a frame is bounded by its own length",
    "sasl_kerberos_domain_name": "Kerberos is not here",
    "sasl_kerberos_name": "Kerberos is not here",
    "sasl_kerberos_service_name": "Kerberos is not here",
    "selector": "the system's best selector is used",
    "socket_options": "TCP_NODELAY is always set",
}
"""kafka-python's arguments that are accepted, change nothing, and are logged with the reason."""
REFUSED = {
    "proxy_url": "connections are made without a proxy",
    "socks5_proxy": "connections are made without a proxy",
}
REFUSED_WITH_TLS = {
    "ssl_context": "the context is made of the other ssl arguments",
    "ssl_crlfile": "lists of revoked certificates are not read",
}
OWN = frozenset(("key_serializer", "value_serializer", "partitioner"))
"""What the façade itself sees to."""

_numbers = itertools.count(1)


class Arguments(NamedTuple):
    """What the arguments come to."""

    config: dict[str, Any]
    """Those of kafka-python, as they were given or are by default."""
    properties: dict[str, Any]
    """Kafka's, for the producer beneath."""


def read_arguments(given: Mapping[str, Any]) -> Arguments:
    """Read them; None is the default. Raises KafkaConfigurationError, which is a ValueError or TypeError where theirs is one.

    Raises ConfigError, too.
    """
    unknown = {name: value for name, value in given.items() if name not in DEFAULTS and not _is_ours(name)}
    if unknown:
        raise BadValueError(f"Unrecognized configs: {unknown}")
    config = DEFAULTS | {name: value for name, value in given.items() if name in DEFAULTS}
    chosen = {name: _as_given(name, value) for name, value in given.items() if value is not None and name not in OWN}
    _refuse(chosen)
    for name in sorted(chosen.keys() & WITHOUT_EFFECT.keys()):
        log.warning("argument %s has no effect here: %s", name, WITHOUT_EFFECT[name])
        del chosen[name]
    for name in sorted(chosen.keys() & NUMBERS):
        chosen[name] = _number(name, chosen[name])
    _choose_codec(chosen)
    _choose_idempotence(chosen)
    _secure(chosen)
    _check_timeouts(DEFAULTS | chosen)
    chosen["bootstrap_servers"] = _servers(chosen.get("bootstrap_servers", DEFAULTS["bootstrap_servers"]))
    if config["client_id"] is None:
        config["client_id"] = chosen["client_id"] = f"kafka-python-producer-{next(_numbers)}"
    named = {name if "." in name else canonical_name(name): value for name, value in chosen.items()}
    beneath = {"linger.ms": DEFAULTS["linger_ms"], "reconnect.backoff.max.ms": DEFAULTS["reconnect_backoff_max_ms"]}
    return Arguments(config, beneath | with_profile(named))


def _as_given(name: str, value: Any) -> Any:
    """Let the texts of kafka-python's arguments keep their blanks, as kafka-python does."""
    return Verbatim(value) if name in DEFAULTS and isinstance(value, str) else value


def _is_ours(name: str) -> bool:
    return "." not in name and name.replace("_", ".") in PROPERTIES


def _refuse(chosen: dict[str, Any]) -> None:
    uses_tls = "SSL" in str(chosen.get("security_protocol", "")).upper()
    for name, why in (REFUSED | (REFUSED_WITH_TLS if uses_tls else {})).items():
        # What is empty asks for nothing.
        if chosen.pop(name, None):
            raise BadValueError(f"argument {name} cannot be obeyed here: {why}")


def _number(name: str, given: Any) -> Any:
    """Give a whole number; a part of one rounds up, and there is no end to what may be waited for."""
    number: float
    if isinstance(given, str):
        try:
            number = int(given)
        except ValueError as error:
            raise BadTypeError(f"{name} is {given!r}, must be a number") from error
    elif isinstance(given, int | float) and not math.isnan(given):
        number = given
    else:
        raise BadTypeError(f"{name} is {given!r}, must be a number")
    whole = INT_MAX if number >= INT_MAX else math.ceil(max(number, -INT_MAX))
    return max(0, whole) if name in AT_LEAST_ZERO else whole


def _choose_codec(chosen: dict[str, Any]) -> None:
    codec = chosen.get("compression_type")
    try:
        is_known = codec in set(CODECS)
    except TypeError as error:
        raise BadTypeError(str(error)) from error
    if not is_known:
        raise BadValueError(f"Not supported codec: {codec}")


def _choose_idempotence(chosen: dict[str, Any]) -> None:
    """Switch it off where something else asks for what it excludes, unless it was asked for itself."""
    acks = chosen.get("acks")
    if acks == "all" and isinstance(acks, str):
        chosen["acks"] = -1
    elif isinstance(acks, int):
        chosen["acks"] = int(acks)
    if not chosen.get("transactional_id", True):
        # An empty one asks for nothing.
        del chosen["transactional_id"]
    if "transactional_id" in chosen:
        chosen["enable_idempotence"] = True
    is_asked_for = "enable_idempotence" in chosen
    chosen["enable_idempotence"] = bool(chosen.get("enable_idempotence", "acklab_profile" not in chosen))
    if not is_asked_for and "acklab_profile" in chosen:
        del chosen["enable_idempotence"]
        return
    if not chosen["enable_idempotence"]:
        return
    excluded = {
        "acks": chosen.get("acks", -1) != -1,
        "retries": chosen.get("retries") == 0,
        "max_in_flight_requests_per_connection": chosen.get("max_in_flight_requests_per_connection", 0)
        > IN_FLIGHT_MAX_IDEMPOTENT,
    }
    conflicts = [f"{name}={chosen[name]!r}" for name, is_excluded in excluded.items() if is_excluded]
    if conflicts and is_asked_for:
        raise KafkaConfigurationError(
            f"enable_idempotence=True is incompatible with user-provided {', '.join(conflicts)}"
        )
    if conflicts:
        log.warning("idempotence is switched off beside %s", ", ".join(conflicts))
        chosen["enable_idempotence"] = False


def _check_timeouts(config: dict[str, Any]) -> None:
    if config["delivery_timeout_ms"] < config["linger_ms"] + config["request_timeout_ms"]:
        raise KafkaConfigurationError("Must set delivery_timeout_ms higher than linger_ms + request_timeout_ms")


def _secure(chosen: dict[str, Any]) -> None:
    """Say kafka-python's arguments for TLS and tokens in Kafka's words, if they have any use. Raises ConfigError."""
    protocol = str(chosen.get("security_protocol", "PLAINTEXT")).upper()
    mechanism = chosen.get("sasl_mechanism")
    idle = {
        "ssl_": "SSL" not in protocol,
        "sasl_": "SASL" not in protocol,
        "sasl_plain_": mechanism == "OAUTHBEARER",
        "sasl_oauth_": mechanism != "OAUTHBEARER",
    }
    for name in list(chosen):
        if any(name.startswith(prefix) for prefix, is_idle in idle.items() if is_idle):
            log.warning("argument %s has no effect with security_protocol=%s", name, protocol)
            del chosen[name]
    if chosen.pop("ssl_check_hostname", True) is False:
        chosen["ssl.endpoint.identification.algorithm"] = ""
    for argument, name in (("ssl_certfile", "ssl.keystore.certificate.chain"), ("ssl_keyfile", "ssl.keystore.key")):
        if argument in chosen:
            chosen[name] = read_pem(argument, chosen.pop(argument))
    if "ssl_password" in chosen:
        chosen["ssl.key.password"] = chosen.pop("ssl_password")
    if "ssl_ciphers" in chosen:
        chosen["ssl.cipher.suites"] = [suite for suite in str(chosen.pop("ssl_ciphers")).split(":") if suite]
    provider = chosen.pop("sasl_oauth_token_provider", None)
    if provider is not None:
        # It does not tell how long a token is good for, so each connection asks anew. Extensions are whoever's to have.
        extensions = getattr(provider, "extensions", dict)
        chosen["sasl.oauthbearer.token.callback"] = lambda: (provider.token(), TOKEN_GOOD_S, extensions())


def _servers(given: Any) -> list[str]:
    # A place that names nobody is this machine's.
    return read_servers(given) or read_servers(DEFAULTS["bootstrap_servers"])
