"""What a follower does with its leader's answer: append what comes next, cut what the leader never had, or begin anew.

Kafka: ReplicaFetcherThread.processPartitionData, AbstractFetcherThread.fetchOffsetAndTruncate, with truncation on fetch (KIP-595).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.record_batch import check_crc
from sim.trace.events import LEADERS_START, BatchReplicated, CorruptBatchFetched, LogRestarted

if TYPE_CHECKING:
    from sim.cluster.broker.replica import Replica
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.messages import ReplicaFetchResult


def replicate(broker: Surroundings, replica: Replica, result: ReplicaFetchResult) -> bool:
    """Take what the leader gave. Returns whether to go on at once; False asks for a pause."""
    log = replica.log
    if (
        replica.term is not None
        or result.topic_id != replica.topic_id
        or result.leader_epoch != replica.leader_epoch
        or result.fetch_offset != log.end_offset
    ):
        # An answer to what this replica no longer is.
        return True
    is_out_of_range = result.code is Code.OFFSET_OUT_OF_RANGE
    if (is_out_of_range or result.diverging is not None or result.batches) and not replica.can_write():
        return True
    if is_out_of_range:
        if log.end_offset < result.log_start_offset:
            _restart(broker, replica, result.log_start_offset)
            return True
        replica.truncate(min(result.log_end_offset, log.end_offset), "offset out of range")
        return False
    if result.code is not Code.NONE:
        return False
    if result.diverging is not None:
        replica.truncate(log.offset_for(result.diverging), "diverging epoch")
        return True
    now_us, broker_id, (topic, number) = broker.world.now_us, broker.broker_id, replica.tp
    for stored in result.batches:
        if not check_crc(stored.data, 0, stored.header):
            # Nothing of such an answer is appended, and the same is asked for again (UnifiedLog.analyzeAndValidateRecords).
            broker.trace.emit(CorruptBatchFetched(now_us, broker_id, topic, number, stored.base_offset, replica.leader))
            return False
    for stored in result.batches:
        log.append_stored(stored)
        base_offset, last_offset, leader_epoch, header, _ = stored
        broker.trace.emit(
            BatchReplicated(now_us, broker_id, topic, number, base_offset, last_offset, leader_epoch, header.crc)
        )
    watermark = min(result.high_watermark, log.end_offset)
    if watermark > log.high_watermark:
        replica.set_high_watermark(watermark)
    if result.log_start_offset > log.start_offset:
        replica.advance_start(result.log_start_offset, LEADERS_START)
    return True


def _restart(broker: Surroundings, replica: Replica, at_offset: int) -> None:
    """Begin where the leader's log begins: what lies between is nowhere to be had."""
    from_offset = replica.log.end_offset
    replica.log.restart(at_offset)
    broker.log_cut(replica.tp, at_offset)
    broker.trace.emit(LogRestarted(broker.world.now_us, broker.broker_id, *replica.tp, at_offset, from_offset))
    broker.log_start_moved()
