"""One leader's term: where each follower stands, which ISR follows from that, and how far the high watermark may go.

Kafka: Partition, Replica, PartitionState (KIP-497 for the pending ISR, KIP-966 for the high watermark).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.messages import NO_EPOCH, AlterPartition, AlterPartitionAnswer, IsrMember
from sim.cluster.metadata_states import PartitionState

if TYPE_CHECKING:
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.broker.surroundings import Surroundings

_NEVER_US = -(1 << 62)
_UNKNOWN_OFFSET = -1

_ROLLED_BACK = (Code.INELIGIBLE_REPLICA, Code.OPERATION_NOT_ATTEMPTED)
STAYS_PENDING = (
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
                 "log_end_offset", "log_start_offset")  # fmt: skip

    def __init__(self, broker: int, caught_up_us: int) -> None:
        self.broker = broker
        self.broker_epoch = NO_EPOCH
        self.log_end_offset = _UNKNOWN_OFFSET
        self.log_start_offset = 0
        self.caught_up_us = caught_up_us
        self.fetched_us = _NEVER_US
        self.ignored_until_us = _NEVER_US
        self.leader_end_at_fetch = _UNKNOWN_OFFSET


class LeaderTerm:
    """A term begins with an election and ends with the next; within it the controller may commit other ISRs."""

    __slots__ = ("_broker", "_followers", "_log", "_min_insync_replicas", "_pending_isr", "is_under_min_isr",
                 "start_offset", "state")  # fmt: skip

    def __init__(
        self, broker: Surroundings, log: PartitionLog, state: PartitionState, *, min_insync_replicas: int
    ) -> None:
        self._broker = broker
        self._log = log
        self._min_insync_replicas = min_insync_replicas
        self._pending_isr: tuple[int, ...] | None = None
        self.start_offset = log.end_offset
        """Where the term began in the log."""
        now_us = broker.calendar_us
        # Members of the ISR get the whole lag time before they are missed; others must show themselves first.
        self._followers = {
            replica: _Follower(replica, now_us if replica in state.isr else _NEVER_US)
            for replica in state.replicas
            if replica != broker.broker_id
        }
        self.state = state
        self.is_under_min_isr = False
        """Whether acks=all is refused and, since KIP-966, the high watermark frozen."""
        self.committed(state)

    def go_on_from(self, before: LeaderTerm) -> None:
        """The same broker led before: what it heard of its followers still holds (Replica.resetReplicaState)."""
        now_us, isr = self._broker.calendar_us, self.state.isr
        for replica, known in before._followers.items():
            follower = self._followers.get(replica)
            if follower is not None:
                follower.broker_epoch = known.broker_epoch
                follower.log_end_offset = known.log_end_offset
                follower.leader_end_at_fetch = self.start_offset
                follower.ignored_until_us = known.ignored_until_us
                follower.fetched_us = now_us if replica in isr else _NEVER_US
        self._drop_ignored()

    def committed(self, state: PartitionState) -> None:
        """The controller committed a state within this term; what was proposed before is settled by it."""
        if state.replicas != self.state.replicas:
            self._follow_move(state)
        self.state = state
        self._pending_isr = None
        self._look_at_min_isr()
        self._drop_ignored()

    def _follow_move(self, state: PartitionState) -> None:
        """Know the replicas of now: who comes has to show itself first (Partition.updateAssignmentAndIsr)."""
        before = self._followers
        self._followers = {
            replica: before.get(replica) or _Follower(replica, _NEVER_US)
            for replica in state.replicas
            if replica != self._broker.broker_id
        }

    def reconfigure(self, *, min_insync_replicas: int) -> None:
        """Take another min.insync.replicas; whoever waits is looked at when something moves next (seen on Apache Kafka 4.3)."""
        self._min_insync_replicas = min_insync_replicas
        self._look_at_min_isr()

    def _look_at_min_isr(self) -> None:
        state = self.state
        self.is_under_min_isr = len(state.isr) < min(self._min_insync_replicas, len(state.replicas))

    # -- the high watermark --------------------------------------------------------------------------------------------

    def watermark(self) -> int:
        """How far it may be now: the least end of the maximal ISR and of those about to join it; never less than it is.

        Kafka: Partition.maybeIncrementLeaderHW.
        """
        state, log = self.state, self._log
        lowest = log.end_offset
        if lowest <= log.high_watermark or (self.is_under_min_isr and self._broker.config.eligible_leader_replicas):
            return log.high_watermark
        pending = self._pending_isr or ()
        for follower in self._followers.values():
            if follower.log_end_offset >= lowest:
                continue
            broker = follower.broker
            if broker in state.isr or broker in pending or self._is_joining(follower):
                lowest = follower.log_end_offset
        return max(lowest, log.high_watermark)

    def _is_joining(self, follower: _Follower) -> bool:
        is_caught_up = self._is_caught_up(follower)
        return is_caught_up and self._broker.is_eligible(follower.broker, follower.broker_epoch)

    def _is_caught_up(self, follower: _Follower) -> bool:
        # By the calendar, as Kafka has it: a leader whose clock was set back misses nobody until it has caught up.
        lag_us = self._broker.calendar_us - follower.caught_up_us
        return follower.log_end_offset == self._log.end_offset or lag_us <= self._broker.config.replica_lag_time_max_us

    def in_sync(self) -> list[tuple[int, int, int]]:
        """Give each follower in sync, where its log ends, and for how long it has not been caught up."""
        now_us, isr = self._broker.calendar_us, self.state.isr
        return [
            (one.broker, one.log_end_offset, now_us - one.caught_up_us)
            for one in self._followers.values()
            if one.broker in isr
        ]

    # -- followers and the ISR -----------------------------------------------------------------------------------------

    def note_follower(self, broker: int, broker_epoch: int, fetch_offset: int) -> bool:
        """A follower's Fetch tells where its log ends. Returns whether it moved, so the high watermark may."""
        follower = self._followers.get(broker)
        if follower is None or self._broker.world.now_us < follower.ignored_until_us:
            return False
        now_us = self._broker.calendar_us
        end_offset = self._log.end_offset
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
        if self._pending_isr is None and broker not in self.state.isr and self._may_join(follower):
            self._propose((*self.state.isr, broker))
        return has_moved

    def note_start(self, broker: int, log_start_offset: int) -> bool:
        """A follower's Fetch tells where its log begins. Returns whether that moved."""
        follower = self._followers.get(broker)
        if follower is None or follower.log_start_offset == log_start_offset:
            return False
        follower.log_start_offset = log_start_offset
        return True

    def low_watermark(self) -> int:
        """Where the log begins on every replica whose broker is in service (Partition.lowWatermarkIfLeader)."""
        alive = self._broker.image.is_alive
        followers = [one.log_start_offset for one in self._followers.values() if alive(one.broker)]
        return min([self._log.start_offset, *followers])

    def _may_join(self, follower: _Follower) -> bool:
        end_offset = follower.log_end_offset
        return (
            end_offset >= self._log.high_watermark
            and end_offset >= self.start_offset
            and self._broker.is_eligible(follower.broker, follower.broker_epoch)
        )

    def shrink_isr(self) -> None:
        """Drop those from the ISR who were not caught up for the whole lag time (Partition.maybeShrinkIsr)."""
        if self._pending_isr is not None:
            return
        followers, isr = self._followers, self.state.isr
        lagging = [one for one in isr if one in followers and not self._is_caught_up(followers[one])]
        if lagging:
            self._propose(tuple(replica for replica in isr if replica not in lagging))

    def drop_from_isr(self, replicas: tuple[int, ...], until_us: int) -> None:
        """Drop followers now, as if they had lagged, and do not hear them before `until_us`: a fault.

        One proposal takes all of them out, once what is pending is settled: a second with the same partition epoch would
        be refused.
        """
        for replica in replicas:
            follower = self._followers.get(replica)
            if follower is not None:
                follower.caught_up_us = _NEVER_US
                follower.ignored_until_us = until_us
                follower.log_end_offset = _UNKNOWN_OFFSET
        self._drop_ignored()

    def _drop_ignored(self) -> None:
        """Drop who is still in the ISR although a fault keeps it from being heard."""
        now_us, isr = self._broker.world.now_us, self.state.isr
        if any(one.broker in isr and now_us < one.ignored_until_us for one in self._followers.values()):
            self.shrink_isr()

    def hear_all(self) -> None:
        """Every fault is over: hear every follower again."""
        for follower in self._followers.values():
            follower.ignored_until_us = _NEVER_US

    def _propose(self, isr: tuple[int, ...]) -> None:
        state, broker = self.state, self._broker
        self._pending_isr = isr
        members = tuple(IsrMember(replica, self._broker_epoch_of(replica)) for replica in isr)
        broker.propose_isr(
            AlterPartition(
                broker.broker_id,
                broker.broker_epoch,
                state.topic_id,
                state.tp,
                state.leader_epoch,
                state.partition_epoch,
                members,
            )
        )

    def _broker_epoch_of(self, replica: int) -> int:
        """Which registration of that replica this leader heard last (Partition.addBrokerEpochToIsr)."""
        broker = self._broker
        return broker.broker_epoch if replica == broker.broker_id else self._followers[replica].broker_epoch

    def is_asked(self, answer: AlterPartitionAnswer) -> bool:
        """Whether this answers what is pending, and not an older proposal."""
        state = self.state
        asked = (answer.topic_id, answer.leader_epoch, answer.partition_epoch)
        return self._pending_isr is not None and asked == (state.topic_id, state.leader_epoch, state.partition_epoch)

    def rolls_back(self, code: Code) -> bool:
        """Whether this refusal ends what is pending: the ISR is again what was committed last."""
        if code in _ROLLED_BACK:
            self._pending_isr = None
            self._drop_ignored()
        return code in _ROLLED_BACK
