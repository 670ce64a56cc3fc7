"""The transaction coordinator as the handlers of a broker see it: what is checked before any id is looked at, and what runs out.

Kafka: TransactionCoordinator. Each verb calls back: with an answer, or with the code that the client is told.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from producer.errors import Code
from sim.cluster.coordinators.context import told_as
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.coordinators.runtime import CoordinatorRuntime
from sim.cluster.coordinators.shard import CoordinatorError, Outcome
from sim.cluster.coordinators.transactions.adding import Addition, add, verify
from sim.cluster.coordinators.transactions.describing import describe, listed, refused
from sim.cluster.coordinators.transactions.ending import end, fence
from sim.cluster.coordinators.transactions.initializing import Given, Wish, initialize
from sim.cluster.coordinators.transactions.markers import MarkerSender
from sim.cluster.coordinators.transactions.metadata import NO_TIMEOUT_MS
from sim.cluster.coordinators.transactions.shard import TransactionShard
from sim.cluster.coordinators.transactions.states import PREPARED, TransactionState
from sim.cluster.internal_topics import TRANSACTION_STATE
from sim.trace.events import TransactionRefused
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.records import TopicPartition
    from producer.wire.messages import describe_transactions
    from producer.wire.messages.list_transactions import ListTransactionsRequest, ListTransactionsResponse
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.coordinators.shard import Ground, Identity
    from sim.cluster.coordinators.transactions.transactional_id import TransactionalId
    from sim.cluster.metadata_states import MetadataDelta, PartitionState

    Answer = Callable[[Any], object]
    Refuse = Callable[[Code], object]

TIMED_OUT = "timed out"

_OF_ANOTHER = frozenset({Code.PRODUCER_FENCED, Code.INVALID_PRODUCER_ID_MAPPING})


class TransactionCoordinator:
    """One broker's."""

    def __init__(self, broker: HostingBroker, shard_type: type[TransactionShard] = TransactionShard) -> None:
        """`shard_type` is what coordinates the transactional ids of one partition."""
        self._shard_type = shard_type
        self._broker = broker
        self._config = broker.config
        self._began_us = broker.world.now_us
        self._is_look_set = self._is_expiry_set = False
        self.markers = MarkerSender(broker)
        self.runtime: CoordinatorRuntime[TransactionShard] = CoordinatorRuntime(
            broker, TRANSACTION_STATE, self._new_shard, is_read_anew=True, needs_min_isr=True
        )

    def _new_shard(self, ground: Ground) -> TransactionShard:
        return self._shard_type(ground, self.markers, self._used)

    def partition_of(self, transactional_id: str) -> int:
        """Give the partition that an id belongs to: of the topic as it is, or as it would be made."""
        known = len(self._broker.image.partitions_of.get(TRANSACTION_STATE, {}))
        return partition_for(transactional_id, known or self._config.transaction_state_partitions)

    # -- the process ---------------------------------------------------------------------------------------------------

    def begin(self, states: Iterable[PartitionState]) -> None:
        """The process serves from now on."""
        self._began_us = self._broker.world.now_us
        self.runtime.apply(states)

    def metadata_changed(self, delta: MetadataDelta) -> None:
        """Act on what the controller decided, after the replicas have."""
        if TRANSACTION_STATE in [topic.name for topic in delta.removed_topics]:
            self.runtime.removed()
        self.runtime.apply(delta.partitions)

    def stop(self) -> None:
        """The process ends in good order."""
        self.runtime.stop()
        self.markers.end()

    # -- verbs ---------------------------------------------------------------------------------------------------------

    def initialize(
        self, transactional_id: str, wish: Wish, answer: Answer, refuse: Refuse, *, is_two_phase: bool = False
    ) -> None:
        """Give a producer its identity. While a transaction is open it is ended first, and CONCURRENT_TRANSACTIONS is told.

        `is_two_phase`: somebody else decides how its transactions end, so that none has a time-out (KIP-939).
        """
        timeout_ms_max = NO_TIMEOUT_MS if is_two_phase else self._config.transaction_max_timeout_us // MILLISECOND_US
        if not transactional_id or (wish.keeps and wish.expected is not None):
            refuse(Code.INVALID_REQUEST)
        elif not 0 < wish.timeout_ms <= timeout_ms_max:
            refuse(Code.INVALID_TRANSACTION_TIMEOUT)
        else:
            wanted = wish._replace(timeout_ms=NO_TIMEOUT_MS) if is_two_phase else wish
            self._write(
                "InitProducerId",
                transactional_id,
                wish.expected,
                lambda shard: initialize(shard, transactional_id, wanted),
                partial(_answer_or_concurrent, answer, refuse),
                refuse,
            )

    def add(self, wanted: Addition, answer: Callable[[Code], object]) -> None:
        """Add partitions to a transaction; the answer is NONE or what is wrong."""
        if not wanted.transactional_id:
            answer(Code.INVALID_REQUEST)
            return
        self._write(
            "AddPartitionsToTxn",
            wanted.transactional_id,
            wanted.identity,
            lambda shard: add(shard, wanted),
            lambda _: answer(Code.NONE),
            answer,
        )

    def verify(self, wanted: Addition) -> dict[TopicPartition, Code]:
        """Say of each partition whether it is in the transaction, or what is wrong with the whole of it."""
        code = Code.INVALID_REQUEST
        if wanted.transactional_id:
            try:
                return verify(self.runtime.read(self.partition_of(wanted.transactional_id)), wanted)
            except CoordinatorError as error:
                code = error.code
        return dict.fromkeys(wanted.partitions, code)

    def end(
        self,
        transactional_id: str,
        identity: Identity,
        *,
        is_commit: bool,
        client_version: int,
        answer: Answer,
        refuse: Refuse,
    ) -> None:
        """Commit or abort; the answer comes when that is decided, before any marker is written."""
        if not transactional_id:
            refuse(Code.INVALID_REQUEST)
            return
        self._write(
            "EndTxn",
            transactional_id,
            identity,
            lambda shard: end(shard, transactional_id, identity, is_commit=is_commit, client_version=client_version),
            answer,
            refuse,
        )

    def _write(
        self,
        api: str,
        transactional_id: str,
        identity: Identity | None,
        operation: Callable[[TransactionShard], Outcome],
        answer: Answer,
        refuse: Refuse,
    ) -> None:
        self.runtime.write(
            self.partition_of(transactional_id),
            operation,
            answer=answer,
            refuse=partial(self._refused, api, transactional_id, identity, refuse),
        )

    def _refused(
        self, api: str, transactional_id: str, identity: Identity | None, refuse: Refuse, error: CoordinatorError
    ) -> None:
        if error.code in _OF_ANOTHER:
            broker = self._broker
            producer_id, producer_epoch = (-1, -1) if identity is None else identity
            broker.trace.emit(
                TransactionRefused(
                    broker.world.now_us,
                    broker.broker_id,
                    api,
                    transactional_id,
                    producer_id,
                    producer_epoch,
                    int(error.code),
                )
            )
        refuse(told_as(error.code))

    # -- what is told --------------------------------------------------------------------------------------------------

    def describe(self, transactional_id: str) -> describe_transactions.TransactionState:
        """Describe one id, or say what is wrong."""
        if not transactional_id:
            return refused(transactional_id, Code.INVALID_REQUEST)
        try:
            shard = self.runtime.read(self.partition_of(transactional_id))
        except CoordinatorError as error:
            return refused(transactional_id, error.code)
        return describe(transactional_id, shard.find(transactional_id))

    def list_transactions(self, wanted: ListTransactionsRequest) -> ListTransactionsResponse:
        """List what is coordinated here. Raises CoordinatorError while some of it is being loaded, and for a bad pattern."""
        ids = [known for shard in self.runtime.read_all() for known in shard.all()]
        return listed(ids, wanted, self._broker.now_ms)

    def has_ended_decided(self) -> bool:
        """Whether no transaction whose end is decided here waits for its markers."""
        return not any(known.metadata.state in PREPARED for _, shard in self.runtime.active() for known in shard.all())

    # -- what runs out -------------------------------------------------------------------------------------------------

    def _used(self) -> None:
        """Ids changed: look at the next turn whether anything has run out. Kafka looks all the time, which nobody sees."""
        if not self._is_look_set:
            self._is_look_set = True
            self._call_at_turn(self._config.transaction_abort_interval_us, self._abort_timed_out)
        if not self._is_expiry_set:
            self._is_expiry_set = True
            self._call_at_turn(self._config.transactional_id_expiration_interval_us, self._expire)

    def _call_at_turn(self, interval_us: int, then: Callable[[], object]) -> None:
        passed_us = (self._broker.world.now_us - self._began_us) % interval_us
        self._broker.host.call_in(interval_us - passed_us, then)

    def _abort_timed_out(self) -> None:
        self._is_look_set = False
        if self._broker.is_closing:
            return
        are_some_open = False
        for partition, shard in self.runtime.active():
            for known in shard.timed_out():
                self.runtime.write(partition, partial(_abort, known), answer=_ignored, refuse=_ignored)
            are_some_open |= any(
                known.metadata.state is TransactionState.ONGOING and not known.metadata.never_times_out
                for known in shard.all()
            )
        if are_some_open:
            self._used()

    def _expire(self) -> None:
        self._is_expiry_set = False
        if self._broker.is_closing:
            return
        are_some_left = False
        expiration_ms = self._config.transactional_id_expiration_us // MILLISECOND_US
        for partition, shard in self.runtime.active():
            for outcome in shard.expire(expiration_ms):
                self.runtime.write(partition, partial(_given, outcome), answer=_ignored, refuse=_ignored)
            are_some_left |= bool(shard.all())
        if are_some_left:
            self._used()


def _answer_or_concurrent(answer: Answer, refuse: Refuse, given: Given | None) -> None:
    if given is None:
        refuse(Code.CONCURRENT_TRANSACTIONS)
    else:
        answer(given)


def _abort(known: TransactionalId, shard: TransactionShard) -> Outcome:
    return fence(shard, known, TIMED_OUT)


def _given(outcome: Outcome, _shard: TransactionShard) -> Outcome:
    return outcome


def _ignored(_: Any) -> None:
    return None
