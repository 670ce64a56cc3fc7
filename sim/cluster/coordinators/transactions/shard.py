"""One partition of `__transaction_state`: its transactional ids, what each is about to become, and how a change is written.

Kafka: TransactionStateManager. A change holds when its record is on the whole ISR; until then the id is about to change, and
whoever wants something else of it is told CONCURRENT_TRANSACTIONS.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.coordinators.messages import number_of
from sim.cluster.coordinators.shard import NO_PRODUCER_ID, CoordinatorError, Outcome
from sim.cluster.coordinators.transactions.completion import Completion, Term
from sim.cluster.coordinators.transactions.metadata import (
    NO_EPOCH,
    TransactionMetadata,
    completed,
    created,
)
from sim.cluster.coordinators.transactions.record_kinds import (
    TRANSACTION_LOG,
    metadata_of,
    transaction_record,
    transaction_tombstone,
)
from sim.cluster.coordinators.transactions.states import MAY_EXPIRE, PREPARED, TransactionState
from sim.cluster.coordinators.transactions.transactional_id import TransactionalId
from sim.cluster.features import TRANSACTION
from sim.trace.events import TransactionFenced, TransactionKept, TransactionMoved, TransactionsLoaded
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.coordinators.shard import CoordinatorRecord, Ground
    from sim.cluster.coordinators.transactions.markers import MarkerSender

EXPIRED_IDS_MAX = 100
"""Of which the tombstones go into one batch, so that it is never too large."""


class TransactionShard:
    """The transactional ids of one partition. How they are initialized, added to and ended is told by whoever does so."""

    def __init__(self, ground: Ground, markers: MarkerSender, used: Callable[[], object]) -> None:
        """`used` is called whenever an id changed: something may run out now."""
        self._ground = ground
        self._used = used
        self._broker = ground.broker
        self._ids: dict[str, TransactionalId] = {}
        self.markers = markers
        self.term = Term(ground.leader_epoch)

    @property
    def transaction_version(self) -> int:
        """The finalized level, as far as this broker knows."""
        return self._broker.image.features.get(TRANSACTION.name, 0)

    @property
    def now_ms(self) -> int:
        """What the broker's clock shows."""
        return self._broker.now_ms

    # -- ids -----------------------------------------------------------------------------------------------------------

    def find(self, name: str) -> TransactionalId | None:
        """Give a transactional id; None if there is none."""
        return self._ids.get(name)

    def get(self, name: str) -> TransactionalId:
        """Give a transactional id. Raises INVALID_PRODUCER_ID_MAPPING if there is none."""
        known = self._ids.get(name)
        if known is None:
            raise CoordinatorError(Code.INVALID_PRODUCER_ID_MAPPING)
        return known

    def make(self, name: str, timeout_ms: int) -> TransactionalId:
        """Let there be a transactional id that nobody had. It is in memory alone until it is initialized."""
        made = self._ids[name] = TransactionalId(name, created(self.take_producer_id(), timeout_ms, self.now_ms))
        return made

    def all(self) -> tuple[TransactionalId, ...]:
        """Give all there are, in the order in which they came."""
        return tuple(self._ids.values())

    def take_producer_id(self) -> int:
        """Give a fresh producer id. Raises COORDINATOR_LOAD_IN_PROGRESS while a block of them is on its way."""
        taken = self._broker.producer_ids.take()
        if taken is None:
            raise CoordinatorError(Code.COORDINATOR_LOAD_IN_PROGRESS)
        return taken

    # -- changes -------------------------------------------------------------------------------------------------------

    def change(
        self,
        known: TransactionalId,
        following: TransactionMetadata,
        *,
        answer: object = None,
        done: Callable[[Code], object] | None = None,
    ) -> Outcome:
        """Write what an id becomes. `done` is told when it holds (NONE), or why it could not be written."""
        assert known.pending is None, f"{known.name} becomes {known.pending} already"
        record = transaction_record(known.name, following, transaction_version=self.transaction_version)
        known.pending = following.state
        return Outcome(
            answer,
            (record,),
            appended=partial(self._written, known, following, done),
            timeout_us=following.timeout_ms * MILLISECOND_US,
        )

    def _written(
        self,
        known: TransactionalId,
        following: TransactionMetadata,
        done: Callable[[Code], object] | None,
        code: Code,
    ) -> None:
        if self.term.is_over or self._ids.get(known.name) is not known:
            return
        known.pending = None
        if code is Code.NONE:
            before = known.metadata
            known.metadata = following
            self._tell(known, before)
            self._used()
        if done is not None:
            done(code)

    def _tell(self, known: TransactionalId, before: TransactionMetadata) -> None:
        broker, metadata = self._broker, known.metadata
        broker.trace.emit(
            TransactionMoved(
                broker.world.now_us,
                broker.broker_id,
                known.name,
                "" if before.producer_epoch == NO_EPOCH else before.state.value,
                metadata.state.value,
                metadata.producer_id,
                metadata.producer_epoch,
                tuple([str(tp) for tp in metadata.partitions]),
            )
        )

    def tell_fenced(self, known: TransactionalId, reason: str) -> None:
        """Tell that a transaction is aborted against its producer."""
        broker, metadata = self._broker, known.metadata
        broker.trace.emit(
            TransactionFenced(
                broker.world.now_us,
                broker.broker_id,
                known.name,
                metadata.producer_id,
                metadata.producer_epoch,
                reason,
            )
        )

    def tell_kept(self, known: TransactionalId) -> None:
        """Tell that a transaction is left open for another producer than the one that wrote it."""
        broker, metadata = self._broker, known.metadata
        owner_id, owner_epoch = metadata.owner
        broker.trace.emit(
            TransactionKept(
                broker.world.now_us,
                broker.broker_id,
                known.name,
                metadata.producer_id,
                metadata.producer_epoch,
                owner_id,
                owner_epoch,
            )
        )

    # -- markers -------------------------------------------------------------------------------------------------------

    def write_markers(self, known: TransactionalId) -> None:
        """The end is decided: have it written into every partition, and then write that all of them have it.

        Meanwhile the id is about to be complete, so nothing else begins.
        """
        known.has_failed_fence = False
        following = completed(known.metadata, self.now_ms)
        known.pending = following.state
        self.markers.send(Completion(self.term, known, following, partial(self._complete, known, following)))

    def _complete(self, known: TransactionalId, following: TransactionMetadata, done: Callable[[Code], object]) -> None:
        """Write that every partition has its marker. While that fails, the id is about to be complete all the same."""
        known.pending = None
        done_or_not = partial(self._completed, known, following, done)
        self._ground.run(lambda: self.change(known, following, done=done_or_not))

    def _completed(
        self,
        known: TransactionalId,
        following: TransactionMetadata,
        done: Callable[[Code], object],
        code: Code,
    ) -> None:
        if code is not Code.NONE:
            known.pending = following.state
        done(code)

    # -- for the runtime -----------------------------------------------------------------------------------------------

    def replay(self, key: bytes, value: bytes | None, producer_id: int = NO_PRODUCER_ID) -> None:  # noqa: ARG002
        """Take one record, at loading; records of kinds that are not known here are passed over."""
        if number_of(key) != TRANSACTION_LOG.number:
            return
        name = TRANSACTION_LOG.read_key(key).transactional_id
        if value is None:
            self._ids.pop(name, None)
        else:
            self._ids[name] = TransactionalId(name, metadata_of(TRANSACTION_LOG.read_value(value)))

    def end_transaction(self, producer_id: int, *, is_commit: bool) -> None:
        """No record here belongs to a transaction: Kafka's coordinator writes none, and lets no client write."""

    def loaded(self) -> None:
        """Write all markers of what was prepared once more: nobody knows which of them the coordinator before wrote."""
        broker = self._broker
        prepared = [known for known in self.all() if known.metadata.state in PREPARED]
        if self._ids:
            broker.trace.emit(
                TransactionsLoaded(
                    broker.world.now_us,
                    broker.broker_id,
                    self._ground.partition,
                    self.term.coordinator_epoch,
                    len(self._ids),
                    len(prepared),
                )
            )
        for known in prepared:
            self.write_markers(known)
        self._used()

    def unloaded(self) -> None:
        """Another broker coordinates these now, and writes what markers are left."""
        self.term.is_over = True

    # -- what runs out -------------------------------------------------------------------------------------------------

    def timed_out(self) -> tuple[TransactionalId, ...]:
        """Give the ids whose transaction has taken longer than it may."""
        now_ms = self.now_ms
        return tuple([
            known
            for known in self.all()
            if known.pending is None
            and known.metadata.state is TransactionState.ONGOING
            and not known.metadata.never_times_out
            and known.metadata.start_ms + known.metadata.timeout_ms < now_ms
        ])  # fmt: skip

    def expire(self, expiration_ms: int) -> tuple[Outcome, ...]:
        """Forget the ids that nobody used for that long: tombstones, a number of them at a time."""
        oldest_ms = self.now_ms - expiration_ms
        unused = [
            known
            for known in self.all()
            if known.pending is None
            and known.metadata.state in MAY_EXPIRE
            and known.metadata.last_update_ms <= oldest_ms
        ]
        outcomes = []
        for at in range(0, len(unused), EXPIRED_IDS_MAX):
            some = tuple(unused[at : at + EXPIRED_IDS_MAX])
            for known in some:
                known.pending = TransactionState.DEAD
            tombstones: tuple[CoordinatorRecord, ...] = tuple([transaction_tombstone(known.name) for known in some])
            outcomes.append(Outcome(records=tombstones, appended=partial(self._forgotten, some)))
        return tuple(outcomes)

    def _forgotten(self, some: tuple[TransactionalId, ...], code: Code) -> None:
        if self.term.is_over:
            return
        for known in some:
            if self._ids.get(known.name) is not known:
                continue
            known.pending = None
            if code is Code.NONE:
                del self._ids[known.name]
                before = known.metadata
                known.metadata = before._replace(state=TransactionState.DEAD, partitions=())
                self._tell(known, before)
