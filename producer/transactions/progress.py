"""What is asked for a transaction, and how its state follows from the answers: the half of it that faces the coordinators.

The request handlers of `org.apache.kafka.clients.producer.internals.TransactionManager` (KIP-98, KIP-360, KIP-890).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.identity import IdentityInput, IdentityState
from producer.client.ruling import Abortable, Done, Ending, Fatal
from producer.errors import Code, error_code
from producer.records import NO_IDENTITY
from producer.transactions import state
from producer.transactions.add_partitions import AddPartitions
from producer.transactions.call import TransactionalCall
from producer.transactions.end_txn import EndTxn
from producer.transactions.init_producer_id import InitTransactionalId
from producer.transactions.offsets import SendOffsets
from producer.transactions.partitions import PartitionsInTransaction
from producer.transactions.prepared import PreparedTransaction
from producer.transactions.state import TransactionInput, TransactionState
from producer.transactions.trouble import Trouble
from producer.transactions.txn_offset_commit import TxnOffsetCommit
from producer.transitions import move

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.client.client import Client
    from producer.client.identity import Identity
    from producer.errors import ProducerError

TRANSACTION_VERSION = "transaction.version"
"""The feature by which a cluster says which kind of transactions it has; from level 2 on KIP-890's."""

PREPARE = "prepare_transaction"

NO_TWO_PHASES = "two-phase commit (KIP-939) is ahead of Apache Kafka: it takes brokers that offer InitProducerId 6 and keep what is prepared"

TO_BE_ABORTED = (TransactionState.IN_TRANSACTION, TransactionState.ABORTABLE_ERROR)
"""What does not end by itself."""


class Progress:
    """One transactional id, its identity, and the transaction that there is. `Transactions` is what others call."""

    __slots__ = (
        "_adding",
        "_call",
        "_client",
        "_has_begun",
        "_keeps",
        "_may_bump",
        "_needs_epoch",
        "_offsets",
        "_partitions",
        "_restart",
        "_timeout_ms",
        "_wants_end",
        "calls_ended",
        "id",
        "identity",
        "is_closing",
        "is_two_phase",
        "is_v2",
        "prepared",
        "state",
        "trouble",
    )  # fmt: skip

    def __init__(
        self,
        transactional_id: str,
        *,
        timeout_ms: int,
        is_two_phase: bool,
        identity: Identity,
        client: Client,
        restart: Callable[[], object],
    ) -> None:
        """`restart` lets the sequences of all partitions begin again, under a new identity."""
        self.id = transactional_id
        self.is_two_phase = is_two_phase
        """Whether somebody else decides how its transactions end, which have no time-out then (KIP-939)."""
        self.prepared: PreparedTransaction | None = None
        """What is prepared, or was found so: nothing, if nothing was open. None where nobody has prepared or looked."""
        self.identity = identity
        self.state = TransactionState.UNINITIALIZED
        self.trouble: Trouble | None = None
        """Why it is one of the two errors."""
        self.is_v2 = False
        """Whether partitions join by Produce, and each end brings a new epoch (KIP-890); settled between transactions."""
        self.is_closing = False
        """Whether what is open is aborted as soon as every record has its answer."""
        self.calls_ended = 0
        """Rises with each call, and each transaction, that ends: whoever waits should look."""
        self._timeout_ms = timeout_ms
        self._client = client
        self._restart = restart
        self._partitions = PartitionsInTransaction()
        self._adding: AddPartitions | None = None
        self._has_begun = False
        """Whether the coordinator has anything to end."""
        self._wants_end = False
        """Whether EndTxn is to be sent once every record has its answer."""
        self._keeps = False
        """Whether what is open is to be left so when an id is asked for."""
        self._needs_epoch = False
        """Whether the next transaction takes an epoch that must be asked for."""
        self._may_bump = False
        """Whether the coordinator gives new epochs."""
        self._call: TransactionalCall | None = None
        """The latest of `init`, `commit` and `abort`, until somebody has heard how it ended."""
        self._offsets: list[SendOffsets] = []
        """Those that nobody has heard the end of."""

    def feed(self, given: TransactionInput) -> None:
        """Move on. Raises IllegalTransitionError, changing nothing, if the table has no such move."""
        self.state = move(state.TRANSITIONS, self.state, given, whose="transaction")

    @property
    def is_over_for_good(self) -> bool:
        return self.state is TransactionState.FATAL_ERROR

    # -- when something comes to nothing ------------------------------------------------------------------------------

    def fail(self, trouble: Trouble) -> None:
        """Only an abort is possible now; whoever waits hears of it."""
        if self.is_over_for_good:
            return
        is_first = self.state not in (TransactionState.ABORTABLE_ERROR, TransactionState.ABORTING_TRANSACTION)
        self.feed(TransactionInput.FAIL)
        if is_first:
            self.trouble = trouble
            self._end_call(trouble.error(self.id))
            self._stop_asking(trouble.error(self.id))

    def fail_for_good(self, trouble: Trouble) -> None:
        """Nothing is possible any more; whoever waits hears of it."""
        if self.is_over_for_good:
            return
        self.feed(TransactionInput.FAIL_FOR_GOOD)
        self.calls_ended += 1
        self.trouble = trouble._replace(is_fatal=True)
        error = self.trouble.error(self.id)
        self._end_call(error)
        self._stop_asking(error)

    # -- requests and their ends -------------------------------------------------------------------------------------

    @property
    def _mends(self) -> bool:
        """Whether there can be a new epoch (canHandleAbortableError)."""
        return self._may_bump or self.is_v2

    @property
    def _must_bump(self) -> bool:
        """Whether the producer has to ask for it: in KIP-890 it comes with the end (needToTriggerEpochBumpFromClient)."""
        return self._may_bump and not self.is_v2

    def _ask_for_identity(self) -> None:
        if self.identity.state is IdentityState.NONE:
            self.identity.feed(IdentityInput.ASK)
        self._client.control.ask(
            InitTransactionalId(
                self.id,
                timeout_ms=self._timeout_ms,
                current=self.identity.current,
                is_two_phase=self.is_two_phase,
                keeps=self._keeps,
                ended=self._identified,
            )
        )

    def _identified(self, request: InitTransactionalId, ending: Ending) -> None:
        if self.is_over_for_good:
            return
        if isinstance(ending, Done):
            self._may_bump = request.can_bump
            self._take_identity(request)
        elif isinstance(ending, Fatal):
            needs_more = ending.error.code == Code.UNSUPPORTED_VERSION and (request.is_two_phase or request.keeps)
            self.fail_for_good(Trouble(ending.error, NO_TWO_PHASES if needs_more else "InitProducerId"))
        elif ending.error.authorization or not self.identity.is_assigned:
            # Nothing was begun: once the right is there, it can be asked for again.
            self.feed(TransactionInput.DENIED)
            self._end_call(Trouble(ending.error, "InitProducerId", is_refusal=True).error(self.id))
        else:
            self.fail(Trouble(ending.error, "InitProducerId"))

    def _take_identity(self, request: InitTransactionalId) -> None:
        if self.identity.is_assigned:
            self.identity.renew(request.given)
        else:
            self.identity.assign(request.given)
        self._restart()
        self._needs_epoch = False
        self.is_v2 = self._finds_v2()
        if request.keeps:
            self.prepared = request.ongoing
            self._keeps = False
        if request.ongoing.has_transaction:
            self._has_begun = True
            self.feed(TransactionInput.RECOVERED)
        else:
            self.feed(TransactionInput.IDENTIFIED)
        self._end_call()

    def _partitions_added(self, ending: Ending) -> None:
        self._adding = None
        if isinstance(ending, Done):
            self._partitions.confirm()
            self._has_begun = True
            return
        self._partitions.forget_asked()
        self._asking_failed(ending, "AddPartitionsToTxn")

    def _commit_offsets(self, sent: SendOffsets) -> None:
        self._client.control.ask(
            TxnOffsetCommit(
                self.id, identity=self.identity.current, offsets=sent, is_v2=self.is_v2, may_bump=self._mends
            )
        )

    def _offsets_added(self, sent: SendOffsets, ending: Ending) -> None:
        if isinstance(ending, Done):
            self._has_begun = True
            if not sent.call.is_over:
                self._commit_offsets(sent)
        elif isinstance(ending, Fatal) or not sent.call.is_over:
            self._asking_failed(ending, "AddOffsetsToTxn")

    def _offsets_committed(self, sent: SendOffsets, ending: Ending) -> None:
        if isinstance(ending, Done):
            sent.end()
            self.calls_ended += 1
        elif isinstance(ending, Fatal) or not sent.call.is_over:
            self._asking_failed(ending, "TxnOffsetCommit")

    def _asking_failed(self, ending: Abortable | Fatal, what: str) -> None:
        trouble = Trouble(ending.error, what)
        if isinstance(ending, Fatal):
            self.fail_for_good(trouble)
            return
        if ending.error.code == Code.UNKNOWN_PRODUCER_ID and self._must_bump:
            self._needs_epoch = True
        self.fail(trouble)

    @property
    def is_preparing(self) -> bool:
        """Whether no more records are taken, and it is prepared once every record has its answer."""
        return self._call is not None and self._call.operation == PREPARE and not self._call.is_over

    def _prepare(self) -> None:
        """Every record has its answer: whatever happens to this process, the transaction can be committed now."""
        self.feed(TransactionInput.PREPARE)
        self.prepared = PreparedTransaction(*self.identity.current)
        self._end_call()

    def _begin_abort(self) -> None:
        if self.is_preparing:
            self._end_call(Trouble(error_code(Code.OPERATION_NOT_ATTEMPTED), "it is being aborted").error(self.id))
        self.feed(TransactionInput.ABORT)
        self._wants_end = True
        self._stop_asking(Trouble(error_code(Code.OPERATION_NOT_ATTEMPTED), "it is being aborted").error(self.id))

    def _end(self) -> None:
        """Every record has its answer: ask for the end, if there is anything to end."""
        if not self._has_begun:
            self._have_ended()
            return
        request = EndTxn(
            self.id,
            identity=self.identity.current,
            is_committed=self.state is TransactionState.COMMITTING_TRANSACTION,
            is_v2=self.is_v2,
            may_bump=self._mends,
            ended=self._end_answered,
        )
        if not self.is_v2 and self._finds_v2() and self._may_bump:
            # It ends as it began; the next one is of the new kind, whose epochs are its own (KIP-890).
            self._needs_epoch = True
        self._client.control.ask(request)

    def _end_answered(self, request: EndTxn, ending: Ending) -> None:
        if self.is_over_for_good:
            return
        if isinstance(ending, Done):
            if request.given != NO_IDENTITY:
                self.identity.renew(request.given)
                self._restart()
            self._have_ended()
        elif self.state is TransactionState.ABORTING_TRANSACTION:
            # It cannot even be aborted.
            self.fail_for_good(Trouble(ending.error, "EndTxn"))
        else:
            self._asking_failed(ending, "EndTxn")

    def _have_ended(self) -> None:
        self.calls_ended += 1
        self._partitions.clear()
        self._has_begun = False
        # A cluster may go back, too; who goes on waits for a new epoch first.
        self.is_v2 = self.is_v2 and self._finds_v2()
        self.trouble = None
        self.prepared = None
        if self._needs_epoch:
            self.feed(TransactionInput.ENDED_STALE)
            self._ask_for_identity()
        else:
            self.feed(TransactionInput.ENDED)
            self._end_call()

    def _stop_asking(self, error: ProducerError) -> None:
        """Ask no more for what the transaction was to have in it; what may have been asked is brought to its end."""
        for one in self._offsets:
            if not one.call.is_over:
                one.end(error)
                self.calls_ended += 1
        self._partitions.forget_new()
        if self._adding is not None and self._client.control.withdraw(self._adding):
            self._adding = None
        if self.state is not TransactionState.ABORTING_TRANSACTION:
            self._wants_end = False

    def _finds_v2(self) -> bool:
        features = self._client.links.newest_features()
        return features is not None and features.levels.get(TRANSACTION_VERSION, 0) >= 2

    def _end_call(self, error: ProducerError | None = None) -> None:
        if self._call is not None and not self._call.is_over:
            self._call.end(error)
            self.calls_ended += 1
