"""ListOffsets 1 to 11: the first offset, the high watermark, or the first record at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, MalformedError
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import list_offsets
from producer.wire.messages.list_offsets import (
    EARLIEST,
    LATEST,
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
)
from producer.wire.record_batch import decode_records

if TYPE_CHECKING:
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.serving import ServingBroker

_EARLIEST_LOCAL = -4
"""The start of what lies on the broker's own disk (KIP-405): here always the start of the log."""
_MAX_TIMESTAMP = -3
"""The record with the highest timestamp (KIP-734)."""
_LEADER_EPOCH_SINCE = 4
_OFFSET_NOT_AVAILABLE_SINCE = 5


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(list_offsets.ListOffsetsRequest)
    touched: list[TopicPartition] = []
    topics = []
    for topic in wanted.topics:
        found = []
        for asked in topic.partitions:
            tp = TopicPartition(topic.name, asked.partition_index)
            touched.append(tp)
            one = _find(broker, request, tp, asked)
            found.append(one if request.version >= _LEADER_EPOCH_SINCE else one._replace(leader_epoch=-1))
        topics.append(list_offsets.ListOffsetsTopicResponse(topic.name, tuple(found)))
    answer = list_offsets.ListOffsetsResponse(topics=tuple(topics))
    request.answer(encode(answer, request.version), partitions=touched)


def _find(
    broker: ServingBroker, request: Request, tp: TopicPartition, asked: ListOffsetsPartition
) -> ListOffsetsPartitionResponse:
    error = broker.tampering and broker.tampering.error_instead(ApiKey.LIST_OFFSETS, request.client, tp)
    if error:
        return ListOffsetsPartitionResponse(asked.partition_index, error)
    if tp not in broker.image.partitions:
        return ListOffsetsPartitionResponse(asked.partition_index, Code.UNKNOWN_TOPIC_OR_PARTITION)
    partition = broker.partitions.get(tp)
    if partition is None:
        return ListOffsetsPartitionResponse(asked.partition_index, broker.code_without_replica(tp))
    term, code = partition.term, partition.check_epoch(asked.current_leader_epoch)
    if term is None or code is not Code.NONE:
        return ListOffsetsPartitionResponse(asked.partition_index, code)
    log = partition.log
    if asked.timestamp in {EARLIEST, _EARLIEST_LOCAL}:
        return ListOffsetsPartitionResponse(asked.partition_index, 0, -1, log.start_offset, partition.leader_epoch)
    if log.high_watermark < term.start_offset:
        # A new leader whose high watermark has not reached its own term would let consumers see offsets go back (KIP-207).
        is_known = request.version >= _OFFSET_NOT_AVAILABLE_SINCE
        code = Code.OFFSET_NOT_AVAILABLE if is_known else Code.LEADER_NOT_AVAILABLE
        return ListOffsetsPartitionResponse(asked.partition_index, code)
    if asked.timestamp == LATEST:
        return ListOffsetsPartitionResponse(asked.partition_index, 0, -1, log.high_watermark, partition.leader_epoch)
    return _by_time(partition, asked)


def _by_time(partition: Partition, asked: ListOffsetsPartition) -> ListOffsetsPartitionResponse:
    log = partition.log
    visible = [stored for stored in log.file.entries if stored.last_offset < log.high_watermark]
    wanted_ms = asked.timestamp
    if wanted_ms == _MAX_TIMESTAMP:
        wanted_ms = max([stored.header.max_timestamp_ms for stored in visible], default=0)
    for stored in visible:
        if stored.header.max_timestamp_ms < wanted_ms:
            continue
        try:
            records = decode_records(stored.data)
        except MalformedError:
            return ListOffsetsPartitionResponse(asked.partition_index, Code.CORRUPT_MESSAGE)
        for record in records:
            if record.timestamp_ms >= wanted_ms:
                return ListOffsetsPartitionResponse(
                    asked.partition_index, 0, record.timestamp_ms, record.offset, stored.leader_epoch
                )
    return ListOffsetsPartitionResponse(asked.partition_index)
