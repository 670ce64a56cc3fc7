"""The transactions of one `transactional.id`, one after another: what the application may call, and what follows from it.

The rules of `org.apache.kafka.clients.producer.internals.TransactionManager` (KIP-98, KIP-360, KIP-447, KIP-890), but for what
batches do: of those it hears only that one failed, and whether any has no verdict yet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code, ErrorCode, ProducerError, TransactionStateError, UsageError, error_code
from producer.transactions import state
from producer.transactions.add_offsets import AddOffsets
from producer.transactions.add_partitions import AddPartitions
from producer.transactions.call import TransactionalCall
from producer.transactions.offsets import SEND_OFFSETS, SendOffsets
from producer.transactions.progress import PREPARE, TO_BE_ABORTED, Progress
from producer.transactions.state import TransactionInput, TransactionState
from producer.transactions.trouble import Trouble, code_of_refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.errors import ProducerError
    from producer.records import ConsumerGroupMetadata, OffsetAndMetadata, TopicPartition
    from producer.transactions.prepared import PreparedTransaction

INIT = "init_transactions"
BEGIN = "begin_transaction"
COMMIT = "commit_transaction"
ABORT = "abort_transaction"
COMPLETE = "complete_transaction"

PRODUCE_V1_VERSION_MAX = 11
"""From the next version on a Produce adds its partitions to the transaction (KIP-890)."""

_COMPLETING = (TransactionState.COMMITTING_TRANSACTION, TransactionState.ABORTING_TRANSACTION)
_OPEN = _COMPLETING + TO_BE_ABORTED


class Transactions(Progress):
    """What the application calls, and what the sender tells. Whoever calls `advance` afterwards lets follow what follows."""

    __slots__ = ()

    # -- what the application calls ----------------------------------------------------------------------------------

    def init(self, *, keeps: bool = False) -> TransactionalCall:
        """Ask for the id and an epoch; what another producer of this transactional id has open is aborted by that.

        With `keeps` it stays open, and is prepared now (KIP-939): `prepared` is what was found. Raises TransactionStateError, and
        the TransactionError that a producer is in.
        """
        continued = self._continued(INIT)
        if continued is not None:
            return continued
        self._check_health()
        self._check_move(TransactionInput.INITIALIZE, INIT)
        self.feed(TransactionInput.INITIALIZE)
        self.trouble = None
        self._keeps = keeps
        self._ask_for_identity()
        return self._called(INIT)

    def begin(self) -> None:
        """Begin a transaction; nobody is asked. Raises as `init` does."""
        self._check_nothing_pending(BEGIN)
        self._check_health()
        self._check_move(TransactionInput.BEGIN, BEGIN)
        self.feed(TransactionInput.BEGIN)
        self.prepared = None

    def send_offsets(
        self, offsets: Mapping[TopicPartition, OffsetAndMetadata], group: ConsumerGroupMetadata
    ) -> TransactionalCall:
        """Let a group's offsets count if the transaction is committed. Raises as `init` does."""
        self._check_nothing_pending(SEND_OFFSETS)
        self._check_health()
        if self.state is not TransactionState.IN_TRANSACTION:
            raise TransactionStateError(self._no_place(SEND_OFFSETS))
        self._offsets = [one for one in self._offsets if not one.call.is_heard]
        for one in self._offsets:
            if one.is_same(offsets, group):
                return one.call
        sent = SendOffsets(offsets, group, added=self._offsets_added, committed=self._offsets_committed)
        if not offsets:
            sent.end()
            return sent.call
        self._offsets.append(sent)
        if self.is_v2:
            # The group's coordinator adds itself; a transaction of nothing but that can be aborted all the same.
            self._has_begun = True
            self._commit_offsets(sent)
        else:
            self._client.control.ask(
                AddOffsets(self.id, identity=self.identity.current, offsets=sent, may_bump=self._mends)
            )
        return sent.call

    def commit(self) -> TransactionalCall:
        """End the transaction well, once every record has its answer. Raises as `init` does."""
        continued = self._continued(COMMIT)
        if continued is not None:
            return continued
        self._check_health()
        self._check_move(TransactionInput.COMMIT, COMMIT)
        self.feed(TransactionInput.COMMIT)
        self._wants_end = True
        return self._called(COMMIT)

    def abort(self) -> TransactionalCall:
        """End the transaction and take nothing of it; what has not left is dropped. Raises as `init` does."""
        continued = self._continued(ABORT)
        if continued is not None:
            return continued
        if self.state is not TransactionState.ABORTABLE_ERROR:
            self._check_health()
        self._check_move(TransactionInput.ABORT, ABORT)
        self._begin_abort()
        return self._called(ABORT)

    def prepare(self) -> TransactionalCall:
        """Take no more records; `prepared` is set once every record has its answer (KIP-939). Raises as `init` does.

        Besides, UsageError where the coordinator would end it by time-out all the same.
        """
        if not self.is_two_phase:
            msg = f"{PREPARE} needs transaction.two.phase.commit.enable=true: a transaction with a time-out promises nothing"
            raise UsageError(msg)
        continued = self._continued(PREPARE)
        if continued is not None:
            return continued
        self._check_health()
        self._check_move(TransactionInput.PREPARE, PREPARE)
        return self._called(PREPARE)

    def complete(self, decided: PreparedTransaction) -> TransactionalCall:
        """Commit what is prepared if it is that one, and abort it if it is not (KIP-939). Raises as `init` does.

        Where nothing was found to be open it was completed before, and nothing is left to do.
        """
        continued = self._continued(COMPLETE)
        if continued is not None:
            return continued
        self._check_health()
        if self.prepared is None:
            raise TransactionStateError(f"{self._no_place(COMPLETE)}: nothing was prepared, nor asked to be kept")
        if self.state is not TransactionState.PREPARED_TRANSACTION:
            done = self._called(COMPLETE)
            self._end_call()
            return done
        if decided == self.prepared:
            self.feed(TransactionInput.COMMIT)
            self._wants_end = True
        else:
            self._begin_abort()
        return self._called(COMPLETE)

    def check_send(self) -> None:
        """Raise unless a record may be sent now: TransactionStateError, or the TransactionError that the producer is in."""
        if not self.takes_records:
            self._check_health()
            self._check_nothing_pending("send")
            raise TransactionStateError(self._no_place("send"))

    # -- what the sender asks and tells ------------------------------------------------------------------------------

    @property
    def takes_records(self) -> bool:
        return self.state is TransactionState.IN_TRANSACTION and not self.is_preparing

    @property
    def is_completing(self) -> bool:
        """Whether nothing lingers: it is to be ended, or prepared, as soon as every record has its answer."""
        return self.state in _COMPLETING or self.is_preparing

    @property
    def is_open(self) -> bool:
        """Whether there is a transaction that will end, or be ended when the producer is closed (hasOngoingTransaction)."""
        return self.state in _OPEN

    @property
    def drops_unsent(self) -> bool:
        """Whether records that have not left will not leave any more."""
        return self.state in (TransactionState.ABORTABLE_ERROR, TransactionState.ABORTING_TRANSACTION)

    @property
    def produce_version_max(self) -> int | None:
        """The highest version of Produce for this transaction; None for any."""
        return None if self.is_v2 else PRODUCE_V1_VERSION_MAX

    def join(self, partition: TopicPartition) -> bool:
        """Let a partition, to which a record was queued, take part. Gives whether somebody is to be asked for it."""
        if not self._partitions.join(partition, is_v2=self.is_v2):
            return False
        self._has_begun = self._has_begun or self.is_v2
        return not self.is_v2

    def may_send_to(self, partition: TopicPartition) -> bool:
        """Whether a batch may leave for the partition."""
        return self._partitions.may_be_sent_to(partition) and not self.is_over_for_good

    def batch_failed(self, error: ErrorCode, detail: str = "") -> None:
        """A record of the transaction will not be in it (maybeTransitionToErrorState)."""
        if error.fatal:
            self.fail_for_good(Trouble(error, detail))
        elif self.is_open:
            if self._must_bump:
                self._needs_epoch = True
            self.fail(Trouble(error, detail or "a batch was not delivered"))

    def record_refused(self, error: ProducerError) -> None:
        """A record was not even queued, and its application was told: nothing is committed without it (KafkaProducer.doSend)."""
        if self.state is not TransactionState.PREPARED_TRANSACTION:
            self.batch_failed(code_of_refusal(error), str(error))

    def sequences_lost(self) -> None:
        """What was sent may be in the log, and nobody can find out any more: only a new epoch closes the gap."""
        told = "it is not known what became of a batch that ran out of time"
        if self._mends:
            self.batch_failed(error_code(Code.REQUEST_TIMED_OUT), told)
        else:
            self.fail_for_good(Trouble(error_code(Code.REQUEST_TIMED_OUT), told))

    def advance(self, *, has_incomplete: bool) -> None:
        """Ask what is to be asked now. `has_incomplete`: whether a record has no answer yet."""
        if self.is_preparing and not has_incomplete and self._client.control.is_idle:
            self._prepare()
        if self.is_closing and not has_incomplete and self.state in TO_BE_ABORTED:
            self._begin_abort()
        if self._partitions.has_new and self._adding is None and not self.drops_unsent and not self.is_over_for_good:
            self._adding = AddPartitions(
                self.id,
                identity=self.identity.current,
                partitions=self._partitions,
                may_bump=self._mends,
                ended=self._partitions_added,
            )
            self._client.control.ask(self._adding)
        # Behind everything else that was asked: what becomes of that decides whether there is anything to end.
        if self._wants_end and not has_incomplete and self._client.control.is_idle:
            self._wants_end = False
            self._end()

    def close(self, error: ProducerError) -> None:
        """Nothing more will be asked: tell whoever waits."""
        self._end_call(error)
        for one in self._offsets:
            one.end(error)

    # -- calls -------------------------------------------------------------------------------------------------------

    def _called(self, operation: str) -> TransactionalCall:
        self._call = TransactionalCall(operation)
        return self._call

    def _continued(self, operation: str) -> TransactionalCall | None:
        """Give the call of this kind that nobody has heard the end of. Raises TransactionStateError if it is of another kind."""
        if self._call is not None and not self._call.is_heard and self._call.operation == operation:
            return self._call
        self._check_nothing_pending(operation)
        return None

    def _check_nothing_pending(self, operation: str) -> None:
        call = self._call
        if call is not None and not call.is_heard and call.operation != operation:
            msg = f"{operation} has no place before {call.operation} has ended: if that ran out of time, call it again"
            raise TransactionStateError(msg)

    def _check_health(self) -> None:
        if self.trouble is not None and self.state in (TransactionState.ABORTABLE_ERROR, TransactionState.FATAL_ERROR):
            raise self.trouble.error(self.id)

    def _check_move(self, given: TransactionInput, operation: str) -> None:
        if (self.state, given) not in state.TRANSITIONS:
            raise TransactionStateError(self._no_place(operation))

    def _no_place(self, operation: str) -> str:
        hint = {
            TransactionState.UNINITIALIZED: ": call init_transactions first",
            TransactionState.READY: ": call begin_transaction first",
            TransactionState.PREPARED_TRANSACTION: ": commit_transaction, abort_transaction or complete_transaction ends it",
        }.get(self.state, "")
        if operation in (INIT, BEGIN, COMPLETE):
            hint = hint if operation == BEGIN and self.state is not TransactionState.READY else ""
        return f"{operation} has no place while the state of {self.id!r} is `{self.state.value}`{hint}"
