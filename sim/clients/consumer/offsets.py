"""Which offset is the first, or the last: ListOffsets, of the leaders (OffsetFetcher)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages import list_offsets
from sim.clients.consumer.reader import ReadInput
from sim.clients.consumer.settings import LATEST

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.client.cluster_view import ClusterView
    from sim.clients.consumer.reader import PartitionReader
    from sim.clients.consumer.readers import Readers
    from sim.clients.consumer.settings import ReadSettings


def request(
    readers: Iterable[PartitionReader], view: ClusterView, settings: ReadSettings
) -> list_offsets.ListOffsetsRequest:
    """Ask where these begin, or end if that is known."""
    topics: dict[str, list[list_offsets.ListOffsetsPartition]] = {}
    for reader in readers:
        topic, index = reader.partition
        topics.setdefault(topic, []).append(
            list_offsets.ListOffsetsPartition(
                partition_index=index,
                current_leader_epoch=view.leader(reader.partition).epoch,
                timestamp=LATEST if reader.begin_at is None else reader.begin_at,
            )
        )
    return list_offsets.ListOffsetsRequest(
        replica_id=-1,
        isolation_level=settings.isolation,
        topics=tuple(list_offsets.ListOffsetsTopic(name, tuple(asked)) for name, asked in topics.items()),
    )


def take(
    told: list_offsets.ListOffsetsResponse, asked: Iterable[PartitionReader], readers: Readers, now_us: int
) -> None:
    """Take the offsets that were found."""
    found = {(topic.name, one.partition_index): one for topic in told.topics for one in topic.partitions}
    for reader in asked:
        one = found.get(reader.partition)
        if one is None or one.error_code:
            readers.retry([reader], now_us, Code.UNKNOWN_SERVER_ERROR if one is None else one.error_code)
            continue
        if reader.begin_at is not None:
            reader.begin_at = None
            reader.position = one.offset
        else:
            reader.wants_end = False
            reader.end_offset = one.offset
        reader.failures = 0
        readers.feed(reader, ReadInput.RETRY if reader.wants_end else ReadInput.FOUND)
