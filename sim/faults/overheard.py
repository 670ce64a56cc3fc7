"""What somebody who listens on the wire knows of producers: their ids, their epochs, and which sequence of a partition is next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from producer.events import BatchSent, IdentityAssigned
from producer.records import TopicPartition
from producer.wire.record_batch import SEQUENCE_MASK
from sim.cluster.applications import life_of

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster


class Overheard(NamedTuple):
    """A producer id and the epoch that goes with it."""

    producer_id: int
    epoch: int


def identity_of(cluster: Cluster, application: str) -> Overheard | None:
    """Give what an application was told last of who it is, or one life of it if that is named; None if it is nobody yet."""
    name, life = life_of(application)
    for event in reversed(cluster.trace.events):
        if isinstance(event, IdentityAssigned) and event.producer_id >= 0:
            its_name, its_life = life_of(event.client)
            if its_name == name and life in (None, its_life or 1):
                return Overheard(event.producer_id, event.producer_epoch)
    return None


def last_epoch(cluster: Cluster, producer_id: int) -> int:
    """Give the newest epoch that anybody sent under an id; 0 if nobody did."""
    epochs = [identity.epoch for identity, _, _ in _sent(cluster) if identity.producer_id == producer_id]
    return max(epochs, default=0)


def next_sequence(cluster: Cluster, identity: Overheard, where: TopicPartition) -> int:
    """Give what follows the last sequence that anybody sent to the partition under an id and epoch; 0 if nobody did."""
    ends = [end for sender, at, end in _sent(cluster) if (sender, at) == (identity, where)]
    return max(ends, default=0) & SEQUENCE_MASK


def _sent(cluster: Cluster) -> Iterator[tuple[Overheard, TopicPartition, int]]:
    """Give who sent each batch, where to, and the sequence behind its last."""
    for event in cluster.trace.events:
        if isinstance(event, BatchSent):
            sender = Overheard(event.producer_id, event.producer_epoch)
            yield sender, TopicPartition(event.topic, event.partition), event.base_sequence + event.record_count
    if cluster.raw_clients is not None:
        # What a story has just asked for waits for its connection: the next one comes behind it all the same.
        for one in cluster.raw_clients.asked:
            yield Overheard(one.producer_id, one.producer_epoch), one.where, one.base_sequence + one.records
