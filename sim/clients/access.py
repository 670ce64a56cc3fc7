"""By which door a simulated client comes to a cluster, and as whom: what its ordinary properties say of that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.client.sasl.mechanism import SaslSettings, sasl_settings

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.config.config import ProducerConfig


class Access(NamedTuple):
    """Where to begin, and what to say there."""

    bootstrap: tuple[tuple[str, int], ...]
    sasl: SaslSettings | None = None


def access_by(config: ProducerConfig, nonces: Chance) -> Access:
    """Give what a configuration says; SCRAM draws from `nonces`."""
    return Access(config.bootstrap_addresses, sasl_settings(config, nonces))
