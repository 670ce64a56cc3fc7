"""What applications did in transactions and were told of them, and which record each made of which: their words, and no broker's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from producer.records import NO_IDENTITY, ProducerIdentity, TopicPartition
from sim.judges.verdict import Moment

if TYPE_CHECKING:
    from producer.events import IdentityAssigned
    from sim.judges.record_id import RecordId
    from sim.trace.events import (
        CheckpointTaken,
        OffsetsGiven,
        RecordDerived,
        TransactionalIdTaken,
        TransactionBegan,
        TransactionEnded,
        TransactionEnding,
        TransactionRecovered,
    )

COMMITTED = "committed"
NOT_COMMITTED = frozenset({"aborted", "failed"})
"""What is told of a transaction of which nothing may count."""
NO_WORD = ""
"""Nobody was told how it ended."""


class Asked(NamedTuple):
    """An application asked for the end of its transaction."""

    is_commit: bool
    event: int


class Position(NamedTuple):
    """How far an application has come in a partition, as it asks for that to be remembered, or keeps it itself."""

    group: str
    """Empty where the application keeps it itself."""
    where: TopicPartition
    offset: int
    event: int


class Origin(NamedTuple):
    """What a record was made of."""

    reader: str
    """Who was given it."""
    where: TopicPartition
    offset: int
    part: int
    """Which of all that is made of it."""
    event: int


class Taken(NamedTuple):
    """Somebody was told that a transactional id is its own."""

    client: str
    identity: ProducerIdentity
    """As it was told with it; `NO_IDENTITY` if nobody knows."""
    event: int


@dataclass(slots=True)
class Transaction:
    """One transaction, or what an application means as one; for a later life that recovers it, it is the same."""

    client: str
    number: int
    """Within its client."""
    transactional_id: str
    """Empty where nobody but the application knows of it."""
    identity: ProducerIdentity
    """Its client's as it began; `NO_IDENTITY` if nobody knows, or there is none."""
    began: int
    """Sequence number in the trace, as those below."""
    records: list[RecordId] = field(default_factory=list)
    positions: list[Position] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    outcome: str = NO_WORD
    code: int = 0
    told: int = -1
    recovered: int = -1
    """By which a later life goes on with it."""

    def commit_asked(self, before: int) -> bool:
        """Whether its application had asked for it to be committed, before that event."""
        return any(one.is_commit and one.event < before for one in self.asked)

    @property
    def moments(self) -> list[Moment]:
        """What its application did about it, and was told."""
        found = [Moment("transaction begins", self.began)]
        found += [Moment("commit asked" if one.is_commit else "abort asked", one.event) for one in self.asked]
        found += [Moment("recovered", self.recovered)] if self.recovered >= 0 else []
        found += [Moment("told of its end", self.told)] if self.told >= 0 else []
        return found

    def __str__(self) -> str:
        return f"transaction {self.number} of {self.client}"


@dataclass(slots=True)
class TransactionHistory:
    """The transactions of all applications of one run."""

    all: dict[tuple[str, int], Transaction] = field(default_factory=dict)
    """(client, number there) -> transaction, in the order of their beginnings."""
    of_record: dict[RecordId, Transaction] = field(default_factory=dict)
    """Which transaction a record was sent in."""
    taken: dict[str, list[Taken]] = field(default_factory=dict)
    """Transactional id -> who was told that it has it, in their order."""
    origins: dict[RecordId, list[Origin]] = field(default_factory=dict)
    """Record -> what it was made of."""
    checkpoints: list[Position] = field(default_factory=list)
    """What applications keep by themselves."""
    _current: dict[str, Transaction] = field(default_factory=dict)
    _identities: dict[str, ProducerIdentity] = field(default_factory=dict)
    """What each client has from brokers."""

    @property
    def are_taken_over(self) -> bool:
        """Whether any transactional id had an owner after another."""
        return any(len(taken) > 1 for taken in self.taken.values())

    def keeps_positions(self, client: str) -> bool:
        """Whether who reads by that name writes in transactions, and goes on from positions of its own: `exactly once` is about it."""
        return any(one.client == client for taken in self.taken.values() for one in taken)

    def begun(self) -> list[Transaction]:
        """Every transaction once, in the order of their beginnings."""
        return [one for (client, number), one in self.all.items() if (client, number) == (one.client, one.number)]

    def is_known_to_brokers(self, record: RecordId) -> bool:
        """Whether a record was sent in a transaction that brokers know of."""
        transaction = self.of_record.get(record)
        return transaction is not None and bool(transaction.transactional_id)

    def overtaken_by(self, transaction: Transaction) -> Taken | None:
        """Who was told first that it has the transactional id after the transaction's client; None if nobody was."""
        taken = self.taken.get(transaction.transactional_id, ())
        return next((one for one in taken if _is_after(one, transaction)), None)

    def note_sent(self, record: RecordId) -> None:
        """Take that a record was sent."""
        current = self._current.get(record.client)
        if current is not None:
            current.records.append(record)
            self.of_record[record] = current

    def note_identity(self, _: int, event: IdentityAssigned) -> None:
        """Take that a producer has another id or epoch."""
        self._identities[event.client] = ProducerIdentity(event.producer_id, event.producer_epoch)

    def note_taken(self, number: int, event: TransactionalIdTaken) -> None:
        """Take that somebody has a transactional id now."""
        identity = self._identities.get(event.client, NO_IDENTITY)
        self.taken.setdefault(event.transactional_id, []).append(Taken(event.client, identity, number))

    def note_began(self, number: int, event: TransactionBegan) -> None:
        """Take that a transaction begins."""
        identity = self._identities.get(event.client, NO_IDENTITY)
        begun = Transaction(event.client, event.transaction, event.transactional_id, identity, number)
        self.all[event.client, event.transaction] = self._current[event.client] = begun

    def note_recovered(self, number: int, event: TransactionRecovered) -> None:
        """Take that a later life goes on with a transaction."""
        first = self.all[event.first_client, event.first_transaction]
        first.recovered = number
        self.all[event.client, event.transaction] = first

    def note_derived(self, number: int, event: RecordDerived, record: RecordId) -> None:
        """Take what a record was made of."""
        where = TopicPartition(event.topic, event.partition)
        origin = Origin(event.reader, where, event.offset, event.part, number)
        self.origins.setdefault(record, []).append(origin)

    def note_offsets(self, number: int, event: OffsetsGiven) -> None:
        """Take positions that are to be remembered with a transaction."""
        self.all[event.client, event.transaction].positions += [
            Position(event.group, TopicPartition(topic, partition), offset, number)
            for topic, partition, offset in event.positions
        ]

    def note_checkpoint(self, number: int, event: CheckpointTaken) -> None:
        """Take positions that an application keeps by itself."""
        self.checkpoints += [
            Position("", TopicPartition(topic, partition), offset, number)
            for topic, partition, offset in event.positions
        ]

    def note_ending(self, number: int, event: TransactionEnding) -> None:
        """Take how an application wants a transaction to end."""
        self.all[event.client, event.transaction].asked.append(Asked(event.is_commit, number))

    def note_ended(self, number: int, event: TransactionEnded) -> Transaction:
        """Take what an application was told of its end."""
        ended = self.all[event.client, event.transaction]
        ended.outcome, ended.code, ended.told = event.outcome, event.code, number
        return ended


def _is_after(taken: Taken, transaction: Transaction) -> bool:
    """Whether who has the id then has it after a transaction's client: by epochs, for who stood still is told late what was before.

    Another producer id, or none that is known, leaves the order in which they were told.
    """
    one, other = taken.identity, transaction.identity
    if NO_IDENTITY not in (one, other) and one.producer_id == other.producer_id:
        return one.producer_epoch > other.producer_epoch
    return taken.event > transaction.began
