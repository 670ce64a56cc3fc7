"""How those who take part in a story log in: by which listener of its cluster, and as whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.config.config import ProducerConfig
from producer.config.security import SECRETS
from producer.errors import ConfigError
from sim.cluster.security.listeners import listener_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.config import ClusterConfig

PROTOCOL = "security.protocol"


def reaching(config: ProducerConfig, cluster: ClusterConfig) -> ProducerConfig:
    """Give the configuration with the servers of the listener that speaks its security.protocol.

    Raises ConfigError for what no listener speaks, and for what cannot be in a simulated network.
    """
    if config.uses_tls:
        msg = f"{PROTOCOL} is {config.security_protocol}: nobody listens in to a simulated network, so there is no TLS in it"
        raise ConfigError(msg)
    if config.sasl_oauthbearer_token_callback is not None:
        raise ConfigError("sasl.mechanism is OAUTHBEARER: in a story there is nobody to give tokens")
    try:
        place = listener_for(cluster.listeners, config.security_protocol)
    except ValueError as error:
        raise ConfigError(str(error)) from error
    if not place:
        return config
    servers = [cluster.advertised_of(broker, place) for broker in range(1, cluster.brokers + 1)]
    return config.model_copy(update={"bootstrap_servers": [f"{host}:{port}" for host, port in servers]})


def reading_config(properties: Mapping[str, str], cluster: ClusterConfig) -> ProducerConfig | None:
    """Give what those who read log in by, None for the first listener. Raises ConfigError."""
    if not properties:
        return None
    odd = next((name for name in properties if name != PROTOCOL and not name.startswith("sasl.")), None)
    if odd is not None:
        raise ConfigError(f"{odd} says nothing of how to log in: {PROTOCOL} and sasl.* do")
    host, port = cluster.advertised_of(1)
    return reaching(ProducerConfig.from_properties({**properties, "bootstrap.servers": f"{host}:{port}"}), cluster)


def without_secrets(properties: Mapping[str, str]) -> dict[str, str]:
    """Give a table of properties as it may be shown and kept: no passwords in it."""
    return {name: value for name, value in properties.items() if name.rpartition(":")[2] not in SECRETS}


def kept_secrets(own: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Give those secrets of an application's own that a table of others, which tells none, still needs."""
    if PROTOCOL not in given:
        return {}
    return {name: value for name, value in own.items() if name in SECRETS and name not in given}
