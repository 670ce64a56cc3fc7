"""What a replica removes of its log by itself, segment by segment: what is too old, too much, or before the log's start.

Kafka: UnifiedLog.deleteOldSegments, LogManager.cleanupLogs. Each replica goes by its own clock and its own bytes. A follower trims
where its leader's log begins as well. A removed file lies there under another name for file.delete.delay.ms, and nobody reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sim.trace.events import SegmentsDeleted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from producer.records import TopicPartition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.segments import Segment
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig

    IsDue = Callable[[Segment], bool]

BEFORE_START = "before the log's start"
"""Why segments went: records were deleted, here or on the leader."""
TOO_MUCH = "retention.bytes"
TOO_OLD = "retention.ms"


class Replica(Protocol):
    """What is needed of one replica."""

    tp: TopicPartition
    config: TopicConfig

    def can_write(self) -> bool:
        """Whether the log's directory works."""
        ...

    def advance_start(self, to_offset: int, reason: str) -> None:
        """Let nobody read what is before that offset any more."""
        ...


def delete_old_segments(broker: Surroundings, partition: Replica, log: PartitionLog) -> None:
    """Remove the segments of a replica that are due, and say which."""
    for reason, is_due in rules(log, partition.config, broker.now_ms):
        count = due_segments(log, is_due)
        if count and partition.can_write():
            remove_segments(broker, partition, log, count, reason)


def rules(log: PartitionLog, config: TopicConfig, now_ms: int) -> Iterator[tuple[str, IsDue]]:
    """Give the rules in the order in which they are looked at; each sees what the one before left."""
    yield BEFORE_START, lambda segment: not segment.is_active and segment.end_offset <= log.start_offset
    if "delete" not in config.cleanup_policy:
        return
    if config.retention_bytes >= 0:
        left_over_bytes = log.size_bytes - config.retention_bytes

        def is_too_much(segment: Segment) -> bool:
            nonlocal left_over_bytes
            left_over_bytes -= segment.size_bytes
            return left_over_bytes >= 0

        yield TOO_MUCH, is_too_much
    if config.retention_ms >= 0:
        yield TOO_OLD, lambda segment: now_ms - segment.largest_timestamp_ms > config.retention_ms


def due_segments(log: PartitionLog, is_due: IsDue) -> int:
    """How many of the oldest segments are due: none with anything at or above the high watermark, nor an empty last one."""
    count = 0
    for segment in log.segments:
        is_empty_last = segment.is_active and not segment.batches
        if is_empty_last or segment.end_offset > log.high_watermark or not is_due(segment):
            break
        count += 1
    return count


def remove_segments(broker: Surroundings, partition: Replica, log: PartitionLog, count: int, reason: str) -> None:
    """Remove the oldest segments, that many. The log begins behind them at least."""
    bases = log.file.bases
    if count == len(bases):
        # There is always one to write to: the last one goes as soon as another was begun behind it.
        log.roll(log.end_offset)
    from_offset, to_offset = bases[0], bases[count]
    partition.advance_start(to_offset, reason)
    log.remove_segments_before(to_offset)
    broker.trace.emit(
        SegmentsDeleted(broker.world.now_us, broker.broker_id, *partition.tp, from_offset, to_offset, reason)
    )
