"""How a run's records spread over the partitions: records, bytes, shares, the hottest keys."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.events import RecordAccepted
from producer.records import TopicPartition
from sim.trace.events import PartitionsAdded, RecordSent, TopicCreated

if TYPE_CHECKING:
    from collections.abc import Iterable

HOTTEST = 3
"""How many keys of a partition are named."""


class KeyLoad(NamedTuple):
    """What one key brought to a partition."""

    key: bytes | None
    records: int


class PartitionLoad(NamedTuple):
    """What went to one partition."""

    where: TopicPartition
    records: int
    size_bytes: int
    """Keys and values."""
    share: float
    """Of the topic's records, 0 to 1."""
    keys: int
    """Distinct ones; records without a key count as one."""
    hottest: tuple[KeyLoad, ...]
    """Most records first."""


class TopicLoad(NamedTuple):
    """How evenly one topic's records are spread."""

    topic: str
    skew: float
    """Records of the fullest partition over the average; 1 is even."""
    partitions: tuple[PartitionLoad, ...]


def topic_loads(events: Iterable[Any]) -> tuple[TopicLoad, ...]:
    """Count what the producers put into each partition; a partition that got nothing is missing from `partitions`."""
    sent: dict[tuple[str, int], RecordSent] = {}
    keys: dict[TopicPartition, Counter[bytes | None]] = {}
    sizes: Counter[TopicPartition] = Counter()
    counts: dict[str, int] = {}
    for event in events:
        match event:
            case RecordSent():
                sent[event.client, event.record] = event
            case RecordAccepted():
                where = TopicPartition(event.topic, event.partition)
                record = sent[event.client, event.token]
                keys.setdefault(where, Counter())[record.key] += 1
                sizes[where] += len(record.key or b"") + len(record.value or b"")
            case TopicCreated() | PartitionsAdded():
                counts[event.topic] = event.partitions
            case _:
                pass
    topics: dict[str, list[PartitionLoad]] = {}
    totals: Counter[str] = Counter()
    for where, found in keys.items():
        totals[where.topic] += found.total()
    for where, found in sorted(keys.items()):
        records = found.total()
        hottest = tuple(KeyLoad(*pair) for pair in found.most_common(HOTTEST))
        load = PartitionLoad(where, records, sizes[where], records / totals[where.topic], len(found), hottest)
        topics.setdefault(where.topic, []).append(load)
    return tuple(_topic(topic, tuple(loads), counts.get(topic, len(loads))) for topic, loads in topics.items())


def _topic(topic: str, loads: tuple[PartitionLoad, ...], partitions: int) -> TopicLoad:
    average = sum(load.records for load in loads) / partitions
    return TopicLoad(topic, max(load.records for load in loads) / average, loads)
