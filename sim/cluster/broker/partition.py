"""One replica of one partition on one broker: its role, who waits for it, what it gives followers and takes from leaders.

Kafka: Partition. What only a leader knows is its term's (`leader_term.py`); `follower_reads.py` and `following.py` are the two sides
of replication.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.broker.compaction import Compaction
from sim.cluster.broker.follower_reads import read_for_follower, told
from sim.cluster.broker.following import replicate
from sim.cluster.broker.leader_term import STAYS_PENDING, LeaderTerm
from sim.cluster.broker.replica import Replica
from sim.cluster.messages import AlterPartitionAnswer, ReplicaFetchPartition, ReplicaFetchResult
from sim.cluster.metadata_states import PartitionState
from sim.trace.events import (
    BecameFollower,
    BecameLeader,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig


RECORDS_DELETED = "records deleted"
"""Why a log begins later: somebody wanted it so."""


class Partition(Replica):
    """A replica. `apply` tells it what the controller decided; everything else follows from that and from fetches."""

    __slots__ = ("_append_watchers", "_produces", "_watermark_watchers")

    term_type = LeaderTerm
    compaction_type = Compaction

    def __init__(self, broker: Surroundings, tp: TopicPartition, config: TopicConfig, log: PartitionLog) -> None:
        super().__init__(broker, tp, config, log)
        self._produces: deque[tuple[int, Callable[[Code], object]]] = deque()
        self._append_watchers: dict[Callable[[], object], None] = {}
        self._watermark_watchers: dict[Callable[[], object], None] = {}

    # -- what the controller decided -----------------------------------------------------------------------------------

    def apply(self, state: PartitionState) -> bool:
        """Act on the controller's word. Returns whether there is a new term, so whom to fetch from may have changed."""
        known = self.state
        if known is not None and state.partition_epoch <= known.partition_epoch:
            return False
        self.state = state
        self.topic_id = state.topic_id
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
            self.set_high_watermark(watermark)
            # Only without KIP-966 can the high watermark get here while too few replicas have the records.
            code = Code.NOT_ENOUGH_REPLICAS_AFTER_APPEND if term.is_under_min_isr else Code.NONE
            while self._produces and self._produces[0][0] <= watermark:
                self._produces.popleft()[1](code)
            for watcher in tuple(self._watermark_watchers):
                watcher()

    # -- as leader: followers ------------------------------------------------------------------------------------------

    def serve_follower(
        self, asked: ReplicaFetchPartition, *, broker: int, broker_epoch: int, bytes_max: int
    ) -> ReplicaFetchResult | None:
        """Give what a follower's Fetch gets of this partition; None if there is nothing to say yet.

        Notes where the follower stands, which may advance the high watermark or expand the ISR. A Fetch of a life that
        ended, late on its link, tells nothing of the life after it (Replica.updateFetchStateOrThrow, KAFKA-15221).
        """
        result = read_for_follower(self, asked, bytes_max=bytes_max)
        if self.term is not None and self.term.note_start(broker, asked.log_start_offset):
            for watcher in tuple(self._watermark_watchers):
                watcher()
        if result is None or result.batches:
            if self._broker.is_superseded(broker, broker_epoch):
                return told(self, asked, Code.NOT_LEADER_OR_FOLLOWER)
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
        return replicate(self._broker, self, result)
