"""One replica of one partition in whatever role: its log, what the controller said last, and what becomes of the log besides appends.

Kafka: Partition, as far as leaders and followers are the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.schema import ZERO_ID
from sim.cluster.broker.retention import delete_old_segments
from sim.cluster.messages import NO_EPOCH
from sim.cluster.metadata_states import NO_LEADER
from sim.trace.events import HighWatermarkAdvanced, LastStableOffsetMoved, LogStartAdvanced, LogTruncated, SegmentRolled

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.leader_term import LeaderTerm
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.metadata_states import PartitionState
    from sim.cluster.topic_config import TopicConfig


class Replica:
    """A log and its role. What the role asks for is its `Partition`'s."""

    __slots__ = ("_broker", "config", "held_until_us", "leader_epoch", "log", "state", "term", "topic_id", "tp")

    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        self._broker = broker
        self.tp = tp
        self.config = config
        self.log = log
        log.reconfigure(config)
        log.on_roll = self._rolled
        self.topic_id = ZERO_ID
        """Which of the topics that ever had this name; none of them as long as nobody has said."""
        self.state: PartitionState | None = None
        self.leader_epoch = NO_EPOCH
        self.term: LeaderTerm | None = None
        """What this replica knows as the leader; None while it follows."""
        self.held_until_us = 0
        """A fault keeps this follower from fetching before then."""

    # -- its role ------------------------------------------------------------------------------------------------------

    @property
    def is_leader(self) -> bool:
        return self.term is not None

    @property
    def leader(self) -> int:
        return NO_LEADER if self.state is None else self.state.leader

    @property
    def is_held(self) -> bool:
        """Whether a fault keeps this follower from fetching now."""
        return self._broker.world.now_us < self.held_until_us

    def check_epoch(self, leader_epoch: int) -> Code:
        """Whether somebody who believes in that leader epoch (-1: any) may be served here (KIP-320)."""
        if leader_epoch != NO_EPOCH:
            if leader_epoch > self.leader_epoch:
                return Code.UNKNOWN_LEADER_EPOCH
            if leader_epoch < self.leader_epoch:
                return Code.FENCED_LEADER_EPOCH
        return Code.NOT_LEADER_OR_FOLLOWER if self.term is None else Code.NONE

    # -- its log -------------------------------------------------------------------------------------------------------

    def can_write(self) -> bool:
        """Whether the log's directory works; who asks finds out that it does not, and then this replica is offline."""
        return self._broker.can_write(self.log.directory)

    def set_high_watermark(self, offset: int) -> None:
        """What is before that offset is committed."""
        log = self.log
        if log.producers.transactions:
            self._set_with_transactions(offset)
            return
        log.high_watermark = offset
        broker = self._broker
        broker.trace.emit(HighWatermarkAdvanced(broker.world.now_us, broker.broker_id, *self.tp, offset))

    def _set_with_transactions(self, offset: int) -> None:
        """The last stable offset moves with the high watermark alone: a marker that is not committed decides nothing yet."""
        log, broker = self.log, self._broker
        watermark_before, before = log.high_watermark, log.last_stable_offset
        log.high_watermark = offset
        now_us, number, tp = broker.world.now_us, broker.broker_id, self.tp
        broker.trace.emit(HighWatermarkAdvanced(now_us, number, *tp, offset))
        after = log.last_stable_offset
        if after != before or (before == watermark_before and after < offset):
            broker.trace.emit(LastStableOffsetMoved(now_us, number, *tp, after, offset))

    def truncate(self, to_offset: int, reason: str) -> None:
        """Cut the log; everything from `to_offset` on is gone from this replica."""
        from_offset = self.log.end_offset
        if self.log.truncate(to_offset):
            broker = self._broker
            broker.log_cut(self.tp, self.log.end_offset)
            broker.trace.emit(
                LogTruncated(broker.world.now_us, broker.broker_id, *self.tp, self.log.end_offset, from_offset, reason)
            )

    # -- segments and the start of the log -----------------------------------------------------------------------------

    def _rolled(self, base_offset: int) -> None:
        broker = self._broker
        broker.trace.emit(SegmentRolled(broker.world.now_us, broker.broker_id, *self.tp, base_offset))
        broker.log_rolled(self.tp)

    def delete_old_segments(self) -> None:
        """Remove what is too old, too much, or before the start of the log, by whole segments."""
        delete_old_segments(self._broker, self, self.log)

    def advance_start(self, to_offset: int, reason: str) -> None:
        """Let nobody read what is before that offset any more; followers hear of it with their next Fetch."""
        if self.log.advance_start(to_offset):
            broker, start_offset = self._broker, self.log.start_offset
            broker.trace.emit(LogStartAdvanced(broker.world.now_us, broker.broker_id, *self.tp, start_offset, reason))
            broker.log_start_moved()
