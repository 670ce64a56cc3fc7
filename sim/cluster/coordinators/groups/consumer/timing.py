"""The times that a consumer group is held to: its own where somebody set them, the brokers' otherwise, as this broker knows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.config_resources import ResourceType
from sim.cluster.group_settings import timing

if TYPE_CHECKING:
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.group_settings import Timing


def timing_of(broker: HostingBroker, group_id: str) -> Timing:
    """Kafka: GroupConfigManager.groupConfig. What is altered holds from the next heartbeat on."""
    return timing(broker.image.settings_of_resource(ResourceType.GROUP, group_id), broker.config)
