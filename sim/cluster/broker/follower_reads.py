"""What a leader gives a follower's Fetch of one partition: batches, where the two logs part, news of the high watermark, an error.

Kafka: Partition.readRecords for a follower, with truncation on fetch (KIP-595).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.messages import NO_EPOCH, ReplicaFetchResult

if TYPE_CHECKING:
    from sim.cluster.broker.replica import Replica
    from sim.cluster.messages import ReplicaFetchPartition
    from sim.cluster.stored_batch import EpochEnd, StoredBatch


def read_for_follower(replica: Replica, asked: ReplicaFetchPartition, *, bytes_max: int) -> ReplicaFetchResult | None:
    """Give batches, a point of divergence or an error; None while the follower has everything."""
    log = replica.log
    if replica.term is None or asked.leader_epoch != replica.leader_epoch:
        code = replica.check_epoch(asked.leader_epoch)
        if code is not Code.NONE:
            return told(replica, asked, code)
    if asked.fetch_offset < log.start_offset:
        return told(replica, asked, Code.OFFSET_OUT_OF_RANGE)
    is_in_last_epoch = asked.last_fetched_epoch == log.last_epoch and asked.fetch_offset <= log.end_offset
    if not is_in_last_epoch and asked.last_fetched_epoch != NO_EPOCH:
        end = log.end_of_epoch(asked.last_fetched_epoch)
        if end is None:
            return told(replica, asked, Code.OFFSET_OUT_OF_RANGE)
        if end.epoch < asked.last_fetched_epoch or end.end_offset < asked.fetch_offset:
            return told(replica, asked, Code.NONE, diverging=end)
    if asked.fetch_offset > log.end_offset:
        return told(replica, asked, Code.OFFSET_OUT_OF_RANGE)
    if asked.fetch_offset == log.end_offset:
        return None
    batches = log.read(asked.fetch_offset, up_to_offset=log.end_offset, bytes_max=bytes_max)
    return told(replica, asked, Code.NONE, batches=batches)


def watermark_news(replica: Replica, asked: ReplicaFetchPartition) -> ReplicaFetchResult | None:
    """Give the leader's high watermark, and where its log begins, to a follower that does not know it; None if it does."""
    log = replica.log
    known_at_most = min(log.high_watermark, asked.fetch_offset)
    is_news = known_at_most > asked.high_watermark or log.start_offset > asked.log_start_offset
    if replica.term is None or asked.leader_epoch != replica.leader_epoch or not is_news:
        return None
    return told(replica, asked, Code.NONE)


def told(
    replica: Replica,
    asked: ReplicaFetchPartition,
    code: Code,
    *,
    diverging: EpochEnd | None = None,
    batches: tuple[StoredBatch, ...] = (),
) -> ReplicaFetchResult:
    """Put an answer together, with what it always tells."""
    log = replica.log
    return ReplicaFetchResult(
        asked.topic_id,
        replica.tp,
        asked.leader_epoch,
        code,
        asked.fetch_offset,
        log.high_watermark,
        log.end_offset,
        diverging,
        batches,
        log.start_offset,
    )
