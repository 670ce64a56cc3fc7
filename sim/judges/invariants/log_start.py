"""Log start: a replica's log begins ever later, at committed records only, and what it removed was due."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.records import TopicPartition
from sim.cluster.broker.retention import TOO_MUCH, TOO_OLD
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import BrokerStarted, LogRestarted, LogStartAdvanced, LogTruncated, SegmentsDeleted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.broker.partition import Partition
    from sim.judges.invariants.chronicle import Chronicle


class LogStart(Invariant):
    """Remembers where each log began last, and holds what was removed against the settings of its topic."""

    NAME = "log start"
    PROMISE = (
        "a log begins no earlier than it did and nowhere above its high watermark, and a replica removes only segments that lie "
        "before it and are due: older than retention.ms, or more than retention.bytes"
    )

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._newest: dict[tuple[int, TopicPartition], int] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            LogStartAdvanced: self._advanced,
            LogRestarted: self._restarted,
            BrokerStarted: self._started,
            LogTruncated: self._was_cut,
            SegmentsDeleted: self._lost_segments,
        }

    def _advanced(self, event: LogStartAdvanced) -> None:
        tp, _, replica = self.disks.here(event)
        before = self._newest.get((event.broker, tp), 0)
        if event.log_start_offset <= before:
            self.breach(f"the log of {tp} begins at {event.log_start_offset} on b{event.broker}, and began at {before}")
        self._newest[event.broker, tp] = event.log_start_offset
        if replica is not None:
            self._hold(event.broker, tp, replica)

    def _hold(self, broker: int, tp: TopicPartition, replica: Partition) -> None:
        log = replica.log
        if log.start_offset > log.high_watermark:
            self.breach(f"{tp} begins at {log.start_offset} on b{broker}, above high watermark {log.high_watermark}")
        if log.start_offset < log.file.bases[0]:
            self.breach(f"{tp} begins at {log.start_offset} on b{broker}, and its file at {log.file.bases[0]}")

    def _restarted(self, event: LogRestarted) -> None:
        self._newest[event.broker, TopicPartition(event.topic, event.partition)] = event.at_offset

    def _was_cut(self, event: LogTruncated) -> None:
        key = event.broker, TopicPartition(event.topic, event.partition)
        self._newest[key] = min(self._newest.get(key, 0), event.to_offset)

    def _started(self, event: BrokerStarted) -> None:
        # A start that was not written down is forgotten in a crash: the leader tells it again.
        self._newest = {key: offset for key, offset in self._newest.items() if key[0] != event.broker}

    def _lost_segments(self, event: SegmentsDeleted) -> None:
        tp, _, replica = self.disks.here(event)
        if replica is None:
            self.breach(f"b{event.broker} removed segments of {tp}, and has no replica of it")
            return
        self._hold(event.broker, tp, replica)
        config, now_ms = replica.config, self.chronicle.now_ms(event.broker)
        if event.reason == TOO_OLD:
            for stored in self.chronicle.lay_at(event.broker, tp, event.from_offset, event.to_offset):
                age_ms = now_ms - stored.header.max_timestamp_ms
                if age_ms <= config.retention_ms:
                    self.breach(
                        f"b{event.broker} removed offset {stored.base_offset} of {tp} after {age_ms} ms, which was to stay "
                        f"for {config.retention_ms}"
                    )
                    return
        elif event.reason == TOO_MUCH and replica.log.size_bytes < config.retention_bytes:
            self.breach(
                f"b{event.broker} has left {replica.log.size_bytes} bytes of {tp}, of which {config.retention_bytes} were to stay"
            )

    def look(self) -> None:
        for broker, tp, replica in self.disks.replicas():
            self._hold(broker, tp, replica)
