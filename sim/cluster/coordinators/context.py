"""One partition's coordinator on its leader: loaded from the log, then written to; each answer waits for the high watermark.

Kafka: CoordinatorRuntime.CoordinatorContext, CoordinatorLoaderImpl.
"""

from __future__ import annotations

from collections import deque
from enum import auto
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from producer.errors import Code, UsageError
from producer.transitions import Symbol, move
from producer.wire.end_markers import read_end_marker
from producer.wire.record_batch import decode_records
from sim.cluster.coordinators.partition_writer import PartitionWriter, batches
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Outcome, Shard
from sim.cluster.coordinators.timeline import Timeline
from sim.cluster.coordinators.timers import Timers
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground
    from sim.cluster.stored_batch import StoredBatch

ShardT = TypeVar("ShardT", bound=Shard)


class ContextState(Symbol):
    """Kafka's CoordinatorState."""

    LOADING = auto()
    ACTIVE = auto()
    FAILED = auto()
    """What lies in the log could not be read; the next election tries again."""
    CLOSED = auto()


class ContextInput(Symbol):
    LOADED = auto()
    CANNOT_LOAD = auto()
    ELECTED = auto()
    """For another term."""
    CLOSE = auto()


TRANSITIONS: Mapping[tuple[ContextState, ContextInput], ContextState] = {
    (ContextState.LOADING, ContextInput.LOADED): ContextState.ACTIVE,
    (ContextState.LOADING, ContextInput.CANNOT_LOAD): ContextState.FAILED,
    (ContextState.LOADING, ContextInput.ELECTED): ContextState.LOADING,
    (ContextState.LOADING, ContextInput.CLOSE): ContextState.CLOSED,
    # Who led before leads on, and knows everything.
    (ContextState.ACTIVE, ContextInput.ELECTED): ContextState.ACTIVE,
    (ContextState.ACTIVE, ContextInput.CLOSE): ContextState.CLOSED,
    (ContextState.FAILED, ContextInput.ELECTED): ContextState.LOADING,
    (ContextState.FAILED, ContextInput.CLOSE): ContextState.CLOSED,
}

_UNAVAILABLE: Mapping[ContextState, Code] = {
    ContextState.LOADING: Code.COORDINATOR_LOAD_IN_PROGRESS,
    ContextState.ACTIVE: Code.NONE,
    ContextState.FAILED: Code.NOT_COORDINATOR,
    ContextState.CLOSED: Code.NOT_COORDINATOR,
}
"""What an operation is told."""

_TIMER_RETRY_US = 500 * MILLISECOND_US
"""Before a timer's operation is tried again (CoordinatorRuntime.EventBasedCoordinatorTimer)."""

_TOLD_AS: Mapping[Code, Code] = {
    Code.UNKNOWN_TOPIC_OR_PARTITION: Code.COORDINATOR_NOT_AVAILABLE,
    Code.NOT_ENOUGH_REPLICAS: Code.COORDINATOR_NOT_AVAILABLE,
    Code.REQUEST_TIMED_OUT: Code.COORDINATOR_NOT_AVAILABLE,
    Code.NOT_LEADER_OR_FOLLOWER: Code.NOT_COORDINATOR,
    Code.KAFKA_STORAGE_ERROR: Code.NOT_COORDINATOR,
    Code.MESSAGE_TOO_LARGE: Code.UNKNOWN_SERVER_ERROR,
    Code.RECORD_LIST_TOO_LARGE: Code.UNKNOWN_SERVER_ERROR,
}


def told_as(code: Code) -> Code:
    """Give what a client is told when records could not be written (CoordinatorOperationExceptionHelper)."""
    return _TOLD_AS.get(code, code)


class Reply:
    """The way back to whoever asked: exactly one of the two is called, once."""

    __slots__ = ("answer", "refuse")

    def __init__(self, answer: Callable[[Any], object], refuse: Callable[[CoordinatorError], object]) -> None:
        """`refuse` is told the code as it is; `told_as` gives what most clients are told of a failed write."""
        self.answer = answer
        self.refuse = refuse


class _Deferred:
    """An outcome whose records wait to be committed."""

    __slots__ = ("_context", "_outcome", "_reply", "_waiting", "required_offset")

    def __init__(
        self, context: Context[Any], outcome: Outcome, reply: Reply, *, required_offset: int, timeout_us: int
    ) -> None:
        self._context = context
        self._outcome = outcome
        self._reply = reply
        self._waiting: Waiting | None = context.broker.purgatory.wait(timeout_us, self._expired)
        self.required_offset = required_offset

    def _expired(self) -> None:
        self._waiting = None
        self._context.forget(self)
        self.end(Code.REQUEST_TIMED_OUT)

    def end(self, code: Code) -> None:
        """Answer. What was appended stays, whatever becomes of it."""
        if self._waiting is not None:
            self._waiting.end()
            self._waiting = None
        _finish(self._outcome, self._reply, code)


def _finish(outcome: Outcome, reply: Reply, code: Code) -> None:
    if outcome.appended is not None:
        outcome.appended(code)
    if code is Code.NONE:
        reply.answer(outcome.answer)
    else:
        reply.refuse(CoordinatorError(code))


class Context(Generic[ShardT]):
    """One partition's coordinator. Its runtime tells it of elections; a shard sees it as its `Ground`."""

    __slots__ = ("_deferred", "_new_shard", "_shard", "_timers", "_writer", "broker", "leader_epoch", "partition", "state",
                 "timeline", "tp")  # fmt: skip

    def __init__(
        self,
        broker: HostingBroker,
        tp: TopicPartition,
        leader_epoch: int,
        new_shard: Callable[[Ground], ShardT],
        *,
        needs_min_isr: bool,
    ) -> None:
        self.broker = broker
        self.tp = tp
        self.partition = tp.partition
        self.leader_epoch = leader_epoch
        """The term since which this broker coordinates, or the last one that it heard of."""
        self.state = ContextState.LOADING
        self.timeline = Timeline()
        self._timers = Timers(broker.host)
        self._writer = PartitionWriter(broker, tp, needs_min_isr=needs_min_isr)
        self._deferred: deque[_Deferred] = deque()
        self._new_shard = new_shard
        self._shard = new_shard(self)

    # -- its life ------------------------------------------------------------------------------------------------------

    def elected(self, leader_epoch: int) -> bool:
        """This broker leads in another term. Returns whether there is something to load."""
        self.leader_epoch = leader_epoch
        was_failed = self.state is ContextState.FAILED
        self._feed(ContextInput.ELECTED)
        return was_failed

    def load(self) -> None:
        """Replay the whole log, to its end: what is above the high watermark will be committed, or lost with this term."""
        if self.state is not ContextState.LOADING:
            return
        partition = self._writer.led
        if partition is None:
            self._feed(ContextInput.CANNOT_LOAD)
            return
        self.timeline = Timeline()
        self._shard = self._new_shard(self)
        for stored in partition.log.file.entries:
            self._replay_batch(stored)
        self.timeline.next_offset = partition.log.end_offset
        self.timeline.commit(partition.log.high_watermark)
        self._feed(ContextInput.LOADED)
        partition.watch(self._watermark_moved, is_follower=False)
        self._shard.loaded()

    def _replay_batch(self, stored: StoredBatch) -> None:
        header = stored.header
        if header.is_control:
            self.timeline.next_offset = stored.base_offset
            marker = read_end_marker(stored.data)
            if marker is not None:
                self._shard.end_transaction(header.producer_id, is_commit=marker.is_commit)
            return
        producer_id = header.producer_id if header.is_transactional else NO_PRODUCER_ID
        for record in decode_records(stored.data):
            self._replay(record.offset, record.key, record.value, producer_id)

    def marker_appended(self, producer_id: int, *, is_commit: bool) -> object:
        """A transaction's end was appended to the partition, by whoever asked for it: what it wrote here counts, or not.

        Gives what the state makes of it; None while there is none: it is read with the rest, or is another broker's.
        """
        partition = self._writer.led
        if self.state is not ContextState.ACTIVE or partition is None:
            return None
        ended = self._shard.end_transaction(producer_id, is_commit=is_commit)
        self.timeline.next_offset = partition.log.end_offset
        return ended

    def close(self) -> None:
        """Coordinate no longer, and tell whoever waits."""
        was_active = self.state is ContextState.ACTIVE
        self.stop()
        self._fail_deferred(Code.NOT_COORDINATOR)
        if was_active:
            self._shard.unloaded()

    def stop(self) -> None:
        """Do nothing more, and tell nobody."""
        self._feed(ContextInput.CLOSE)
        self._timers.cancel_all()
        partition = self.broker.partitions.get(self.tp)
        if partition is not None:
            partition.unwatch(self._watermark_moved)

    def _feed(self, given: ContextInput) -> None:
        self.state = move(TRANSITIONS, self.state, given, whose=f"coordinator of {self.tp}")

    # -- operations ----------------------------------------------------------------------------------------------------

    def shard(self) -> ShardT:
        """Give the state to whoever only reads. Raises CoordinatorError while there is none."""
        code = _UNAVAILABLE[self.state]
        if code is not Code.NONE:
            raise CoordinatorError(code)
        return self._shard

    def write(self, operation: Callable[[ShardT], Outcome], reply: Reply) -> None:
        """Take an operation, and answer when everything that was written up to now is committed, its records included."""
        try:
            outcome = operation(self.shard())
        except CoordinatorError as error:
            reply.refuse(error)
            return
        except UsageError:
            # A group's name, for one, that is longer than a record can hold.
            self.timeline.take_back(self.timeline.next_offset)
            reply.refuse(CoordinatorError(Code.UNKNOWN_SERVER_ERROR))
            return
        self._complete(outcome, reply)

    def run(self, operation: Callable[[], Outcome]) -> None:
        """See `Ground`."""
        self.write(lambda _: operation(), _NOBODY)

    def schedule(
        self, name: tuple[str, ...], delay_us: int, operation: Callable[[], Outcome], *, is_retried: bool = False
    ) -> None:
        """See `Ground`."""
        reply = Reply(_ignored, lambda error: self._schedule_again(name, operation, error)) if is_retried else _NOBODY
        self._timers.schedule(name, delay_us, lambda: self.write(lambda _: operation(), reply))

    def _schedule_again(self, name: tuple[str, ...], operation: Callable[[], Outcome], error: CoordinatorError) -> None:
        if self.state is ContextState.ACTIVE and error.code is not Code.NOT_COORDINATOR and name not in self._timers:
            self.schedule(name, _TIMER_RETRY_US, operation, is_retried=True)

    def is_scheduled(self, name: tuple[str, ...]) -> bool:
        """See `Ground`."""
        return name in self._timers

    def cancel(self, name: tuple[str, ...]) -> None:
        """See `Ground`."""
        self._timers.cancel(name)

    def _complete(self, outcome: Outcome, reply: Reply) -> None:
        if outcome.records:
            code = self._append(outcome)
            if code is not Code.NONE:
                _finish(outcome, reply, code)
                return
        partition = self._writer.led
        is_committed = partition is None or partition.log.high_watermark >= self.timeline.next_offset
        if is_committed or outcome.is_immediate:
            _finish(outcome, reply, Code.NONE)
            return
        timeout_us = outcome.timeout_us
        if timeout_us is None:
            timeout_us = self.broker.config.offset_commit_timeout_us
        self._deferred.append(
            _Deferred(self, outcome, reply, required_offset=self.timeline.next_offset, timeout_us=timeout_us)
        )

    # -- the log -------------------------------------------------------------------------------------------------------

    def _append(self, outcome: Outcome) -> Code:
        """Append the records, and take them into the state unless somebody does so at their commit; NONE, or why not."""
        partition, code = self._writer.writable()
        if partition is not None:
            for records in batches(outcome, partition.config.max_message_bytes):
                code = self._writer.append(partition, records, outcome.identity, outcome.guard)
                if code is not Code.NONE:
                    break
                self._after_append(records, outcome)
        if code is not Code.NONE:
            self.timeline.take_back(self.timeline.next_offset)
        return code

    def _after_append(self, records: tuple[CoordinatorRecord, ...], outcome: Outcome) -> None:
        producer_id = NO_PRODUCER_ID if outcome.identity is None else outcome.identity.producer_id
        for record in records:
            if outcome.appended is None:
                self._shard.replay(record.key, record.value, producer_id)
            self.timeline.next_offset += 1

    def _replay(self, offset: int, key: bytes | None, value: bytes | None, producer_id: int) -> None:
        self.timeline.next_offset = offset
        if key is not None:
            self._shard.replay(key, value, producer_id)

    # -- the high watermark --------------------------------------------------------------------------------------------

    def _watermark_moved(self) -> None:
        partition = self._writer.led
        if partition is None:
            self._fail_deferred(Code.NOT_LEADER_OR_FOLLOWER)
            return
        watermark = partition.log.high_watermark
        self.timeline.commit(watermark)
        deferred = self._deferred
        while deferred and deferred[0].required_offset <= watermark:
            deferred.popleft().end(Code.NONE)

    def _fail_deferred(self, code: Code) -> None:
        while self._deferred:
            self._deferred.popleft().end(code)

    def forget(self, deferred: _Deferred) -> None:
        """Its time is over."""
        self._deferred.remove(deferred)


def _ignored(_: Any) -> None:
    return None


_NOBODY = Reply(_ignored, _ignored)
