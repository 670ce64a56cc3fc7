"""What one partition gives a Fetch: whole batches but for the last, a point of divergence, another replica to ask, or an error.

Kafka: ReplicaManager.readFromLog, Partition.readRecords, LogSegment.read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.messages.fetch import AbortedTransaction, EpochEndOffset, FetchPartition, FetchPartitionResponse
from producer.wire.schema import ZERO_ID

if TYPE_CHECKING:
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.stored_batch import StoredBatch

_READ_COMMITTED = 1
_FUTURE_REPLICA = -3
_NEAR_REPLICAS_SINCE = 11
"""Since then a consumer says where it is, and followers serve consumers (KIP-392)."""


class Reader(NamedTuple):
    """Who reads."""

    replica_id: int
    """A follower's broker id; negative for everybody else."""
    isolation_level: int
    rack: str
    version: int

    @property
    def is_follower(self) -> bool:
        return self.replica_id >= 0

    @property
    def reads_all(self) -> bool:
        """Whether it is given what is not committed, too (FetchIsolation.LOG_END)."""
        return self.is_follower or self.replica_id == _FUTURE_REPLICA

    @property
    def needs_leader(self) -> bool:
        return self.is_follower or (self.version < _NEAR_REPLICAS_SINCE and self.replica_id != _FUTURE_REPLICA)


class _UnreadableError(Exception):
    def __init__(self, code: Code) -> None:
        super().__init__(code)
        self.code = code


def read(
    broker: ServingBroker,
    partition: Partition,
    reader: Reader,
    asked: FetchPartition,
    topic_id: bytes,
    *,
    left_bytes: int,
    is_first: bool,
) -> FetchPartitionResponse:
    """Read once. `left_bytes` of the whole answer are left; `is_first`: nothing was read so far, so one batch comes whole."""
    try:
        return _read(broker, partition, reader, asked, topic_id, left_bytes=left_bytes, is_first=is_first)
    except _UnreadableError as error:
        return failed(asked.partition, error.code)


def failed(partition: int, code: Code) -> FetchPartitionResponse:
    """Give the answer for a partition that could not be read."""
    return FetchPartitionResponse(partition, code, high_watermark=-1, aborted_transactions=None, records=b"")


def _read(
    broker: ServingBroker,
    partition: Partition,
    reader: Reader,
    asked: FetchPartition,
    topic_id: bytes,
    *,
    left_bytes: int,
    is_first: bool,
) -> FetchPartitionResponse:
    if topic_id not in {ZERO_ID, partition.topic_id}:
        raise _UnreadableError(Code.INCONSISTENT_TOPIC_ID)
    log = partition.log
    number, watermark, start_offset = asked.partition, log.high_watermark, log.start_offset
    stable = log.last_stable_offset
    _check_epoch(partition, reader, asked)
    nearer = _nearer_replica(broker, partition, reader, asked.fetch_offset)
    if nearer is not None:
        return FetchPartitionResponse(
            number,
            0,
            watermark,
            stable,
            start_offset,
            aborted_transactions=None,
            preferred_read_replica=nearer,
            records=b"",
        )
    if reader.is_follower:
        _check_follower(broker, partition, reader, asked)
    diverging = _diverging(partition, asked)
    if diverging is not None:
        return FetchPartitionResponse(
            number, 0, watermark, stable, start_offset, diverging, aborted_transactions=None, records=b""
        )
    bytes_max = min(asked.partition_max_bytes, left_bytes)
    if not start_offset <= asked.fetch_offset <= log.end_offset:
        raise _UnreadableError(Code.OFFSET_OUT_OF_RANGE)
    is_committed_read = reader.isolation_level == _READ_COMMITTED and not reader.reads_all
    up_to_offset = log.end_offset if reader.reads_all else (stable if is_committed_read else watermark)
    batches = log.read(asked.fetch_offset, up_to_offset=up_to_offset, bytes_max=max(bytes_max, 0))
    records = _bytes(partition, batches, up_to_offset, bytes_max, is_first=is_first) if batches else b""
    aborted = _aborted(log, asked.fetch_offset, batches) if is_committed_read else None
    return FetchPartitionResponse(
        number, 0, watermark, stable, start_offset, aborted_transactions=aborted, records=records
    )


def _aborted(log: PartitionLog, from_offset: int, batches: tuple[StoredBatch, ...]) -> tuple[AbortedTransaction, ...]:
    """Give the transactions that wrote into what is read, and were aborted: of their batches a consumer is to make nothing."""
    if not batches:
        return ()
    aborted = log.aborted_transactions(from_offset, batches[-1].last_offset + 1)
    return tuple([AbortedTransaction(one.producer_id, one.first_offset) for one in aborted])


def _check_epoch(partition: Partition, reader: Reader, asked: FetchPartition) -> None:
    code = partition.check_epoch(max(asked.current_leader_epoch, -1))
    if code is Code.NOT_LEADER_OR_FOLLOWER and not reader.needs_leader and partition.state is not None:
        return
    if code is not Code.NONE:
        raise _UnreadableError(code)


def _check_follower(broker: ServingBroker, partition: Partition, reader: Reader, asked: FetchPartition) -> None:
    state = partition.state
    if state is None or reader.replica_id == broker.broker_id or reader.replica_id not in state.replicas:
        # With an epoch: perhaps its replicas are news that have not come here yet.
        is_ahead = asked.current_leader_epoch >= 0
        raise _UnreadableError(Code.UNKNOWN_LEADER_EPOCH if is_ahead else Code.NOT_LEADER_OR_FOLLOWER)


def _nearer_replica(broker: ServingBroker, partition: Partition, reader: Reader, fetch_offset: int) -> int | None:
    """Give the replica in sync that is in the reader's rack, unless that is the leader (RackAwareReplicaSelector)."""
    is_asked = broker.config.rack_aware_reads and reader.version >= _NEAR_REPLICAS_SINCE and not reader.is_follower
    if not is_asked or not reader.rack or partition.term is None:
        return None
    brokers = broker.image.brokers
    own = brokers.get(broker.broker_id)  # it may have been unregistered, and serve until it has heard of it
    if own is None or own.rack == reader.rack:
        return None
    near = [
        (log_end_offset, -lag_us, replica)
        for replica, log_end_offset, lag_us in partition.term.in_sync()
        if log_end_offset >= fetch_offset and broker.image.is_alive(replica) and brokers[replica].rack == reader.rack
    ]
    return max(near)[2] if near else None


def _diverging(partition: Partition, asked: FetchPartition) -> EpochEndOffset | None:
    """Give where the reader's log and this one part, if they do."""
    if asked.last_fetched_epoch < 0:
        return None
    end = partition.log.end_of_epoch(asked.last_fetched_epoch)
    if end is None or asked.fetch_offset < partition.log.start_offset:
        raise _UnreadableError(Code.OFFSET_OUT_OF_RANGE)
    if end.epoch < asked.last_fetched_epoch or end.end_offset < asked.fetch_offset:
        return EpochEndOffset(*end)
    return None


def _bytes(
    partition: Partition, batches: tuple[StoredBatch, ...], up_to_offset: int, bytes_max: int, *, is_first: bool
) -> bytes:
    """Give what lies there, cut off at the limit; a first batch that is larger comes whole, or not at all (KIP-74)."""
    if bytes_max < 0:
        # Found only where there is something to read.
        raise _UnreadableError(Code.UNKNOWN_SERVER_ERROR)
    records = b"".join([stored.data for stored in batches])
    if len(records) >= bytes_max:
        return records if is_first or len(records) == bytes_max else b""
    following = partition.log.read(batches[-1].last_offset + 1, up_to_offset=up_to_offset, bytes_max=0)
    return records + following[0].data[: bytes_max - len(records)] if following else records
