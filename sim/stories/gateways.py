"""The words for a gateway: what it enforces on whoever comes through it; and how one is put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from producer.config.config import ProducerConfig
from producer.errors import ConfigError
from sim.cluster.gateways import GATEWAY, GATEWAY_PORT
from sim.stories.logins import reaching

if TYPE_CHECKING:
    from sim.clients.audit_file import AuditFiles
    from sim.cluster.cluster import Cluster
    from sim.cluster.config import ClusterConfig
    from sim.gateway.node.gateway import SimGateway

DEAD_LETTER_DEFAULTS = {
    "linger.ms": "0",
    "delivery.timeout.ms": "10000",
    "request.timeout.ms": "5000",
    "max.block.ms": "10000",
}
"""A batch waits for its letters, and its client for the batch: who cannot write them says so before long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayConfig:
    """The gateway of a story, `acklab gateway` on the host `gateway`: `Application(through="gateway")` comes to brokers by it alone."""

    policy: Mapping[str, Any] | None = None
    """What rules on every record that passes, as a policy file has it; None: all pass as they are."""
    audit: bool = False
    """Whether each record has its lines in an audit: an intent before it passes, an outcome once its client is told."""
    producer: Mapping[str, str] = field(default_factory=dict)
    """Kafka's dotted properties of its own producer, which writes the policy's dead letters."""

    def __post_init__(self) -> None:
        if "bootstrap.servers" in self.producer:
            raise ValueError("GatewayConfig.producer has bootstrap.servers, which is the simulated cluster's matter")


def through_gateway(config: ProducerConfig) -> ProducerConfig:
    """Give a client's configuration with the gateway in place of brokers."""
    return config.model_copy(update={"bootstrap_servers": [f"{GATEWAY}:{GATEWAY_PORT}"]})


def gateway_of(
    config: GatewayConfig, cluster: Cluster, audits: AuditFiles, servers: list[str], *, has_keys: bool
) -> SimGateway:
    """Give the gateway of a story, which does not run yet. `servers` are the brokers behind it. Raises ConfigError."""
    try:
        from producer.governance.policy.words import Policy
        from sim.gateway.core.policing import buries
        from sim.gateway.node.gateway import SimGateway
        from sim.key_service.host import drawn
        from sim.key_service.way import KeyServiceWay
        from sim.stories.governing import read
    except ModuleNotFoundError as error:
        msg = f"a gateway needs the module {error.name!r}, which is not installed: pip install 'acklab[governance]'"
        raise ConfigError(msg) from error
    policy = Policy() if config.audit else None
    if config.policy is not None:
        policy = read(config.policy, GATEWAY)
    letters = None if policy is None or not buries(policy) else _letters_config(config, cluster.config)
    if letters is None and config.producer:
        raise ConfigError(f"{GATEWAY}'s producer has no effect: its policy makes no dead letters")
    return SimGateway(
        cluster,
        policy,
        bootstrap=tuple([(host, int(port)) for host, port in (server.rsplit(":", 1) for server in servers)]),
        letters=letters,
        audits=audits if config.audit else None,
        keys_for=(lambda host: KeyServiceWay(cluster, GATEWAY, host)) if has_keys else None,
        draw=lambda name: drawn(cluster.world.chance(name)),
    )


def _letters_config(config: GatewayConfig, cluster: ClusterConfig) -> ProducerConfig:
    host, port = cluster.advertised_of(1)
    properties = {**DEAD_LETTER_DEFAULTS, **config.producer, "bootstrap.servers": f"{host}:{port}"}
    try:
        given = ProducerConfig.from_properties(properties)
    except ConfigError as error:
        raise ConfigError(f"{GATEWAY}'s producer: {error}") from error
    return reaching(given, cluster)
