"""Traces with transactions, written by hand: producers with ids of their own, markers, and what applications ask for and are told."""

from __future__ import annotations

from typing import Self

from producer.events import IdentityAssigned
from sim.trace import events
from tests.guarantees.written import WrittenTrace

ID = "transfer"
GROUP = "billing"
READER = "consumer-1"


class TransactionalTrace(WrittenTrace):
    """As any written trace; `orders-0` and `orders-1` by default. Everybody's transactional id is the same."""

    def __init__(self, partitions: int = 2) -> None:
        super().__init__(partitions)

    def take_over(self, client: str) -> Self:
        """That client is told that the id is its own; what clients do from here on, it does."""
        self.by(client)
        return self._add(events.TransactionalIdTaken(self.now_us, client, ID))

    def identify(self, client: str, epoch: int, *, producer_id: int = 7) -> Self:
        """That client's producer is told who it is."""
        return self._add(IdentityAssigned(self.now_us, client, producer_id, epoch))

    def begin(self, transaction: int, *, name: str = ID) -> Self:
        return self._add(events.TransactionBegan(self.now_us, self.client, name, transaction))

    def recover(self, transaction: int, first_client: str, first_transaction: int) -> Self:
        """The client goes on with what another has prepared."""
        numbers = transaction, first_client, first_transaction
        return self._add(events.TransactionRecovered(self.now_us, self.client, ID, *numbers))

    def ask(self, transaction: int, *, is_commit: bool = True) -> Self:
        return self._add(events.TransactionEnding(self.now_us, self.client, ID, transaction, is_commit))

    def tell(self, transaction: int, outcome: str, code: int = 0) -> Self:
        return self._add(events.TransactionEnded(self.now_us, self.client, ID, transaction, outcome, code))

    def give(self, transaction: int, offset: int, *, partition: int = 0) -> Self:
        """The group's position in a partition of orders is to go with the transaction."""
        positions = (("orders", partition, offset),)
        return self._add(events.OffsetsGiven(self.now_us, self.client, transaction, GROUP, positions))

    def keep(self, transaction: int, offset: int, *, partition: int = 0) -> Self:
        """The application keeps its position itself."""
        positions = (("orders", partition, offset),)
        return self._add(events.CheckpointTaken(self.now_us, self.client, transaction, positions))

    def derive(self, record: int, *, of: int, partition: int = 0, part: int = 1, reader: str = READER) -> Self:
        """The next send of that number is made of what lies at that offset."""
        made_of = reader, "orders", partition, of, part
        return self._add(events.RecordDerived(self.now_us, self.client, record, *made_of))

    def put(self, *records: int, at: int, partition: int = 0, producer_id: int = 7) -> Self:
        """The whole way of one batch in a transaction: sent, appended, copied, below the high watermark, acknowledged."""
        self.send(*records)
        return self.arrive(*records, at=at, partition=partition, producer_id=producer_id)

    def arrive(self, *records: int, at: int, partition: int = 0, producer_id: int = 7) -> Self:
        """The same of what was sent before."""
        count = len(records)
        request = self.request(self.batch(*records, partition=partition), count=count, partition=partition)
        self.append(request, at=at, count=count, partition=partition, producer_id=producer_id)
        self.replicate(2, 3, at=at, count=count, partition=partition).commit(at + count, partition=partition)
        for offset, record in enumerate(records, start=at):
            self.acknowledge(record, at=offset, partition=partition)
        return self

    def mark(self, *, at: int, is_commit: bool = True, partition: int = 0, producer_id: int = 7) -> Self:
        """A marker, on every replica and below the high watermark."""
        self.append(0, at=at, client="b2", partition=partition, producer_id=producer_id)
        ended = at, 0, producer_id, 0, 0, is_commit, 0
        self._add(events.MarkerAppended(self.now_us, 1, "orders", partition, *ended))
        return self.replicate(2, 3, at=at, partition=partition).commit(at + 1, partition=partition)

    def isolate(self, *, partitions: int = 2) -> Self:
        """Somebody reads of `orders` what is committed."""
        self._add(events.ReaderBegan(self.now_us, READER, "orders", "earliest"))
        self._add(events.ReaderIsolated(self.now_us, READER, "orders"))
        for partition in range(partitions):
            self.move_reader(0, why="begins", partition=partition)
        return self
