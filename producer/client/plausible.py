"""What of an answer can be: an item that cannot costs itself, and neither the items beside it nor the connection."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.last_seen import NO_EPOCH, NO_LEADER
from producer.wire.messages.metadata import MetadataBroker

if TYPE_CHECKING:
    from collections.abc import Container, Mapping, Sequence

    from producer.wire.messages.metadata import MetadataPartition, MetadataResponse, MetadataTopic

PORT_MAX = 0xFFFF
LEFT_OUT_MAX = 1_000
"""How many partitions of a topic an answer may leave out. One that says more of itself would fill our memory, not its own."""
SHOWN_MAX = 3
"""Brokers that a message names."""
EPOCHS_RELIABLE_SINCE = 9
"""Before, brokers tell leader epochs that are out of date while replicas move (MetadataResponse.hasReliableLeaderEpochs)."""


def is_broker(node_id: int, host: str, port: int) -> bool:
    """Whether a broker can have this id and listen there: both are used as they are."""
    return node_id >= 0 and host != "" and 0 < port <= PORT_MAX


def nobody_among(brokers: Sequence[MetadataBroker]) -> str:
    """Say that none of these brokers can be one."""
    named = ", ".join(f"broker {one.node_id} at {one.host!r}, port {one.port}" for one in brokers[:SHOWN_MAX])
    return f"the latest answer names nobody who can be asked: {named or 'no broker at all'}"


def plausible_metadata(
    response: MetadataResponse, version: int, known: Mapping[int, tuple[str, int]]
) -> MetadataResponse:
    """Give what can be of a Metadata response in this version; a broker that is `known` stays where it was if it cannot be there.

    Partitions led by nobody who is named have no leader; they keep their epochs, where these are to be relied on.
    """
    brokers = _plausible_brokers(response.brokers, known)
    leaders = frozenset([one.node_id for one in brokers])
    tells_epochs = version >= EPOCHS_RELIABLE_SINCE
    topics = tuple([_plausible_topic(topic, leaders, tells_epochs=tells_epochs) for topic in response.topics])
    return response._replace(brokers=brokers, topics=topics)


def _plausible_brokers(
    brokers: Sequence[MetadataBroker], known: Mapping[int, tuple[str, int]]
) -> tuple[MetadataBroker, ...]:
    found = {one.node_id: one for one in brokers if is_broker(one.node_id, one.host, one.port)}
    for one in brokers:
        if one.node_id in known:
            found.setdefault(one.node_id, MetadataBroker(one.node_id, *known[one.node_id], one.rack))
    return tuple(found.values())


def _plausible_topic(topic: MetadataTopic, leaders: Container[int], *, tells_epochs: bool) -> MetadataTopic:
    count_max = len(topic.partitions) + LEFT_OUT_MAX
    return topic._replace(
        partitions=tuple(
            [
                _plausible_partition(one, leaders, tells_epochs=tells_epochs)
                for one in topic.partitions
                if 0 <= one.partition_index < count_max
            ]
        )
    )


def _plausible_partition(
    partition: MetadataPartition, leaders: Container[int], *, tells_epochs: bool
) -> MetadataPartition:
    leader_id, leader_epoch = partition.leader_id, partition.leader_epoch
    if leader_id in leaders and (tells_epochs or leader_epoch == NO_EPOCH):
        return partition
    return partition._replace(
        leader_id=leader_id if leader_id in leaders else NO_LEADER,
        leader_epoch=leader_epoch if tells_epochs else NO_EPOCH,
    )
