"""What brokers did for clients that tell us nothing: which batches were acknowledged, and whether they lie on the disks.

A foreign client says nothing of its records. What is known is what brokers told it, and that is what is judged: a batch whose
answer of success left its broker is a promise. What grows with the traffic is kept as ranges of offsets.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError, UnsupportedVersionError
from producer.records import TopicPartition
from producer.wire.record_batch import decode_records
from sim.cluster.config import host_of
from sim.serve.positions import Positions
from sim.serve.ranges import Ranges
from sim.trace.events import (
    BatchAppended,
    BatchDeduplicated,
    ProduceAnswered,
    ResponseSent,
    SegmentsCleaned,
    TopicDeleted,
)

if TYPE_CHECKING:
    from sim.cluster.broker.partition_log import PartitionLog
    from sim.cluster.cluster import Cluster
    from sim.cluster.stored_batch import StoredBatch

UNHEARD_RECORDS_MAX = 20_000
"""How many records are known one by one, of batches whose answer their client never heard: the first of them are forgotten."""
REMEMBERED_BATCHES_MAX = 20_000
"""How many of the last batches are known by their bytes: one that comes again after more than these is not told."""
PRODUCE = "Produce"

_Where = tuple[str, int]
"""A client's address and the number of its connection, which works on one request at a time."""


class _Pending(NamedTuple):
    """A batch that a broker has, and its client has yet to hear of."""

    correlation_id: int
    tp: TopicPartition
    leader_epoch: int
    base_offset: int
    last_offset: int
    broker: int


class _Unheard(NamedTuple):
    """A record of such a batch: whoever never heard that it is written may send it again, in a batch of another make."""

    tp: TopicPartition
    client: str
    timestamp_ms: int
    key: bytes | None
    value: bytes | None


class Twice(NamedTuple):
    """Records that their client sent again, and that were appended again: a batch byte for byte, or one by one."""

    tp: TopicPartition
    first_offset: int
    again_offset: int
    records: int


class Account:
    """Watches a cluster's trace from the start, in memory that does not grow with time."""

    def __init__(self, cluster: Cluster) -> None:
        """Look on from now on."""
        self._cluster = cluster
        self.positions = Positions(cluster)
        """How far groups were told that they have come."""
        self._pending: dict[_Where, list[_Pending]] = {}
        self._recent: OrderedDict[tuple[TopicPartition, str, int, int], tuple[_Where, int]] = OrderedDict()
        self._unheard: OrderedDict[_Unheard, int] = OrderedDict()
        self.acknowledged: dict[TopicPartition, dict[int, Ranges]] = {}
        """Partition -> leader epoch -> the offsets that its clients were told are written."""
        self.compacted: dict[TopicPartition, dict[int, Ranges]] = {}
        """Partition -> leader epoch -> the offsets that a cleaner took from some broker's log."""
        self.twice: list[Twice] = []
        """Batches whose bytes a client sent a second time, and that are there a second time."""
        self.appended_batches = 0
        self.appended_records = 0
        self.refused: Counter[str] = Counter()
        """Kafka's error -> answers about a partition that carried it."""
        self._brokers = frozenset(host_of(number) for number in cluster.brokers)
        trace = cluster.trace
        trace.watch(BatchAppended, self._appended)
        trace.watch(BatchDeduplicated, self._deduplicated)
        trace.watch(ProduceAnswered, self._answered)
        trace.watch(ResponseSent, self._sent)
        trace.watch(SegmentsCleaned, self._cleaned)
        trace.watch(TopicDeleted, self._deleted)

    @property
    def acknowledged_records(self) -> int:
        return sum(len(one) for epochs in self.acknowledged.values() for one in epochs.values())

    def gone(self, address: str, connection: int) -> None:
        """A connection is over: what it has not heard it never will."""
        self.positions.gone(address, connection)
        for one in self._pending.pop((address, connection), ()):
            for offset, record in self._records(one.broker, one.tp, one.base_offset, address):
                self._unheard[record] = offset
        while len(self._unheard) > UNHEARD_RECORDS_MAX:
            self._unheard.popitem(last=False)

    # -- what happens --------------------------------------------------------------------------------------------------

    def _appended(self, event: BatchAppended) -> None:
        if event.client in self._brokers:
            # What coordinators keep, and ends of transactions: no client's records.
            return
        tp = TopicPartition(event.topic, event.partition)
        records = event.last_offset - event.base_offset + 1
        self.appended_batches += 1
        self.appended_records += records
        where = (event.client, event.connection)
        pending = _Pending(
            event.correlation_id, tp, event.leader_epoch, event.base_offset, event.last_offset, event.broker
        )
        self._await(where, pending)
        # The same bytes over another connection: a client whose answer was lost. Two equal batches that somebody means to
        # send have other times in them, or come over one connection.
        key = (tp, event.client, event.crc, records)
        before = self._recent.pop(key, None)
        if before is not None and before[0] != where:
            self.twice.append(Twice(tp, before[1], event.base_offset, records))
        elif self._unheard:
            self._look_for_unheard(event, tp)
        self._recent[key] = (where, event.base_offset)
        if len(self._recent) > REMEMBERED_BATCHES_MAX:
            self._recent.popitem(last=False)

    def _look_for_unheard(self, event: BatchAppended, tp: TopicPartition) -> None:
        for offset, record in self._records(event.broker, tp, event.base_offset, event.client):
            first = self._unheard.pop(record, None)
            if first is not None:
                self._add_twice(tp, first, offset)

    def _add_twice(self, tp: TopicPartition, first: int, again: int) -> None:
        """Take one more record that is there twice, with its neighbours if they are too."""
        last = self.twice[-1] if self.twice else None
        if last is not None and (last.tp, last.first_offset + last.records, last.again_offset + last.records) == (
            tp,
            first,
            again,
        ):
            self.twice[-1] = last._replace(records=last.records + 1)
        else:
            self.twice.append(Twice(tp, first, again, 1))

    def _records(
        self, broker: int, tp: TopicPartition, base_offset: int, client: str
    ) -> Iterator[tuple[int, _Unheard]]:
        """Give the records of a client's batch in a broker's log, with their offsets; none where it is gone."""
        stored = self._stored(broker, tp, base_offset)
        if stored is None:
            return
        try:
            records = decode_records(stored.data)
        except (MalformedError, UnsupportedVersionError):
            return  # bytes that went bad on the disk: there is no telling what they were
        for record in records:
            yield record.offset, _Unheard(tp, client, record.timestamp_ms, record.key, record.value)

    def _deduplicated(self, event: BatchDeduplicated) -> None:
        tp = TopicPartition(event.topic, event.partition)
        stored = self._stored(event.broker, tp, event.base_offset)
        if stored is not None:
            pending = _Pending(
                event.correlation_id, tp, stored.leader_epoch, stored.base_offset, stored.last_offset, event.broker
            )
            self._await((event.client, event.connection), pending)

    def _await(self, where: _Where, pending: _Pending) -> None:
        waiting = self._pending.get(where)
        if waiting is None or waiting[0].correlation_id != pending.correlation_id:
            # The one before had no answer: acks=0.
            waiting = self._pending[where] = []
        waiting.append(pending)

    def _answered(self, event: ProduceAnswered) -> None:
        if event.code != Code.NONE:
            self.refused[Code(event.code).name] += 1
            where = (event.client, event.connection)
            tp = TopicPartition(event.topic, event.partition)
            left = [one for one in self._pending.pop(where, ()) if one.tp != tp]
            if left:
                self._pending[where] = left

    def _sent(self, event: ResponseSent) -> None:
        if event.api != PRODUCE:
            return
        for one in self._pending.pop((event.client, event.connection), ()):
            if one.correlation_id == event.correlation_id:
                epochs = self.acknowledged.setdefault(one.tp, {})
                epochs.setdefault(one.leader_epoch, Ranges()).add(one.base_offset, one.last_offset)

    def _cleaned(self, event: SegmentsCleaned) -> None:
        tp = TopicPartition(event.topic, event.partition)
        log = self._log(event.broker, tp)
        if log is not None:
            epochs = self.compacted.setdefault(tp, {})
            for offset in event.removed:
                epochs.setdefault(log.epoch_at(offset), Ranges()).add(offset, offset)

    def is_compacted(self, tp: TopicPartition, offset: int) -> bool:
        """Whether a cleaner took from some broker's log what lay at that offset."""
        return any(ranges.holds(offset) for ranges in self.compacted.get(tp, {}).values())

    def _deleted(self, event: TopicDeleted) -> None:
        for facts in (self.acknowledged, self.compacted):
            for tp in [tp for tp in facts if tp.topic == event.topic]:
                del facts[tp]
        self.twice = [one for one in self.twice if one.tp.topic != event.topic]

    def _stored(self, broker_id: int, tp: TopicPartition, offset: int) -> StoredBatch | None:
        log = self._log(broker_id, tp)
        return None if log is None else next(iter(log.read(offset, up_to_offset=log.end_offset, bytes_max=0)), None)

    def _log(self, broker_id: int, tp: TopicPartition) -> PartitionLog | None:
        process = self._cluster.brokers[broker_id].process
        partition = None if process is None else process.replicas.partitions.get(tp)
        return None if partition is None else partition.log
