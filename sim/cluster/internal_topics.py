"""Topics that brokers keep for themselves: Kafka's own settings for them, whoever asks for one first.

Kafka: Topic.isInternal, DefaultAutoTopicCreationManager. A client may read them; its Produce is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.cluster.config import TopicConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTITIONS = 50
_REPLICAS = 3

_OWN: Mapping[str, int | None] = {"__consumer_offsets": None, "__transaction_state": 2, "__share_group_state": 2}
"""Their min.insync.replicas; None for that of any topic which is created unasked."""


def is_internal(topic: str) -> bool:
    """Whether brokers keep this topic for themselves."""
    return topic in _OWN


def wanted_topic(name: str, default: TopicConfig) -> TopicConfig:
    """Give the settings under which a missing topic is created: the brokers' own for theirs, else `default`."""
    if name not in _OWN:
        return replace(default, name=name)
    min_insync_replicas = _OWN[name]
    return TopicConfig(
        name,
        partitions=_PARTITIONS,
        replication_factor=_REPLICAS,
        min_insync_replicas=default.min_insync_replicas if min_insync_replicas is None else min_insync_replicas,
    )
