"""One replica of one partition on one broker: its role, who waits for it, what it gives followers and takes from leaders.

Kafka: Partition. What only a leader knows is its term's (`leader_term.py`).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.record_batch import check_crc
from producer.wire.schema import ZERO_ID
from sim.cluster.broker.leader_term import STAYS_PENDING, LeaderTerm
from sim.cluster.broker.retention import delete_old_segments
from sim.cluster.messages import (
    NO_EPOCH,
    NO_LEADER,
    AlterPartitionAnswer,
    EpochEnd,
    PartitionState,
    ReplicaFetchPartition,
    ReplicaFetchResult,
    StoredBatch,
)
from sim.trace.events import (
    LEADERS_START,
    BatchReplicated,
    BecameFollower,
    BecameLeader,
    CorruptBatchFetched,
    HighWatermarkAdvanced,
    LogRestarted,
    LogStartAdvanced,
    LogTruncated,
    SegmentRolled,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.config import TopicConfig


RECORDS_DELETED = "records deleted"
"""Why a log begins later: somebody wanted it so."""


class Partition:
    """A replica. `apply` tells it what the controller decided; everything else follows from that and from fetches."""

    __slots__ = ("_append_watchers", "_broker", "_produces", "_watermark_watchers", "config", "held_until_us",
                 "leader_epoch", "log", "state", "term", "tp")  # fmt: skip

    term_type = LeaderTerm

    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        self._broker = broker
        self._produces: deque[tuple[int, Callable[[Code], object]]] = deque()
        self._append_watchers: dict[Callable[[], object], None] = {}
        self._watermark_watchers: dict[Callable[[], object], None] = {}
        self.tp = tp
        self.config = config
        self.log = log
        log.reconfigure(config)
        log.on_roll = self._rolled
        self.state: PartitionState | None = None
        self.leader_epoch = NO_EPOCH
        self.term: LeaderTerm | None = None
        """What this replica knows as the leader; None while it follows."""
        self.held_until_us = 0
        """A fault keeps this follower from fetching before then."""

    # -- what the controller decided -----------------------------------------------------------------------------------

    @property
    def topic_id(self) -> bytes:
        """Which of the topics that ever had this name."""
        return ZERO_ID if self.state is None else self.state.topic_id

    @property
    def is_leader(self) -> bool:
        return self.term is not None

    def apply(self, state: PartitionState) -> bool:
        """Act on the controller's word. Returns whether there is a new term, so whom to fetch from may have changed."""
        known = self.state
        if known is not None and state.partition_epoch <= known.partition_epoch:
            return False
        self.state = state
        self.leader_epoch = state.leader_epoch
        is_new_term = known is None or state.leader_epoch != known.leader_epoch
        if state.leader != self._broker.broker_id:
            if is_new_term:
                self._become_follower(state)
            return is_new_term
        if is_new_term or self.term is None:
            self._become_leader(state)
        else:
            self.term.committed(state)
        self._try_advance()
        return is_new_term

    def reconfigure(self, config: TopicConfig) -> None:
        """Take other settings; they hold for what comes next."""
        self.config = config
        self.log.reconfigure(config)
        if self.term is not None:
            self.term.reconfigure(min_insync_replicas=config.min_insync_replicas)

    def _become_leader(self, state: PartitionState) -> None:
        # Who led before leads on: what waits here waits on, for the same high watermark (Partition.makeLeader).
        now_us, before = self._broker.world.now_us, self.term
        self.log.begin_epoch(state.leader_epoch)
        self.term = self.term_type(self._broker, self.log, state, min_insync_replicas=self.config.min_insync_replicas)
        if before is not None:
            self.term.go_on_from(before)
        self._broker.trace.emit(
            BecameLeader(now_us, self._broker.broker_id, *self.tp, state.leader_epoch, self.log.end_offset)
        )

    def _become_follower(self, state: PartitionState) -> None:
        self.term = None
        self._broker.trace.emit(
            BecameFollower(
                self._broker.world.now_us,
                self._broker.broker_id,
                *self.tp,
                state.leader,
                state.leader_epoch,
                self.log.end_offset,
            )
        )
        self._end_waiting(Code.NOT_LEADER_OR_FOLLOWER)

    def go_offline(self) -> None:
        """The log's directory failed. Whoever waits here waits on, until its time is over: nobody looks (seen on 4.3.1)."""
        self.term = None

    def end(self, code: Code) -> None:
        """This replica is gone: whoever waits here waits no longer, and a Produce is told that."""
        self.term = None
        self._end_waiting(code)

    def _end_waiting(self, code: Code) -> None:
        produces, self._produces = self._produces, deque()
        for _, ended in produces:
            ended(code)
        for watchers in (self._append_watchers, self._watermark_watchers):
            for watcher in tuple(watchers):
                watcher()

    def can_write(self) -> bool:
        """Whether the log's directory works; who asks finds out that it does not, and then this replica is offline."""
        return self._broker.can_write(self.log.directory)

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

    # -- waiting requests ----------------------------------------------------------------------------------------------

    def await_watermark(self, required_offset: int, ended: Callable[[Code], object]) -> None:
        """Call `ended` once the high watermark has reached that offset, or this replica leads no longer."""
        self._produces.append((required_offset, ended))

    def forget_await(self, ended: Callable[[Code], object]) -> None:
        """The request waits no longer."""
        self._produces = deque(entry for entry in self._produces if entry[1] != ended)

    def watch(self, watcher: Callable[[], object], *, is_follower: bool) -> None:
        """Call at each append (a follower) or advance of the high watermark (a consumer), and when the term ends."""
        (self._append_watchers if is_follower else self._watermark_watchers)[watcher] = None

    def unwatch(self, watcher: Callable[[], object]) -> None:
        """Call it no longer."""
        self._append_watchers.pop(watcher, None)
        self._watermark_watchers.pop(watcher, None)

    # -- as leader: appends and the high watermark ---------------------------------------------------------------------

    @property
    def is_under_min_isr(self) -> bool:
        """Whether acks=all is refused and, since KIP-966, the high watermark frozen."""
        assert self.term is not None
        return self.term.is_under_min_isr

    def appended(self) -> None:
        """The leader's log grew: let followers read, and see whether that is enough already."""
        if self.term is None:
            return
        for watcher in tuple(self._append_watchers):
            watcher()
        self._try_advance()

    def _try_advance(self) -> None:
        """See how far the high watermark may go, and end the waits up to there."""
        term = self.term
        assert term is not None
        watermark = term.watermark()
        if watermark > self.log.high_watermark:
            self._set_high_watermark(watermark)
            # Only without KIP-966 can the high watermark get here while too few replicas have the records.
            code = Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND if term.is_under_min_isr else Code.NONE
            while self._produces and self._produces[0][0] <= watermark:
                self._produces.popleft()[1](code)
            for watcher in tuple(self._watermark_watchers):
                watcher()

    def _set_high_watermark(self, offset: int) -> None:
        self.log.high_watermark = offset
        broker = self._broker
        broker.trace.emit(HighWatermarkAdvanced(broker.world.now_us, broker.broker_id, *self.tp, offset))

    # -- as leader: followers ------------------------------------------------------------------------------------------

    def serve_follower(
        self, asked: ReplicaFetchPartition, *, broker: int, broker_epoch: int, bytes_max: int
    ) -> ReplicaFetchResult | None:
        """Give what a follower's Fetch gets of this partition; None if there is nothing to say yet.

        Notes where the follower stands, which may advance the high watermark or expand the ISR. A Fetch of a life that
        ended, late on its link, tells nothing of the life after it (Replica.updateFetchStateOrThrow, KAFKA-15221).
        """
        result = self.read_for_follower(asked, bytes_max=bytes_max)
        if self.term is not None and self.term.note_start(broker, asked.log_start_offset):
            for watcher in tuple(self._watermark_watchers):
                watcher()
        if result is None or result.batches:
            if self._broker.is_superseded(broker, broker_epoch):
                return self._result(asked, Code.NOT_LEADER_OR_FOLLOWER)
            if self.term is not None and self.term.note_follower(broker, broker_epoch, asked.fetch_offset):
                self._try_advance()
            if result is not None:
                # What the follower just told may have moved the high watermark that it is told in turn.
                result = result._replace(high_watermark=self.log.high_watermark)
        return result

    def low_watermark(self) -> int:
        """Where the log begins on every replica in service, as far as this leader was told."""
        assert self.term is not None
        return self.term.low_watermark()

    def read_for_follower(self, asked: ReplicaFetchPartition, *, bytes_max: int) -> ReplicaFetchResult | None:
        """Give batches, a point of divergence or an error; None while the follower has everything."""
        log = self.log
        if self.term is None or asked.leader_epoch != self.leader_epoch:
            code = self.check_epoch(asked.leader_epoch)
            if code is not Code.NONE:
                return self._result(asked, code)
        if asked.fetch_offset < log.start_offset:
            return self._result(asked, Code.OFFSET_OUT_OF_RANGE)
        is_in_last_epoch = asked.last_fetched_epoch == log.last_epoch and asked.fetch_offset <= log.end_offset
        if not is_in_last_epoch and asked.last_fetched_epoch != NO_EPOCH:
            end = log.end_of_epoch(asked.last_fetched_epoch)
            if end is None:
                return self._result(asked, Code.OFFSET_OUT_OF_RANGE)
            if end.epoch < asked.last_fetched_epoch or end.end_offset < asked.fetch_offset:
                return self._result(asked, Code.NONE, diverging=end)
        if asked.fetch_offset > log.end_offset:
            return self._result(asked, Code.OFFSET_OUT_OF_RANGE)
        if asked.fetch_offset == log.end_offset:
            return None
        batches = log.read(asked.fetch_offset, up_to_offset=log.end_offset, bytes_max=bytes_max)
        return self._result(asked, Code.NONE, batches=batches)

    def watermark_news(self, asked: ReplicaFetchPartition) -> ReplicaFetchResult | None:
        """Give the leader's high watermark, and where its log begins, to a follower that does not know it; None if it does."""
        known_at_most = min(self.log.high_watermark, asked.fetch_offset)
        is_news = known_at_most > asked.high_watermark or self.log.start_offset > asked.log_start_offset
        if self.term is None or asked.leader_epoch != self.leader_epoch or not is_news:
            return None
        return self._result(asked, Code.NONE)

    def check_epoch(self, leader_epoch: int) -> Code:
        """Whether somebody who believes in that leader epoch (-1: any) may be served here (KIP-320)."""
        if leader_epoch != NO_EPOCH:
            if leader_epoch > self.leader_epoch:
                return Code.UNKNOWN_LEADER_EPOCH
            if leader_epoch < self.leader_epoch:
                return Code.FENCED_LEADER_EPOCH
        return Code.NOT_LEADER_OR_FOLLOWER if self.term is None else Code.NONE

    def _result(
        self,
        asked: ReplicaFetchPartition,
        code: Code,
        *,
        diverging: EpochEnd | None = None,
        batches: tuple[StoredBatch, ...] = (),
    ) -> ReplicaFetchResult:
        log = self.log
        return ReplicaFetchResult(
            asked.topic_id,
            self.tp,
            asked.leader_epoch,
            code,
            asked.fetch_offset,
            log.high_watermark,
            log.end_offset,
            diverging,
            batches,
            log.start_offset,
        )

    def shrink_isr(self) -> None:
        """Drop those from the ISR who were not caught up for the whole lag time, if this replica leads."""
        if self.term is not None:
            self.term.shrink_isr()

    def drop_from_isr(self, replicas: tuple[int, ...], until_us: int) -> None:
        """Drop followers now, as if they had lagged, and do not hear them before `until_us`: a fault."""
        if self.term is not None:
            self.term.drop_from_isr(replicas, until_us)

    def hear_all(self) -> None:
        """Every fault is over: hear every follower again, and fetch again."""
        self.held_until_us = 0
        if self.term is not None:
            self.term.hear_all()

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Take the controller's answer. Returns whether to ask again."""
        term = self.term
        if term is None or not term.is_asked(answer):
            return False
        if answer.state is not None:
            self.apply(answer.state)
            return False
        if term.rolls_back(answer.code):
            self._try_advance()
            return False
        return answer.code not in STAYS_PENDING

    # -- as follower ---------------------------------------------------------------------------------------------------

    @property
    def is_held(self) -> bool:
        """Whether a fault keeps this follower from fetching now."""
        return self._broker.world.now_us < self.held_until_us

    @property
    def leader(self) -> int:
        return NO_LEADER if self.state is None else self.state.leader

    def wanted(self) -> ReplicaFetchPartition:
        """Where this follower stands."""
        log = self.log
        return ReplicaFetchPartition(
            self.topic_id,
            self.tp,
            self.leader_epoch,
            log.end_offset,
            log.last_epoch,
            log.high_watermark,
            log.start_offset,
        )

    def replicate(self, result: ReplicaFetchResult) -> bool:
        """Take what the leader gave. Returns whether to go on at once; False asks for a pause."""
        if (
            self.term is not None
            or result.topic_id != self.topic_id
            or result.leader_epoch != self.leader_epoch
            or result.fetch_offset != self.log.end_offset
        ):
            # An answer to what this replica no longer is.
            return True
        log = self.log
        is_to_be_cut = result.code is Code.OFFSET_OUT_OF_RANGE or result.diverging is not None
        if (is_to_be_cut or result.batches) and not self.can_write():
            return True
        if result.code is Code.OFFSET_OUT_OF_RANGE:
            if log.end_offset < result.log_start_offset:
                self._restart(result.log_start_offset)
                return True
            self.truncate(min(result.log_end_offset, log.end_offset), "offset out of range")
            return False
        if result.code is not Code.NONE:
            return False
        if result.diverging is not None:
            self.truncate(log.offset_for(result.diverging), "diverging epoch")
            return True
        broker = self._broker
        now_us, broker_id, (topic, number) = broker.world.now_us, broker.broker_id, self.tp
        for stored in result.batches:
            if not check_crc(stored.data, 0, stored.header):
                # Nothing of such an answer is appended, and the same is asked for again (UnifiedLog.analyzeAndValidateRecords).
                broker.trace.emit(
                    CorruptBatchFetched(now_us, broker_id, topic, number, stored.base_offset, self.leader)
                )
                return False
        for stored in result.batches:
            log.append_stored(stored)
            base_offset, last_offset, leader_epoch, header, _ = stored
            broker.trace.emit(
                BatchReplicated(now_us, broker_id, topic, number, base_offset, last_offset, leader_epoch, header.crc)
            )
        watermark = min(result.high_watermark, log.end_offset)
        if watermark > log.high_watermark:
            self._set_high_watermark(watermark)
        if result.log_start_offset > log.start_offset:
            self.advance_start(result.log_start_offset, LEADERS_START)
        return True

    def _restart(self, at_offset: int) -> None:
        """Begin where the leader's log begins: what lies between is nowhere to be had (AbstractFetcherThread.fetchOffsetAndTruncate)."""
        broker, from_offset = self._broker, self.log.end_offset
        self.log.restart(at_offset)
        broker.trace.emit(LogRestarted(broker.world.now_us, broker.broker_id, *self.tp, at_offset, from_offset))
        broker.log_start_moved()

    def truncate(self, to_offset: int, reason: str) -> None:
        """Cut the log; everything from `to_offset` on is gone from this replica."""
        from_offset = self.log.end_offset
        if self.log.truncate(to_offset):
            broker = self._broker
            broker.trace.emit(
                LogTruncated(broker.world.now_us, broker.broker_id, *self.tp, self.log.end_offset, from_offset, reason)
            )
