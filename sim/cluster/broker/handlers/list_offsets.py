"""ListOffsets 1 to 11: the first offset, the last that may be read, or the first record at a time.

Kafka: ReplicaManager.fetchOffset, Partition.fetchOffsetForTimestamp, UnifiedLog.fetchOffsetByTimestamp. There is no tiered storage.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, MalformedError
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages import list_offsets
from producer.wire.messages.list_offsets import (
    EARLIEST,
    LATEST,
    ListOffsetsPartition,
    ListOffsetsPartitionResponse,
)
from producer.wire.record_batch import decode_records
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.stored_batch import StoredBatch

_MAX_TIMESTAMP = -3
"""The record with the highest timestamp (KIP-734)."""
_EARLIEST_LOCAL = -4
"""The start of what lies on the broker's own disk (KIP-405): here always the start of the log."""
_LATEST_TIERED = -5
"""The last offset in tiered storage (KIP-1005)."""
_EARLIEST_PENDING_UPLOAD = -6
"""The first offset that is to go there yet (KIP-1023)."""
_SINCE: Mapping[int, int] = {
    LATEST: 1,
    EARLIEST: 1,
    _MAX_TIMESTAMP: 7,
    _EARLIEST_LOCAL: 8,
    _LATEST_TIERED: 9,
    _EARLIEST_PENDING_UPLOAD: 11,
}
"""Which version knows which place; no other negative time is known."""
_CONSUMER, _DEBUGGER = -1, -2
"""Replica ids: the former is told what it may read, the latter is answered by followers, too."""
_LEADER_EPOCH_SINCE = 4
_OFFSET_NOT_AVAILABLE_SINCE = 5
_ISOLATION_LEVELS = (0, 1)
_READ_COMMITTED = 1


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(list_offsets.ListOffsetsRequest)
    asked = [
        (TopicPartition(topic.name, one.partition_index), one) for topic in wanted.topics for one in topic.partitions
    ]
    touched = [tp for tp, _ in asked]
    if wanted.isolation_level not in _ISOLATION_LEVELS:
        # All of it is refused before anybody looks what there is.
        refused = [
            list_offsets.ListOffsetsTopicResponse(
                topic.name, tuple(_failed(one, Code.UNKNOWN_SERVER_ERROR) for one in topic.partitions)
            )
            for topic in wanted.topics
        ]
        request.respond(list_offsets.ListOffsetsResponse(topics=tuple(refused)), partitions=touched)
        return
    hidden = broker.rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, [tp.topic for tp in touched])
    found = _found(broker, request, wanted, [(tp, one) for tp, one in asked if tp.topic not in hidden])
    refusals = [(tp, _failed(one, Code.TOPIC_AUTHORIZATION_FAILED)) for tp, one in asked if tp.topic in hidden]
    topics: dict[str, list[ListOffsetsPartitionResponse]] = {}
    for tp, response in (*found, *refusals):
        topics.setdefault(tp.topic, []).append(response)
    told = [list_offsets.ListOffsetsTopicResponse(name, tuple(responses)) for name, responses in topics.items()]
    request.respond(list_offsets.ListOffsetsResponse(topics=tuple(told)), partitions=touched)


def _found(
    broker: ServingBroker,
    request: Request,
    wanted: list_offsets.ListOffsetsRequest,
    asked: list[tuple[TopicPartition, ListOffsetsPartition]],
) -> list[tuple[TopicPartition, ListOffsetsPartitionResponse]]:
    """Answer once for each partition; one that is asked about twice is told of that alone."""
    by_partition: dict[TopicPartition, list[ListOffsetsPartition]] = {}
    for tp, one in asked:
        by_partition.setdefault(tp, []).append(one)
    found = []
    for tp, ones in by_partition.items():
        response = (
            _find(broker, request, wanted, tp, ones[0]) if len(ones) == 1 else _failed(ones[0], Code.INVALID_REQUEST)
        )
        if request.version < _LEADER_EPOCH_SINCE:
            response = response._replace(leader_epoch=-1)
        found.append((tp, response))
    return found


def _failed(asked: ListOffsetsPartition, code: Code) -> ListOffsetsPartitionResponse:
    return ListOffsetsPartitionResponse(asked.partition_index, code)


def _find(
    broker: ServingBroker,
    request: Request,
    wanted: list_offsets.ListOffsetsRequest,
    tp: TopicPartition,
    asked: ListOffsetsPartition,
) -> ListOffsetsPartitionResponse:
    error = broker.tampering and broker.tampering.error_instead(ApiKey.LIST_OFFSETS, request.client, tp)
    if error:
        return _failed(asked, error)
    if asked.timestamp < 0 and request.version < _SINCE.get(asked.timestamp, request.version + 1):
        return _failed(asked, Code.UNSUPPORTED_VERSION)
    partition = broker.partitions.get(tp)
    if partition is None:
        return _failed(asked, broker.code_without_replica(tp))
    code = partition.check_epoch(asked.current_leader_epoch)
    if code is not Code.NONE and not (code is Code.NOT_LEADER_OR_FOLLOWER and wanted.replica_id == _DEBUGGER):
        return _failed(asked, code)
    log, is_consumer = partition.log, wanted.replica_id == _CONSUMER
    if asked.timestamp in {EARLIEST, _EARLIEST_LOCAL}:
        return ListOffsetsPartitionResponse(asked.partition_index, 0, -1, log.start_offset, log.epoch_at_start)
    if asked.timestamp in {_LATEST_TIERED, _EARLIEST_PENDING_UPLOAD}:
        return _failed(asked, Code.NONE)
    readable_up_to = log.end_offset
    if is_consumer:
        is_committed_read = wanted.isolation_level == _READ_COMMITTED
        readable_up_to = log.last_stable_offset if is_committed_read else log.high_watermark
    is_lagging = is_consumer and _is_lagging(partition)
    if asked.timestamp == LATEST:
        if not is_lagging:
            return ListOffsetsPartitionResponse(asked.partition_index, 0, -1, readable_up_to, partition.leader_epoch)
    else:
        try:
            response = _by_time(log, asked)
        except MalformedError:
            return _failed(asked, Code.CORRUPT_MESSAGE)
        if response is not None and response.offset < readable_up_to:
            return response
        if not is_lagging:
            return _failed(asked, Code.NONE)
    is_known = request.version >= _OFFSET_NOT_AVAILABLE_SINCE
    return _failed(asked, Code.OFFSET_NOT_AVAILABLE if is_known else Code.LEADER_NOT_AVAILABLE)


def _is_lagging(partition: Partition) -> bool:
    """Whether offsets could seem to go back: a new leader's high watermark has not reached its own term (KIP-207)."""
    term = partition.term
    return term is not None and partition.log.high_watermark < term.start_offset


def _by_time(log: PartitionLog, asked: ListOffsetsPartition) -> ListOffsetsPartitionResponse | None:
    """Give the first record of that time or later, readable or not; None if there is none. Raises MalformedError."""
    entries = log.file.entries
    wanted_ms = asked.timestamp
    is_latest_wanted = wanted_ms == _MAX_TIMESTAMP
    if is_latest_wanted:
        wanted_ms = max([stored.header.max_timestamp_ms for stored in entries], default=-1)
        if wanted_ms < 0:
            return None
    # The record with the highest time may be one that was deleted: its segment is asked, not its log (seen on 4.3.1).
    first = 0 if is_latest_wanted else log.start_offset
    for stored in entries:
        if stored.header.max_timestamp_ms >= wanted_ms and stored.last_offset >= first:
            found = _in_batch(stored, wanted_ms, first, is_latest_wanted=is_latest_wanted)
            if found is not None:
                offset, timestamp_ms = found
                return ListOffsetsPartitionResponse(asked.partition_index, 0, timestamp_ms, offset, stored.leader_epoch)
    return None


def _in_batch(
    stored: StoredBatch, wanted_ms: int, start_offset: int, *, is_latest_wanted: bool
) -> tuple[int, int] | None:
    header = stored.header
    if header.is_log_append_time and is_latest_wanted:
        # All of its records have the one time, and the latest is the last of them.
        return stored.last_offset, header.max_timestamp_ms
    for record in decode_records(stored.data):
        if record.timestamp_ms >= wanted_ms and record.offset >= start_offset:
            return record.offset, record.timestamp_ms
    return None
