"""DeleteRecords: the start of a log moves up."""

from typing import NamedTuple

from producer.wire.schema import Int16, Int32, Int64, String


class DeleteRecordsPartition(NamedTuple):
    """One partition."""

    partition_index: Int32 = 0
    offset: Int64 = 0
    """The first to be kept; -1 for the high watermark, so that none is."""


class DeleteRecordsTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[DeleteRecordsPartition, ...] = ()


class DeleteRecordsRequest(NamedTuple):
    """Delete what is before these offsets."""

    topics: tuple[DeleteRecordsTopic, ...] = ()
    timeout_ms: Int32 = 0


class DeleteRecordsPartitionResult(NamedTuple):
    """Where one partition begins now."""

    partition_index: Int32 = 0
    low_watermark: Int64 = 0
    error_code: Int16 = 0


class DeleteRecordsTopicResult(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[DeleteRecordsPartitionResult, ...] = ()


class DeleteRecordsResponse(NamedTuple):
    """Where the partitions begin now."""

    throttle_time_ms: Int32 = 0
    topics: tuple[DeleteRecordsTopicResult, ...] = ()
