"""A run's transactions after one of its events: at each producer, at the coordinator, and in the logs that they write to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from producer.records import NO_PRODUCER_EPOCH, NO_PRODUCER_ID, TopicPartition

NO_CODE = -1
"""Of a marker that was asked for, and of which nothing was heard yet."""


class ProducerSide(NamedTuple):
    """A producer's transactions, as it and its application know them."""

    client: str
    transactional_id: str
    state: str = "uninitialized"
    """As `ProducerTransactionMoved` names it: `in transaction`, `committing transaction` and so on."""
    is_v2: bool = False
    """Whether each transaction has an epoch of its own (KIP-890)."""
    number: int = 0
    """Of the latest transaction that the application began, from 1; 0 before the first."""
    outcome: str = ""
    """How that one ended, as the application was told; empty while it was not."""
    code: int = 0
    """Kafka's error that came with the outcome."""


class Marker(NamedTuple):
    """The end of a transaction, on its way into one partition."""

    partition: str
    code: int = NO_CODE
    """What the leader answered; 0: it is written."""


class Fence(NamedTuple):
    """A coordinator shut a producer out."""

    producer_epoch: int
    """Whose."""
    reason: str


class Refusal(NamedTuple):
    """A coordinator refused a request."""

    api: str
    producer_epoch: int
    """Of who asked."""
    code: int


class CoordinatorSide(NamedTuple):
    """A transactional id, as the log of its coordinator has it: whoever leads that partition goes on from there."""

    transactional_id: str
    told_by: int
    """Which broker was the coordinator when it came into this state."""
    state: str
    """As Kafka names it: `Ongoing`, `PrepareCommit` and so on."""
    producer_id: int = NO_PRODUCER_ID
    producer_epoch: int = NO_PRODUCER_EPOCH
    partitions: tuple[str, ...] = ()
    """What is in the transaction: `orders-0`. None of them is left once each has its marker."""
    owner_epoch: int = NO_PRODUCER_EPOCH
    """For whom a prepared transaction is kept (KIP-939); -1: whoever wrote it."""
    markers: tuple[Marker, ...] = ()
    fence: Fence | None = None
    """Since this transaction, or the one before, ended so."""
    refusal: Refusal | None = None
    """The latest, as long as nothing else happened to the id."""


class OpenInLog(NamedTuple):
    """What one producer wrote to a partition, and no marker behind it has ended."""

    producer_id: int
    first_offset: int


@dataclass(slots=True)
class Transactions:
    """All of them. Values are replaced, never changed, so a copy of the dicts is a snapshot."""

    producers: dict[str, ProducerSide] = field(default_factory=dict)
    """By client: lives of one application may share a transactional id."""
    ids: dict[str, CoordinatorSide] = field(default_factory=dict)
    """By transactional id, in the order in which a coordinator first told of them."""
    by_producer_id: dict[int, str] = field(default_factory=dict)
    """Producer id -> the transactional id that it was given for."""
    in_logs: dict[TopicPartition, tuple[OpenInLog, ...]] = field(default_factory=dict)
    """By the log of the partition's leader, in the order of offsets."""

    together: dict[str, int] = field(default_factory=dict)
    """How many clients had a transactional id at one time, at most: a life and the one before it that stands still."""

    def __bool__(self) -> bool:
        return bool(self.producers or self.ids)

    def copy(self) -> Transactions:
        """Give another with the same content."""
        return Transactions(
            self.producers.copy(),
            self.ids.copy(),
            self.by_producer_id.copy(),
            self.in_logs.copy(),
            self.together.copy(),
        )

    @property
    def names(self) -> list[str]:
        """Every transactional id, in the order in which somebody first told of it."""
        return list(dict.fromkeys([*(one.transactional_id for one in self.producers.values()), *self.ids]))

    def clients_of(self, transactional_id: str) -> list[ProducerSide]:
        """Give everybody who has, or had, that id, the first one first."""
        return [one for one in self.producers.values() if one.transactional_id == transactional_id]

    def is_in(self, where: TopicPartition, transactional_id: str) -> bool:
        """Whether a coordinator has that partition in the id's transaction."""
        known = self.ids.get(transactional_id)
        return known is not None and str(where) in known.partitions

    def hanging(self, transactional_id: str) -> list[TopicPartition]:
        """Where something of that id is open that its coordinator has in no transaction: nobody will end it (KIP-664)."""
        return [
            where
            for where, held in sorted(self.in_logs.items())
            if any(self.by_producer_id.get(one.producer_id) == transactional_id for one in held)
            and not self.is_in(where, transactional_id)
        ]
