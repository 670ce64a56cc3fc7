"""Topics that brokers keep for themselves: Kafka's own settings for them, whoever asks for one first.

Kafka: Topic.isInternal, DefaultAutoTopicCreationManager. A client may read them; its Produce is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.cluster.topic_config import TopicConfig

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.config import ClusterConfig

CONSUMER_OFFSETS = "__consumer_offsets"
TRANSACTION_STATE = "__transaction_state"
SHARE_GROUP_STATE = "__share_group_state"

_PARTITIONS = 50
_REPLICAS = 3

_SEGMENT_BYTES = 104_857_600
"""offsets.topic.segment.bytes and its like: a new leader has little to read back."""

_OWN: Mapping[str, int | None] = {CONSUMER_OFFSETS: None, TRANSACTION_STATE: 2, SHARE_GROUP_STATE: 2}
"""Their min.insync.replicas; None for that of any topic which is created unasked."""

_NEVER_BY_AGE: Mapping[str, Mapping[str, Any]] = {
    CONSUMER_OFFSETS: {"cleanup_policy": ("compact",)},
    TRANSACTION_STATE: {
        "cleanup_policy": ("compact",),
        "compression_type": "uncompressed",
        "unclean_leader_election": False,
    },
    SHARE_GROUP_STATE: {"cleanup_policy": ("delete",), "retention_ms": -1},
}
"""What a coordinator wrote last about something counts, however old it is.

Kafka: GroupCoordinatorConfig, TransactionLog, ShareCoordinatorService: their configurations of the topic.
"""


def is_internal(topic: str) -> bool:
    """Whether brokers keep this topic for themselves."""
    return topic in _OWN


def wanted_topic(name: str, config: ClusterConfig) -> TopicConfig:
    """Give the settings under which a missing topic is created: the brokers' own for theirs, else those of any topic.

    Kafka refuses a replication factor of 3 to a cluster of fewer brokers, and tells whoever runs one to set
    offsets.topic.replication.factor and its like. Here as many replicas as there are brokers will do.
    """
    default = config.auto_created_topic
    if name not in _OWN:
        return replace(default, name=name)
    partitions, replicas, min_insync_replicas = _PARTITIONS, _REPLICAS, _OWN[name] or default.min_insync_replicas
    if name == CONSUMER_OFFSETS:
        partitions = config.offsets_topic_partitions
    elif name == TRANSACTION_STATE:
        partitions = config.transaction_state_partitions
        replicas = config.transaction_state_replication_factor
        min_insync_replicas = config.transaction_state_min_insync_replicas
    replication_factor = min(replicas, config.brokers)
    return TopicConfig(
        name,
        partitions=partitions,
        replication_factor=replication_factor,
        min_insync_replicas=min(min_insync_replicas, replication_factor),
        segment_bytes=_SEGMENT_BYTES,
        **_NEVER_BY_AGE[name],
    )
