"""WriteTxnMarkers: the transaction coordinator has the end of a transaction written into each partition."""

from typing import Annotated, NamedTuple

from producer.wire.schema import IGNORABLE, Boolean, Int8, Int16, Int32, Int64, String, since


class WritableTxnMarkerTopic(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partition_indexes: tuple[Int32, ...] = ()


class WritableTxnMarker(NamedTuple):
    """One transaction's end."""

    producer_id: Int64 = 0
    producer_epoch: Int16 = 0
    transaction_result: Boolean = False
    """True for a commit."""
    topics: tuple[WritableTxnMarkerTopic, ...] = ()
    coordinator_epoch: Int32 = 0
    """The leader epoch of the coordinator's own partition: an old coordinator is refused."""
    transaction_version: Annotated[Int8, since(2), IGNORABLE] = 0
    """2 where each transaction has an epoch of its own (KIP-890)."""


class WriteTxnMarkersRequest(NamedTuple):
    """Write these ends."""

    markers: tuple[WritableTxnMarker, ...] = ()


class WritableTxnMarkerPartitionResult(NamedTuple):
    """Whether one partition has it."""

    partition_index: Int32 = 0
    error_code: Int16 = 0


class WritableTxnMarkerTopicResult(NamedTuple):
    """The partitions of one topic."""

    name: String = ""
    partitions: tuple[WritableTxnMarkerPartitionResult, ...] = ()


class WritableTxnMarkerResult(NamedTuple):
    """Where one transaction's end was written."""

    producer_id: Int64 = 0
    topics: tuple[WritableTxnMarkerTopicResult, ...] = ()


class WriteTxnMarkersResponse(NamedTuple):
    """Where the ends were written."""

    markers: tuple[WritableTxnMarkerResult, ...] = ()
