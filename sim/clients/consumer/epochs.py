"""Whether a new leader's log still holds what was read: OffsetForLeaderEpoch, of the leaders (KIP-320).

A leader that was elected uncleanly may lack records, and have others at their offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire import codec
from producer.wire.api import ApiKey
from producer.wire.messages.offset_for_leader_epoch import (
    EpochEndOffset,
    OffsetForLeaderEpochRequest,
    OffsetForLeaderEpochResponse,
    OffsetForLeaderPartition,
    OffsetForLeaderTopic,
)
from sim.clients.consumer.reader import LOG_CUT, ReadInput
from sim.clients.consumer.readers import ConsumeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.client import Client
    from producer.client.requests import Answer
    from sim.clients.consumer.reader import PartitionReader
    from sim.clients.consumer.readers import Readers
    from sim.clients.consumer.settings import ReadSettings

CONSUMER = -1
"""As a replica id."""


class EpochInquiry:
    """Asks where the epoch of the record before each position ends in the leader's log (OffsetsForLeaderEpochClient)."""

    __slots__ = ("_client", "_readers", "_settings")

    api = ApiKey.OFFSET_FOR_LEADER_EPOCH
    begins = ReadInput.CHECK

    def __init__(self, client: Client, readers: Readers, settings: ReadSettings) -> None:
        self._client = client
        self._readers = readers
        self._settings = settings

    def encoder(self, node_id: int, readers: list[PartitionReader]) -> Callable[[int], bytes]:  # noqa: ARG002 - any leader
        """Give what makes the body of the request."""
        topics: dict[str, list[OffsetForLeaderPartition]] = {}
        for reader in readers:
            topic, index = reader.partition
            reader.checked_for = self._client.metadata.view.leader(reader.partition)
            topics.setdefault(topic, []).append(
                OffsetForLeaderPartition(index, reader.checked_for.epoch, reader.position_epoch)
            )
        asked = OffsetForLeaderEpochRequest(
            CONSUMER, tuple(OffsetForLeaderTopic(name, tuple(each)) for name, each in topics.items())
        )
        return lambda version: codec.encode(asked, version)

    def take(self, answer: Answer, readers: list[PartitionReader], now_us: int) -> int:
        """Go on where the leader's log agrees, and elsewhere from where it was cut."""
        told = codec.decode(OffsetForLeaderEpochResponse, answer.body, answer.request.version)
        found = {(topic.topic, one.partition): one for topic in told.topics for one in topic.partitions}
        for reader in readers:
            one = found.get(reader.partition)
            if one is None or one.error_code:
                self._readers.retry([reader], now_us, Code.UNKNOWN_SERVER_ERROR if one is None else one.error_code)
            else:
                self._take_end(reader, one)
        return told.throttle_time_ms

    def lost(self, node_id: int) -> None:
        """Nothing has to be remembered."""

    def _take_end(self, reader: PartitionReader, end: EpochEndOffset) -> None:
        reader.failures = 0
        is_known = end.end_offset >= 0 and end.leader_epoch >= 0
        if is_known and end.end_offset >= reader.position:
            reader.led_by = reader.checked_for
            self._readers.feed(reader, ReadInput.FOUND)
        elif self._settings.reset_to is None:
            self._readers.error = ConsumeError(
                f"{reader.partition}: records before offset {reader.position} were read in leader epoch "
                f"{reader.position_epoch} and are gone: the log was cut at {end.end_offset}"
            )
            self._readers.feed(reader, ReadInput.RETRY)
        elif is_known:
            # What was read behind it is not in the log any more: what is there now is read.
            reader.led_by = reader.checked_for
            reader.why_moves = LOG_CUT
            self._readers.move(reader, end.end_offset, epoch=end.leader_epoch)
            self._readers.feed(reader, ReadInput.FOUND)
        else:
            reader.seek_again(self._settings.reset_to, LOG_CUT)
            self._readers.feed(reader, ReadInput.SEEK_AGAIN)
