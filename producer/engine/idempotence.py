"""What makes a retry harmless: one identity, sequences per partition, what is found out about them, and what follows.

The idempotent part of `org.apache.kafka.clients.producer.internals.TransactionManager`, rule by rule (KIP-98, KIP-360).
`Idempotence` finds gaps; that a gap is closed by a new epoch is `BumpEpoch`'s doing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from producer.client.identity import Identity
from producer.engine.sequence import NO_OFFSET, PartitionSequences, precedes
from producer.errors import Code, ErrorCode
from producer.records import NO_SEQUENCE, TopicPartition

if TYPE_CHECKING:
    from producer.engine.batch import Batch
    from producer.transactions.transaction import Transactions

_GAP = (Code.OUT_OF_ORDER_SEQUENCE_NUMBER, Code.UNKNOWN_PRODUCER_ID)


class Gap(NamedTuple):
    """Sequences of a partition will never be used, or its leader has lost count: what follows them is out of order."""

    partition: TopicPartition
    sequence: int
    """The first of them."""


class Settled(NamedTuple):
    """What was unresolved in a partition turned out to be in its log: the next sequence is in order."""

    partition: TopicPartition


Finding = Gap | Settled


class Policy(Protocol):
    """What is done about gaps, and about batches that came to nothing."""

    def take(self, finding: Finding, /) -> None:
        """Take note of what was found."""

    def waits(self, partition: TopicPartition, /) -> bool:
        """Whether nothing new may be numbered in the partition."""
        ...

    def retries_forgotten(self, batch: Batch, idempotence: Idempotence, /, *, is_trimmed: bool) -> bool:
        """Whether to send a batch again whose id its leader does not know; `is_trimmed`: since retention took what it knew."""
        ...

    def retries_gap(self, batch: Batch, /, *, is_certain: bool) -> bool:
        """Whether to send a batch again that is out of order."""
        ...

    def failed(self, batch: Batch, error: ErrorCode, idempotence: Idempotence, /, *, leaves_gap: bool) -> None:
        """A batch was given up."""

    def act(self, idempotence: Idempotence, /) -> list[Batch]:
        """Do what is to be done. Returns the batches numbered anew."""
        ...


class BumpEpoch:
    """What an idempotent producer does about a gap: the partition's sequences start again in a new epoch (KIP-360).

    Whatever has no verdict is numbered anew then. Behind the gap nothing can be in the log; but what was sent before it can, and
    is written a second time under its new number. Java renumbers that, too; not `renumbers_in_doubt`, the gap waits for its verdict.
    """

    __slots__ = ("_needs_epoch", "_to_restart")

    def __init__(self) -> None:
        self._needs_epoch = False
        """Whether a gap was found since the last epoch began."""
        self._to_restart: dict[TopicPartition, int] = {}
        """Partitions whose sequences start again with the next epoch, or id, and where the first gap of each is."""

    def take(self, finding: Finding) -> None:
        """Take note of what was found."""
        if isinstance(finding, Gap):
            partition, sequence = finding
            first = self._to_restart.get(partition)
            if first is None or precedes(sequence, first):
                self._to_restart[partition] = sequence
            self._needs_epoch = True

    def waits(self, partition: TopicPartition) -> bool:
        """Whether a gap of the partition is not closed yet: what is numbered behind it would be out of order."""
        return partition in self._to_restart

    def retries_forgotten(self, batch: Batch, idempotence: Idempotence, *, is_trimmed: bool) -> bool:  # noqa: ARG002 - no matter why
        """A leader does not know the id: whether the batch is sent again, under a new epoch."""
        self.take(Gap(batch.partition, batch.base_sequence))
        return True

    def retries_gap(self, batch: Batch, *, is_certain: bool) -> bool:
        """A batch is out of order behind what is not in the log, as far as is known: whether it is sent again."""
        if is_certain:
            self.take(Gap(batch.partition, batch.base_sequence))
        return True

    def failed(self, batch: Batch, error: ErrorCode, idempotence: Idempotence, *, leaves_gap: bool) -> None:
        """A batch was given up: a fatal error ends the identity, and with it the producer; or there is a gap."""
        if error.fatal and idempotence.identity.is_assigned:
            idempotence.identity.refuse(error)
        elif error.code in _GAP or leaves_gap:
            self.take(Gap(batch.partition, batch.base_sequence))

    def act(self, idempotence: Idempotence) -> list[Batch]:
        """Begin the epoch that is needed, if there is an id. Returns the batches numbered anew."""
        identity = idempotence.identity
        if not self._to_restart or not identity.is_assigned:
            return []
        due = [
            partition
            for partition, sequence in self._to_restart.items()
            if idempotence.renumbers_in_doubt or not idempotence.sequences(partition).awaits_verdict_before(sequence)
        ]
        if not due:
            return []
        if self._needs_epoch:
            self._needs_epoch = False
            if not identity.bump():
                # It was the last epoch: the batches get their numbers with the new id.
                return []
        renumbered: list[Batch] = []
        for partition in due:
            sequences = idempotence.sequences(partition)
            renumbered += sequences.restart(identity.current)
            sequences.unresolved_next = NO_SEQUENCE
            del self._to_restart[partition]
        return renumbered


class Idempotence:
    """The identity and every partition's sequences."""

    __slots__ = (
        "_partitions",
        "_unresolved",
        "identity",
        "pipelines_fresh",
        "policy",
        "renumbers_in_doubt",
        "transactions",
    )

    def __init__(self, *, pipelines_fresh: bool = True) -> None:
        """Begin without an identity. `pipelines_fresh` False: a partition's first batch travels alone."""
        self.identity = Identity()
        self.pipelines_fresh = pipelines_fresh
        self.renumbers_in_doubt = True
        """Whether what may be in the log takes new numbers where a new epoch, or a split, would give it some."""
        self.policy: Policy = BumpEpoch()
        """What is done about what is found."""
        self.transactions: Transactions | None = None
        """Those of a transactional producer."""
        self._partitions: dict[TopicPartition, PartitionSequences] = {}
        self._unresolved: dict[TopicPartition, PartitionSequences] = {}
        """Those that may be unresolved; looked at whenever anything happens, so it must not be all of them."""

    def serve(self, transactions: Transactions, policy: Policy) -> None:
        """Number the batches of transactions."""
        self.transactions = transactions
        self.policy = policy

    def restart(self) -> None:
        """Let every partition's sequences begin again, under a new identity. Nothing is incomplete."""
        self._partitions.clear()
        self._unresolved.clear()

    @property
    def produce_version_max(self) -> int | None:
        """The highest version of Produce that may be spoken; None for any."""
        return None if self.transactions is None else self.transactions.produce_version_max

    def sequences(self, partition: TopicPartition) -> PartitionSequences:
        """What is known of one partition."""
        found = self._partitions.get(partition)
        if found is None:
            found = self._partitions[partition] = PartitionSequences(len(self._partitions))
        return found

    def may_leave(self, batch: Batch) -> bool:
        """Whether the first waiting batch of a partition may be sent now (shouldStopDrainBatchesForPartition)."""
        if not self.identity.is_assigned:
            return False
        if self.transactions is not None and not self.transactions.may_send_to(batch.partition):
            return False
        sequences = self.sequences(batch.partition)
        if not batch.has_sequence:
            if self.policy.waits(batch.partition):
                return False
            is_stale = sequences.identity != self.identity.current
            is_fresh = is_stale or sequences.last_acked_sequence == NO_SEQUENCE
            waits_alone = is_fresh and not self.pipelines_fresh
            return not sequences.is_unresolved and not ((is_stale or waits_alone) and sequences.in_flight)
        # A retry leaves only as the oldest one without a verdict: from the first failure on, one request at a time.
        return not sequences.in_flight or sequences.in_flight[0] is batch

    def assign(self, batch: Batch) -> None:
        """Give a batch its sequences."""
        self.sequences(batch.partition).assign(batch, self.identity.current)

    def may_split(self, batch: Batch) -> bool:
        """Whether a batch that no broker takes may go on in parts: a broker that has it does not know them for retries of it."""
        return self.renumbers_in_doubt or not batch.may_be_written

    def split(self, large: Batch, parts: list[Batch]) -> None:
        """A batch was too large for the broker: its parts take over its sequences."""
        self.sequences(large.partition).replace(large, parts)

    def acknowledged(self, batch: Batch, base_offset: int) -> None:
        """A batch is in the log; one that was given up before counts as well, and may settle its sequence."""
        self.sequences(batch.partition).acknowledged(batch, base_offset)

    def may_retry(self, batch: Batch, error: ErrorCode, *, log_start_offset: int) -> bool:
        """Whether a refused batch is to be sent again; what its code says of its sequence may be a gap (canRetry)."""
        sequences = self.sequences(batch.partition)
        if error.code == Code.UNKNOWN_PRODUCER_ID:
            if log_start_offset == NO_OFFSET or batch.is_resequenced:
                return True
            is_trimmed = sequences.last_acked_offset < log_start_offset
            return self.policy.retries_forgotten(batch, self, is_trimmed=is_trimmed)
        if error.code == Code.OUT_OF_ORDER_SEQUENCE_NUMBER:
            is_next = sequences.is_next(batch.base_sequence)
            if not sequences.is_unresolved and (batch.is_resequenced or not is_next):
                # One before it is still to be retried; it will be in order after that.
                return True
            is_certain = not sequences.is_unresolved or sequences.unresolved_next == batch.base_sequence
            return self.policy.retries_gap(batch, is_certain=is_certain)
        return error.retriable

    def failed(self, batch: Batch, error: ErrorCode, *, leaves_gap: bool) -> None:
        """A batch was given up. With `leaves_gap` its sequences will certainly never be used (handleFailedBatch)."""
        self.sequences(batch.partition).forget(batch)
        self.policy.failed(batch, error, self, leaves_gap=leaves_gap)

    def left_unresolved(self, batch: Batch) -> None:
        """A batch was given up by its deadline although it was sent: nobody knows whether it is in the log."""
        sequences = self._unresolved[batch.partition] = self.sequences(batch.partition)
        sequences.leave_unresolved(batch)

    def settle(self) -> list[Batch]:
        """Close what can be closed: resolved sequences, and gaps in the policy's way. Returns the batches numbered anew."""
        if self._unresolved:
            for finding in self._findings():
                self.policy.take(finding)
        return self.policy.act(self)

    def _findings(self) -> list[Finding]:
        """What is found in the partitions of unresolved sequences that have nothing in flight any more."""
        found: list[Finding] = []
        # In the order in which partitions were first sent to, whichever was left unresolved first.
        for partition, sequences in sorted(self._unresolved.items(), key=lambda one: one[1].place):
            if sequences.is_unresolved and sequences.in_flight:
                continue
            del self._unresolved[partition]
            if sequences.is_unresolved:
                following = sequences.next_sequence
                found.append(Settled(partition) if sequences.is_next(following) else Gap(partition, following))
                sequences.unresolved_next = NO_SEQUENCE
        return found
