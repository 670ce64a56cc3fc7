"""Transactions at their coordinator: what state each is in, who is fenced, which markers are on their way."""

from __future__ import annotations

from typing import NamedTuple


class TransactionMoved(NamedTuple):
    """A coordinator's record of a transactional id is on the whole ISR: the id is in that state from now on."""

    at_us: int
    broker: int
    """The coordinator."""
    transactional_id: str
    before: str
    """The state it was in, as Kafka names it; empty for an id that is new."""
    state: str
    producer_id: int
    producer_epoch: int
    partitions: tuple[str, ...]
    """What is in the transaction: `orders-0`."""


class TransactionFenced(NamedTuple):
    """A coordinator aborts a transaction that nobody ended: by a higher epoch, whoever wrote in it is shut out."""

    at_us: int
    broker: int
    transactional_id: str
    producer_id: int
    producer_epoch: int
    """Of who is shut out."""
    reason: str
    """`timed out`, or `another producer` that takes the id over."""


class TransactionKept(NamedTuple):
    """A coordinator leaves a prepared transaction open for another producer than the one that wrote it (KIP-939)."""

    at_us: int
    broker: int
    transactional_id: str
    producer_id: int
    producer_epoch: int
    """Of who wrote it: the markers will carry that epoch's next."""
    owner_id: int
    owner_epoch: int
    """Of who ends it from now on."""


class TransactionRefused(NamedTuple):
    """A coordinator refuses who is not, or no longer, the producer of a transactional id."""

    at_us: int
    broker: int
    api: str
    transactional_id: str
    producer_id: int
    """Who asked; -1 for who has no identity yet."""
    producer_epoch: int
    code: int


class TransactionsLoaded(NamedTuple):
    """A broker coordinates a partition of `__transaction_state` that holds something, and has read it back."""

    at_us: int
    broker: int
    partition: int
    coordinator_epoch: int
    """The leader epoch of that partition: an older coordinator's markers are refused."""
    transactional_ids: int
    """How many there are."""
    prepared: int
    """Of them those whose markers are to be written, once more."""


class MarkersSent(NamedTuple):
    """A coordinator asks a leader to write the end of a transaction into these partitions."""

    at_us: int
    broker: int
    target: int
    transactional_id: str
    producer_id: int
    producer_epoch: int
    coordinator_epoch: int
    is_commit: bool
    partitions: tuple[str, ...]


class MarkerAnswered(NamedTuple):
    """A coordinator was told what became of one marker."""

    at_us: int
    broker: int
    transactional_id: str
    topic: str
    partition: int
    code: int
    """NETWORK_EXCEPTION where no answer came."""


class OffsetsCompleted(NamedTuple):
    """A transaction that holds positions of groups ended at their coordinator: they count now, or are forgotten."""

    at_us: int
    broker: int
    partition: int
    """Of `__consumer_offsets`."""
    producer_id: int
    is_commit: bool
    positions: tuple[tuple[str, str, int, int], ...]
    """Group, topic, partition, offset of each."""
