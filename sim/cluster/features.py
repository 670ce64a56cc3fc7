"""The features of a cluster: which levels its nodes know, and which one is finalized (KIP-584, KIP-1022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.metadata_states import FeatureLevel

METADATA_VERSION = 30
"""4.3-IV0, that of a new cluster of Apache Kafka 4.3."""


class Feature(NamedTuple):
    """A feature by name, and the levels of it that the nodes know, both ends included."""

    name: str
    lowest: int
    highest: int


ELIGIBLE_LEADER_REPLICAS = Feature("eligible.leader.replicas.version", 0, 1)
GROUP = Feature("group.version", 0, 1)
"""0: groups by the consumer protocol are refused (KIP-848)."""
METADATA = Feature("metadata.version", 7, METADATA_VERSION)
TRANSACTION = Feature("transaction.version", 0, 2)
"""1: the coordinator's records have tagged fields. 2: an epoch for each transaction, and partitions added by writing to them (KIP-890)."""

FEATURES: tuple[Feature, ...] = (ELIGIBLE_LEADER_REPLICAS, GROUP, Feature("kraft.version", 0, 1), METADATA, TRANSACTION)
"""Kafka's, without those of what there is none here: share groups and streams groups."""

SWITCHABLE = (GROUP, TRANSACTION)
"""Those whose level can be changed while a simulated cluster runs."""


def finalized_features(config: ClusterConfig) -> dict[str, int]:
    """Give the level of each feature that has one in a new cluster. The quorum's own is none of them (KIP-853)."""
    levels = {
        ELIGIBLE_LEADER_REPLICAS.name: int(config.eligible_leader_replicas),
        GROUP.name: GROUP.highest,
        METADATA.name: METADATA_VERSION,
        TRANSACTION.name: config.transaction_version,
    }
    return {name: level for name, level in levels.items() if level}


def set_level(levels: dict[str, int], feature: FeatureLevel) -> None:
    """Let a feature have another level; one that is switched off has none."""
    levels.pop(feature.name, None)
    if feature.level:
        levels[feature.name] = feature.level
