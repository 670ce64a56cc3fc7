"""The features of a cluster: which levels its nodes know, and which one is finalized (KIP-584, KIP-1022)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig

METADATA_VERSION = 30
"""4.3-IV0, that of a new cluster of Apache Kafka 4.3."""


class Feature(NamedTuple):
    """A feature by name, and the levels of it that the nodes know, both ends included."""

    name: str
    lowest: int
    highest: int


ELIGIBLE_LEADER_REPLICAS = Feature("eligible.leader.replicas.version", 0, 1)
GROUP = Feature("group.version", 0, 1)
METADATA = Feature("metadata.version", 7, METADATA_VERSION)

FEATURES: tuple[Feature, ...] = (ELIGIBLE_LEADER_REPLICAS, GROUP, Feature("kraft.version", 0, 1), METADATA)
"""Kafka's, without those of what there is none here: transactions, share groups and streams groups."""


def finalized_features(config: ClusterConfig) -> dict[str, int]:
    """Give the level of each feature that has one. The quorum's own is none of them (KIP-853)."""
    levels = {
        ELIGIBLE_LEADER_REPLICAS.name: int(config.eligible_leader_replicas),
        GROUP.name: GROUP.highest,
        METADATA.name: METADATA_VERSION,
    }
    return {name: level for name, level in levels.items() if level}
