"""What a leader asks a transaction's coordinator before it takes what the transaction writes: whether the partition is in it (KIP-890).

Kafka: AddPartitionsToTxnManager.TransactionSupportedOperation.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from producer.records import TopicPartition

NO_GUARD = 0
"""Of who need not ask: its transaction is open in the log (VerificationGuard.SENTINEL)."""


class Operation(Enum):
    """What a client's request lets its broker do (TransactionSupportedOperation)."""

    VERIFY = "verify"
    """Ask whether the partition was added. Its client knows no TRANSACTION_ABORTABLE."""
    VERIFY_ABORTABLE = "verify, abortable"
    ADD = "add"
    """Add it: its client has an epoch for each transaction."""

    @property
    def is_epoch_per_transaction(self) -> bool:
        return self is Operation.ADD


_ABORTABLE_SINCE, _ADDS_SINCE = 11, 12


def operation_of_produce(version: int) -> Operation:
    """Give what a Produce of that version lets its broker do."""
    if version >= _ADDS_SINCE:
        return Operation.ADD
    return Operation.VERIFY_ABORTABLE if version >= _ABORTABLE_SINCE else Operation.VERIFY


class Question(NamedTuple):
    """Partitions of one transaction."""

    transactional_id: str
    producer_id: int
    producer_epoch: int
    partitions: tuple[TopicPartition, ...]
    operation: Operation
