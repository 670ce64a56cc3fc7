"""One replica of one partition on one broker: what it does as leader and as follower.

Kafka: Partition, Replica, PartitionState (KIP-497 for the pending ISR, KIP-966 for the high watermark).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.messages import (
    NO_EPOCH,
    NO_LEADER,
    AlterPartition,
    AlterPartitionAnswer,
    EpochEnd,
    PartitionState,
    ReplicaFetchPartition,
    ReplicaFetchResult,
    StoredBatch,
)
from sim.trace.events import BatchReplicated, BecameFollower, BecameLeader, HighWatermarkAdvanced, LogTruncated

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.config import TopicConfig

_NEVER_US = -(1 << 62)
_UNKNOWN_OFFSET = -1

_ROLLED_BACK = (Code.INELIGIBLE_REPLICA, Code.OPERATION_NOT_ATTEMPTED)
_STAY_PENDING = (
    Code.UNKNOWN_TOPIC_OR_PARTITION,
    Code.INVALID_REQUEST,
    Code.FENCED_LEADER_EPOCH,
    Code.INVALID_UPDATE_VERSION,
    Code.UNKNOWN_TOPIC_ID,
    Code.NEW_LEADER_ELECTED,
)
"""The leader's view is behind: only newer metadata can tell (Partition.handleAlterPartitionError)."""


class _Follower:
    """What a leader knows of another replica (Kafka's Replica)."""

    __slots__ = ("broker", "broker_epoch", "caught_up_us", "fetched_us", "ignored_until_us", "leader_end_at_fetch",
                 "log_end_offset")  # fmt: skip

    def __init__(self, broker: int, caught_up_us: int) -> None:
        self.broker = broker
        self.broker_epoch = NO_EPOCH
        self.log_end_offset = _UNKNOWN_OFFSET
        self.caught_up_us = caught_up_us
        self.fetched_us = _NEVER_US
        self.ignored_until_us = _NEVER_US
        self.leader_end_at_fetch = _UNKNOWN_OFFSET


class Partition:
    """A replica. `apply` tells it what the controller decided; everything else follows from that and from fetches."""

    __slots__ = (
        "_append_watchers",
        "_broker",
        "_followers",
        "_pending_isr",
        "_produces",
        "_watermark_watchers",
        "config",
        "epoch_start_offset",
        "held_until_us",
        "is_leader",
        "log",
        "state",
        "tp",
    )  # fmt: skip

    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        self._broker = broker
        self._followers: dict[int, _Follower] = {}
        self._pending_isr: tuple[int, ...] | None = None
        self._produces: deque[tuple[int, Callable[[Code], object]]] = deque()
        self._append_watchers: dict[Callable[[], object], None] = {}
        self._watermark_watchers: dict[Callable[[], object], None] = {}
        self.tp = tp
        self.config = config
        self.log = log
        self.state: PartitionState | None = None
        self.is_leader = False
        self.epoch_start_offset = 0
        """Where this leader's term began in the log."""
        self.held_until_us = 0
        """A fault keeps this follower from fetching before then."""

    # -- what the controller decided -----------------------------------------------------------------------------------

    @property
    def leader_epoch(self) -> int:
        return NO_EPOCH if self.state is None else self.state.leader_epoch

    def apply(self, state: PartitionState) -> bool:
        """Act on the controller's word. Returns whether there is a new term, so whom to fetch from may have changed."""
        known = self.state
        if known is not None and state.partition_epoch <= known.partition_epoch:
            return False
        self.state = state
        self._pending_isr = None
        is_new_term = known is None or state.leader_epoch != known.leader_epoch
        if state.leader != self._broker.broker_id:
            if is_new_term:
                self._become_follower(state)
            return is_new_term
        if is_new_term:
            self._become_leader(state)
        self._try_advance()
        return is_new_term

    def _become_leader(self, state: PartitionState) -> None:
        now_us = self._broker.world.now_us
        self._end_waiting()
        self.is_leader = True
        self.log.begin_epoch(state.leader_epoch)
        self.epoch_start_offset = self.log.end_offset
        # Members of the ISR get the whole lag time before they are missed; others must show themselves first.
        self._followers = {
            replica: _Follower(replica, now_us if replica in state.isr else _NEVER_US)
            for replica in state.replicas
            if replica != self._broker.broker_id
        }
        self._broker.trace.emit(
            BecameLeader(now_us, self._broker.broker_id, *self.tp, state.leader_epoch, self.log.end_offset)
        )

    def _become_follower(self, state: PartitionState) -> None:
        self.is_leader = False
        self._followers = {}
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
        self._end_waiting()

    def _end_waiting(self) -> None:
        produces, self._produces = self._produces, deque()
        for _, ended in produces:
            ended(Code.NOT_LEADER_OR_FOLLOWER)
        for watchers in (self._append_watchers, self._watermark_watchers):
            for watcher in tuple(watchers):
                watcher()

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
        state = self.state
        assert state is not None
        return len(state.isr) < min(self.config.min_insync_replicas, len(state.replicas))

    def appended(self) -> None:
        """The leader's log grew: let followers read, and see whether that is enough already."""
        if not self.is_leader:
            return
        for watcher in tuple(self._append_watchers):
            watcher()
        self._try_advance()

    def _try_advance(self) -> None:
        """Partition.maybeIncrementLeaderHW: the least end of the maximal ISR and of those about to join it."""
        state = self.state
        assert state is not None
        log = self.log
        lowest = log.end_offset
        is_under_min_isr = self.is_under_min_isr
        if lowest <= log.high_watermark or (is_under_min_isr and self._broker.config.eligible_leader_replicas):
            return
        pending = self._pending_isr or ()
        for follower in self._followers.values():
            if follower.log_end_offset >= lowest:
                continue
            broker = follower.broker
            if broker in state.isr or broker in pending or self._is_joining(follower):
                lowest = follower.log_end_offset
        if lowest > log.high_watermark:
            self._set_high_watermark(lowest)
            # Only without KIP-966 can the high watermark get here while too few replicas have the records.
            code = Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND if is_under_min_isr else Code.NONE
            while self._produces and self._produces[0][0] <= lowest:
                self._produces.popleft()[1](code)
            for watcher in tuple(self._watermark_watchers):
                watcher()

    def _is_joining(self, follower: _Follower) -> bool:
        is_caught_up = self._is_caught_up(follower)
        return is_caught_up and self._broker.is_eligible(follower.broker, follower.broker_epoch)

    def _is_caught_up(self, follower: _Follower) -> bool:
        lag_us = self._broker.world.now_us - follower.caught_up_us
        return follower.log_end_offset == self.log.end_offset or lag_us <= self._broker.config.replica_lag_time_max_us

    def _set_high_watermark(self, offset: int) -> None:
        self.log.high_watermark = offset
        broker = self._broker
        broker.trace.emit(HighWatermarkAdvanced(broker.world.now_us, broker.broker_id, *self.tp, offset))

    # -- as leader: followers and the ISR ------------------------------------------------------------------------------

    def serve_follower(
        self, asked: ReplicaFetchPartition, *, broker: int, broker_epoch: int, bytes_max: int
    ) -> ReplicaFetchResult | None:
        """Give what a follower's Fetch gets of this partition; None if there is nothing to say yet.

        Notes where the follower stands, which may advance the high watermark or expand the ISR.
        """
        result = self.read_for_follower(asked, bytes_max=bytes_max)
        if result is None or result.batches:
            self._note_follower(broker, broker_epoch, asked.fetch_offset)
            if result is not None:
                # What the follower just told may have moved the high watermark that it is told in turn.
                result = result._replace(high_watermark=self.log.high_watermark)
        return result

    def read_for_follower(self, asked: ReplicaFetchPartition, *, bytes_max: int) -> ReplicaFetchResult | None:
        """Give batches, a point of divergence or an error; None while the follower has everything."""
        log = self.log
        code = self.check_epoch(asked.leader_epoch)
        if code is not Code.NONE:
            return self._result(asked, code)
        if asked.last_fetched_epoch != NO_EPOCH:
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
        """Give the leader's high watermark to a follower that does not know it; None if it does."""
        known_at_most = min(self.log.high_watermark, asked.fetch_offset)
        if not self.is_leader or asked.leader_epoch != self.leader_epoch or known_at_most <= asked.high_watermark:
            return None
        return self._result(asked, Code.NONE)

    def check_epoch(self, leader_epoch: int) -> Code:
        """Whether somebody who believes in that leader epoch (-1: any) may be served here (KIP-320)."""
        if leader_epoch != NO_EPOCH:
            if leader_epoch > self.leader_epoch:
                return Code.UNKNOWN_LEADER_EPOCH
            if leader_epoch < self.leader_epoch:
                return Code.FENCED_LEADER_EPOCH
        return Code.NONE if self.is_leader else Code.NOT_LEADER_OR_FOLLOWER

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
            self.tp,
            asked.leader_epoch,
            code,
            asked.fetch_offset,
            log.high_watermark,
            log.end_offset,
            diverging,
            batches,
        )

    def _note_follower(self, broker: int, broker_epoch: int, fetch_offset: int) -> None:
        follower = self._followers.get(broker)
        now_us = self._broker.world.now_us
        if follower is None or now_us < follower.ignored_until_us:
            return
        end_offset = self.log.end_offset
        if fetch_offset >= end_offset:
            follower.caught_up_us = now_us
        elif fetch_offset >= follower.leader_end_at_fetch:
            # It has all there was when it last asked, so then it was caught up.
            follower.caught_up_us = max(follower.caught_up_us, follower.fetched_us)
        follower.fetched_us = now_us
        follower.leader_end_at_fetch = end_offset
        follower.broker_epoch = broker_epoch
        has_moved = follower.log_end_offset != fetch_offset
        follower.log_end_offset = fetch_offset
        state = self.state
        assert state is not None
        if self._pending_isr is None and broker not in state.isr and self._may_join(follower):
            self._propose((*state.isr, broker))
        if has_moved:
            self._try_advance()

    def _may_join(self, follower: _Follower) -> bool:
        end_offset = follower.log_end_offset
        return (
            end_offset >= self.log.high_watermark
            and end_offset >= self.epoch_start_offset
            and self._broker.is_eligible(follower.broker, follower.broker_epoch)
        )

    def shrink_isr(self) -> None:
        """Drop those from the ISR who were not caught up for the whole lag time (Partition.maybeShrinkIsr)."""
        state = self.state
        if not self.is_leader or self._pending_isr is not None or state is None:
            return
        followers = self._followers
        lagging = [one for one in state.isr if one in followers and not self._is_caught_up(followers[one])]
        if lagging:
            self._propose(tuple(replica for replica in state.isr if replica not in lagging))

    def drop_from_isr(self, replica: int, until_us: int) -> None:
        """Drop one follower now, as if it had lagged, and do not hear it before `until_us`: a fault."""
        state = self.state
        assert state is not None
        follower = self._followers.get(replica)
        if follower is None:
            return
        follower.caught_up_us = _NEVER_US
        follower.ignored_until_us = until_us
        follower.log_end_offset = _UNKNOWN_OFFSET
        if replica in state.isr:
            self._propose(tuple(member for member in state.isr if member != replica))

    def hear_all(self) -> None:
        """Every fault is over: hear every follower again."""
        self.held_until_us = 0
        for follower in self._followers.values():
            follower.ignored_until_us = _NEVER_US

    def _propose(self, isr: tuple[int, ...]) -> None:
        state = self.state
        assert state is not None
        self._pending_isr = isr
        broker = self._broker
        broker.propose_isr(
            AlterPartition(
                broker.broker_id, broker.broker_epoch, self.tp, state.leader_epoch, state.partition_epoch, isr
            )
        )

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Take the controller's answer. Returns whether to ask again."""
        state = self.state
        if state is None or not self.is_leader or self._pending_isr is None:
            return False
        if (answer.leader_epoch, answer.partition_epoch) != (state.leader_epoch, state.partition_epoch):
            return False
        if answer.state is not None:
            self.apply(answer.state)
            return False
        if answer.code in _ROLLED_BACK:
            self._pending_isr = None
            self._try_advance()
            return False
        return answer.code not in _STAY_PENDING

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
        return ReplicaFetchPartition(self.tp, self.leader_epoch, log.end_offset, log.last_epoch, log.high_watermark)

    def replicate(self, result: ReplicaFetchResult) -> bool:
        """Take what the leader gave. Returns whether to go on at once; False asks for a pause."""
        if self.is_leader or result.leader_epoch != self.leader_epoch or result.fetch_offset != self.log.end_offset:
            # An answer to what this replica no longer is.
            return True
        log = self.log
        if result.code is Code.OFFSET_OUT_OF_RANGE:
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
            log.append_stored(stored)
            base_offset, last_offset, leader_epoch, header, _ = stored
            broker.trace.emit(
                BatchReplicated(now_us, broker_id, topic, number, base_offset, last_offset, leader_epoch, header.crc)
            )
        watermark = min(result.high_watermark, log.end_offset)
        if watermark > log.high_watermark:
            self._set_high_watermark(watermark)
        return True

    def truncate(self, to_offset: int, reason: str) -> None:
        """Cut the log; everything from `to_offset` on is gone from this replica."""
        from_offset = self.log.end_offset
        if self.log.truncate(to_offset):
            broker = self._broker
            broker.trace.emit(
                LogTruncated(broker.world.now_us, broker.broker_id, *self.tp, self.log.end_offset, from_offset, reason)
            )
