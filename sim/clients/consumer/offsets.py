"""Which offset is the first, or the last: ListOffsets, of the leaders (OffsetFetcher)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode
from producer.wire.messages import list_offsets
from sim.clients.consumer.reader import ReadInput
from sim.clients.consumer.settings import LATEST, asked_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.client import Client
    from producer.client.requests import Answer
    from sim.clients.consumer.reader import PartitionReader
    from sim.clients.consumer.readers import Readers
    from sim.clients.consumer.settings import ReadSettings


class OffsetInquiry:
    """Asks where readers begin, and then where they end if that is wanted."""

    __slots__ = ("_client", "_readers", "_settings")

    api = ApiKey.LIST_OFFSETS
    begins = ReadInput.ASK

    def __init__(self, client: Client, readers: Readers, settings: ReadSettings) -> None:
        self._client = client
        self._readers = readers
        self._settings = settings

    def encoder(self, node_id: int, readers: list[PartitionReader]) -> Callable[[int], bytes]:  # noqa: ARG002 - any leader
        """Give what makes the body of the request."""
        view = self._client.metadata.view
        topics: dict[str, list[list_offsets.ListOffsetsPartition]] = {}
        for reader in readers:
            topic, index = reader.partition
            topics.setdefault(topic, []).append(
                list_offsets.ListOffsetsPartition(
                    partition_index=index,
                    current_leader_epoch=view.leader(reader.partition).epoch,
                    timestamp=LATEST if reader.begin_at is None else asked_timestamp(reader.begin_at),
                )
            )
        asked = list_offsets.ListOffsetsRequest(
            replica_id=-1,
            isolation_level=self._settings.isolation,
            topics=tuple(list_offsets.ListOffsetsTopic(name, tuple(each)) for name, each in topics.items()),
        )
        return lambda version: encode(asked, version)

    def take(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> int:
        """Take the offsets that were found."""
        told = decode(list_offsets.ListOffsetsResponse, answer.body, answer.request.version)
        found = {(topic.name, one.partition_index): one for topic in told.topics for one in topic.partitions}
        for reader in readers:
            one = found.get(reader.partition)
            if one is None or one.error_code:
                self._readers.retry([reader], now_us, Code.UNKNOWN_SERVER_ERROR if one is None else one.error_code)
                continue
            if reader.begin_at is not None and one.offset < 0:
                # No record is that late: reading begins with whatever comes next.
                reader.begin_at = LATEST
                self._readers.feed(reader, ReadInput.RETRY)
                continue
            if reader.begin_at is not None:
                self._readers.move(reader, one.offset, epoch=one.leader_epoch)
            else:
                reader.wants_end = False
                reader.end_offset = one.offset
            reader.failures = 0
            self._readers.feed(reader, ReadInput.RETRY if reader.wants_end else ReadInput.FOUND)
        return told.throttle_time_ms

    def lost(self, node_id: int) -> None:
        """Nothing has to be remembered."""
