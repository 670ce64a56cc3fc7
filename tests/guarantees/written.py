"""Traces written by hand: one partition or two, three brokers, a producer or more; each line is one thing that happens."""

from __future__ import annotations

from typing import Any, Self

from producer.events import BatchSent, RecordAccepted
from sim.judges.guarantees import GUARANTEES, Ledger, State, Verdict
from sim.trace import events

CLIENT = "producer-1"
CRC = 77


class WrittenTrace:
    """Builds a trace in order. `b1` leads `orders-0` and `orders-1` at epoch 0; each batch holds what is said."""

    def __init__(self, partitions: int = 1) -> None:
        self.events: list[Any] = [events.TopicCreated(0, "orders", partitions, 3, 2)]
        self.client = CLIENT
        self.batches = 0
        self.requests = 0
        for partition in range(partitions):
            self.elect(1, epoch=0, partition=partition)

    def _add(self, event: Any) -> Self:
        self.events.append(event)
        return self

    def by(self, client: str) -> Self:
        """Whatever a client does from here on, this one does."""
        self.client = client
        return self

    @property
    def now_us(self) -> int:
        return len(self.events) * 1_000

    def elect(self, leader: int, *, epoch: int, partition: int = 0) -> Self:
        isr = (leader,) if leader > 0 else ()
        return self._add(
            events.LeaderElected(self.now_us, "orders", partition, leader, epoch, isr, (1, 2, 3), (), is_unclean=False)
        )

    def send(
        self,
        *records: int,
        key: bytes = b"k",
        headers: tuple[tuple[str, bytes], ...] = (),
        time_ms: int = -1,
        partition: int = -1,
        stands_for: bytes | None = None,
        is_tombstone: bool = False,
    ) -> Self:
        for record in records:
            value = None if is_tombstone else b"value-%d" % record
            self._add(
                events.RecordSent(
                    self.now_us,
                    self.client,
                    record,
                    "orders",
                    key,
                    value,
                    headers,
                    time_ms,
                    partition,
                    stands_for,
                )
            )
        return self

    def batch(self, *records: int, partition: int = 0) -> int:
        """Put records that were sent into one batch. Returns its number."""
        self.batches += 1
        for record in records:
            self._add(RecordAccepted(self.now_us, self.client, record, self.batches, "orders", partition))
        return self.batches

    def request(self, batch: int, *, count: int = 1, partition: int = 0, sequence: int = -1) -> int:
        """Put a batch on the wire. Returns the correlation id."""
        self.requests += 1
        producer_id, epoch = (-1, -1) if sequence < 0 else (7, 0)
        self._add(
            BatchSent(
                self.now_us,
                self.client,
                batch,
                "orders",
                partition,
                1,
                1,
                self.requests,
                1,
                producer_id,
                epoch,
                sequence,
                count,
                100,
                CRC,
            )
        )
        return self.requests

    def append(
        self,
        request: int,
        *,
        at: int,
        count: int = 1,
        broker: int = 1,
        epoch: int = 0,
        partition: int = 0,
        crc: int = CRC,
        client: str = "",
        producer_id: int = -1,
    ) -> Self:
        last = at + count - 1
        client = client or self.client
        return self._add(
            events.BatchAppended(
                self.now_us, broker, "orders", partition, at, last, epoch, client, 1, request, producer_id, -1, -1, crc
            )
        )

    def end_transaction(self, *, at: int, first: int, is_commit: bool) -> Self:
        """A coordinator has b1 append the end of the transaction of producer 7 that began there; followers copy it."""
        self.append(0, at=at, client="b2", producer_id=7)
        self._add(events.MarkerAppended(self.now_us, 1, "orders", 0, at, 0, 7, 0, 0, is_commit, first))
        return self.replicate(2, 3, at=at)

    def decided(self, up_to: int, *, high_watermark: int) -> Self:
        """Each replica says up to where transactions are decided."""
        for broker in (1, 2, 3):
            self._add(events.LastStableOffsetMoved(self.now_us, broker, "orders", 0, up_to, high_watermark))
        return self

    def deduplicate(self, request: int, *, at: int) -> Self:
        """b1 has what that request brings already."""
        return self._add(events.BatchDeduplicated(self.now_us, 1, "orders", 0, at, self.client, 1, request, -1, -1, -1))

    def replicate(
        self, *brokers: int, at: int, count: int = 1, epoch: int = 0, partition: int = 0, crc: int = CRC
    ) -> Self:
        for broker in brokers:
            self._add(events.BatchReplicated(self.now_us, broker, "orders", partition, at, at + count - 1, epoch, crc))
        return self

    def truncate(self, broker: int, *, to: int, end: int, partition: int = 0) -> Self:
        return self._add(events.LogTruncated(self.now_us, broker, "orders", partition, to, end, "diverging epoch"))

    def clean(self, *brokers: int, to: int, left: dict[int, int], removed: tuple[int, ...]) -> Self:
        """Cleaners of these brokers leave of the log before `to` these batches, by first offset with their CRC."""
        for broker in brokers:
            batches = tuple(left.items())
            self._add(events.SegmentsCleaned(self.now_us, broker, "orders", 0, 0, to, 0, batches, removed))
        return self

    def expire(self, *brokers: int, to: int) -> Self:
        """The logs of these brokers begin there from now on, as their topic's settings say."""
        for broker in brokers:
            self._add(events.LogStartAdvanced(self.now_us, broker, "orders", 0, to, "retention.ms"))
        return self

    def flip(self, *brokers: int, at: int, count: int = 1, is_whole: bool = False) -> Self:
        """A bit flips on the disks of these brokers, in the batch that begins there; or back."""
        computed = CRC if is_whole else CRC + 1
        for broker in brokers:
            self._add(events.BitFlipped(self.now_us, broker, "orders", 0, at, at + count - 1, CRC, computed))
        return self

    def delete_topic(self) -> Self:
        """Somebody deletes `orders`: each broker removes its log."""
        self._add(events.TopicDeleted(self.now_us, "orders"))
        for broker in (1, 2, 3):
            self._add(events.LogTruncated(self.now_us, broker, "orders", 0, 0, 1, "topic deleted"))
        return self

    def commit(self, up_to: int, *, partition: int = 0, brokers: tuple[int, ...] = (1, 2, 3)) -> Self:
        for broker in brokers:
            self._add(events.HighWatermarkAdvanced(self.now_us, broker, "orders", partition, up_to))
        return self

    def acknowledge(self, record: int, *, at: int, partition: int = 0, time_ms: int = -1) -> Self:
        return self._add(events.RecordAcknowledged(self.now_us, self.client, record, "orders", partition, at, time_ms))

    def fail(self, record: int, *, outcome: str, code: int = 19, partition: int = 0) -> Self:
        return self._add(events.RecordFailed(self.now_us, self.client, record, "orders", partition, code, outcome))

    def begin_reading(
        self, *, by: str = "consumer-1", begin: str = "earliest", partitions: int = 1, at: int = 0
    ) -> Self:
        """Somebody reads `orders`, and comes to that many of its partitions."""
        self._add(events.ReaderBegan(self.now_us, by, "orders", begin))
        for partition in range(partitions):
            self.move_reader(at, why="begins", by=by, partition=partition)
        return self

    def join(self, *clients: str, group: str = "billing", begin: str = "earliest") -> Self:
        """They read `orders` as members of a group."""
        for client in clients:
            self._add(events.GroupMemberBegan(self.now_us, client, group, "orders", "consumer", begin))
        return self

    def isolate_member(self, client: str) -> Self:
        """What a member reads of `orders` is what is committed, by the transaction, too."""
        return self._add(events.ReaderIsolated(self.now_us, client, "orders"))

    def assign(self, client: str, *, epoch: int, group: str = "billing") -> Self:
        """A member is told that orders-0 is its own."""
        return self._add(events.PartitionAssigned(self.now_us, client, group, f"{client}'s", epoch, "orders", 0))

    def affirm(self, client: str, *, epoch: int, asked_us: int, group: str = "billing") -> Self:
        """A member is answered as one."""
        return self._add(events.GroupMemberHeard(self.now_us, client, group, f"{client}'s", epoch, asked_us))

    def give_up(self, client: str, *, why: str = "revoked", group: str = "billing") -> Self:
        return self._add(events.PartitionGivenUp(self.now_us, client, group, f"{client}'s", "orders", 0, why))

    def ask_for_position(self, client: str, *, commit: int, offset: int, group: str = "billing") -> Self:
        """A member asks for a position in orders-0 to be remembered."""
        return self._add(events.PositionCommitted(self.now_us, client, group, commit, "orders", 0, offset))

    def answer_commit(self, client: str, *, commit: int, offset: int, code: int = 0, group: str = "billing") -> Self:
        return self._add(events.CommitAnswered(self.now_us, client, group, commit, "orders", 0, offset, code))

    def tell_position(self, client: str, offset: int, *, asked_us: int, group: str = "billing") -> Self:
        return self._add(events.PositionFetched(self.now_us, client, group, "orders", 0, offset, asked_us))

    def leave(self, client: str, *, group: str = "billing") -> Self:
        return self._add(events.GroupMemberLeft(self.now_us, client, group))

    def begin_reading_committed(self) -> Self:
        """Somebody reads of `orders` what is committed, by the transaction, too."""
        self._add(events.ReaderBegan(self.now_us, "consumer-1", "orders", "earliest"))
        self._add(events.ReaderIsolated(self.now_us, "consumer-1", "orders"))
        return self.move_reader(0, why="begins")

    def move_reader(self, to: int, *, why: str, by: str = "consumer-1", partition: int = 0) -> Self:
        return self._add(events.ReaderMoved(self.now_us, by, "orders", partition, to, why))

    def read(
        self,
        record: int,
        *,
        at: int,
        partition: int = 0,
        key: bytes = b"k",
        value: bytes | None = None,
        headers: tuple[tuple[str, bytes], ...] = (),
        time_ms: int = -1,
        epoch: int = -1,
        by: str = "consumer-1",
        time_type: str = "CreateTime",
    ) -> Self:
        told = b"value-%d" % record if value is None else value
        return self._add(
            events.RecordRead(self.now_us, by, "orders", partition, at, key, told, time_ms, headers, epoch, time_type)
        )

    def end_reading(self, at: int, *, by: str = "consumer-1", partition: int = 0, error: str = "") -> Self:
        return self._add(events.ReaderEnded(self.now_us, by, "orders", partition, at, error))

    def write(
        self,
        *records: int,
        at: int,
        key: bytes = b"k",
        partition: int = 0,
        sequence: int = -1,
        is_tombstone: bool = False,
    ) -> Self:
        """The whole way of one batch, undisturbed: sent, appended, copied, committed, acknowledged."""
        count = len(records)
        self.send(*records, key=key, is_tombstone=is_tombstone)
        request = self.request(
            self.batch(*records, partition=partition), count=count, partition=partition, sequence=sequence
        )
        self.append(request, at=at, count=count, partition=partition)
        self.replicate(2, 3, at=at, count=count, partition=partition).commit(at + count, partition=partition)
        for offset, record in enumerate(records, start=at):
            self.acknowledge(record, at=offset, partition=partition)
        return self

    def end(self, *, is_settled: bool = True) -> Self:
        return self._add(events.RunEnded(self.now_us, is_settled))

    def judged(self, guarantee: str) -> Verdict:
        return GUARANTEES[guarantee].judge(Ledger(self.events))

    def state(self, guarantee: str) -> State:
        return self.judged(guarantee).state
