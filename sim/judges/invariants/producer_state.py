"""Producer state: what a replica remembers of producers is what the batches in its log say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.records import TopicPartition
from producer.wire.record_batch import CONTROL, TRANSACTIONAL
from sim.cluster.broker.producer_state import BATCHES_REMEMBERED
from sim.judges.invariants.invariant import Invariant
from sim.trace.events import (
    BatchAppended,
    BatchReplicated,
    BecameFollower,
    BecameLeader,
    LogRestarted,
    LogTruncated,
    SegmentsDeleted,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.wire.record_batch import BatchHeader
    from sim.cluster.broker.partition import Partition
    from sim.cluster.stored_batch import StoredBatch
    from sim.judges.invariants.chronicle import Chronicle

_MS_US = 1_000

_Batches = list[tuple[int, int, int, int]]
"""First and last sequence, first and last offset of up to five batches."""


class _Told(NamedTuple):
    """What a log says of one producer."""

    epoch: int
    batches: _Batches
    timestamps_ms: list[int]
    """The newest of each of these batches."""
    transaction_from: int
    """Where its open transaction begins; -1 if a marker ended the last one, or there was none."""
    ended_ms: int
    """The time of its last marker; -1 if there is none."""


class ProducerState(Invariant):
    """Reads the headers of the batches a second time, and compares."""

    NAME = "producer state"
    PROMISE = "a replica remembers of every producer what the last batches of its epoch in the log say, and of no other"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._told: dict[tuple[int, TopicPartition], dict[int, _Told]] = {}

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {
            BatchAppended: self._grew,
            BatchReplicated: self._grew,
            LogTruncated: self._was_cut,
            LogRestarted: self._was_cut,
            SegmentsDeleted: self._was_cut,
            BecameLeader: self._took_a_role,
            BecameFollower: self._took_a_role,
        }

    def _grew(self, event: BatchAppended | BatchReplicated) -> None:
        tp, log, replica = self.disks.here(event)
        key = event.broker, tp
        if not log or replica is None:
            return
        told = self._told.get(key)
        if told is None:
            told = self._told[key] = {}
        header = log[-1].header
        if header.producer_id >= 0:
            _learn(told, header)
            self._compare(key, replica, header.producer_id, told)

    def _was_cut(self, event: LogTruncated | LogRestarted | SegmentsDeleted) -> None:
        self._read_again((event.broker, TopicPartition(event.topic, event.partition)))

    def _took_a_role(self, event: BecameLeader | BecameFollower) -> None:
        self._read_again((event.broker, TopicPartition(event.topic, event.partition)))

    def _read_again(self, key: tuple[int, TopicPartition]) -> None:
        told = self._told[key] = _read(self.disks.held(*key))
        replica = self.disks.replica(*key)
        if replica is not None:
            for producer_id in {**told, **dict.fromkeys(replica.log.producers.ids())}:
                self._compare(key, replica, producer_id, told)

    def _compare(
        self, key: tuple[int, TopicPartition], replica: Partition, producer_id: int, told: dict[int, _Told]
    ) -> None:
        held = replica.log.producers.remembered(producer_id)
        expected = told.get(producer_id)
        if expected is None:
            self.breach(f"b{key[0]} remembers producer {producer_id} in {key[1]}, whose log has nothing of it")
        elif held != (expected.epoch, expected.batches):
            if not self._may_have_forgotten(key[0], expected, held):
                known = None if held is None else (held[0], [tuple(batch) for batch in held[1]])
                self.breach(
                    f"b{key[0]} remembers {known} of producer {producer_id} in {key[1]}, and its log says "
                    f"{expected.epoch, expected.batches}"
                )
            # As if it had never written the rest: what it writes next is compared with what is left.
            left = 0 if held is None else len(held[1])
            del expected.batches[: len(expected.batches) - left]
            del expected.timestamps_ms[: len(expected.timestamps_ms) - left]
            if held is None and not expected.batches:
                del told[producer_id]
        elif replica.log.producers.transaction_of(producer_id) != expected.transaction_from:
            self.breach(
                f"b{key[0]} knows a transaction of producer {producer_id} in {key[1]} from offset "
                f"{replica.log.producers.transaction_of(producer_id)} on, and its log says {expected.transaction_from}"
            )

    def _may_have_forgotten(self, broker: int, told: _Told, held: tuple[int, _Batches] | None) -> bool:
        """Whether what is missing is old enough, and only what is oldest is missing (producer.id.expiration.ms)."""
        expiration_ms = self.chronicle.producer_id_expiration_us // _MS_US
        if held is None and told.transaction_from >= 0:
            return False
        if held is None and not told.batches:
            return self.chronicle.now_ms(broker) - told.ended_ms >= expiration_ms
        epoch, batches = (told.epoch, []) if held is None else held
        missing = len(told.batches) - len(batches)
        if missing < 1 or epoch != told.epoch or batches != told.batches[missing:]:
            return False
        age_ms = self.chronicle.now_ms(broker) - told.timestamps_ms[missing - 1]
        return age_ms >= expiration_ms

    def look(self) -> None:
        for broker, tp, _ in tuple(self.disks.replicas()):
            self._read_again((broker, tp))


def _read(log: Iterable[StoredBatch]) -> dict[int, _Told]:
    """Go through a whole log; that the headers are what the bytes say is log matching's matter."""
    told: dict[int, _Told] = {}
    for stored in log:
        header = stored.header
        if header.producer_id >= 0:
            _learn(told, header)
    return told


def _learn(told: dict[int, _Told], header: BatchHeader) -> None:
    known = told.get(header.producer_id)
    if known is None:
        known = told[header.producer_id] = _Told(header.producer_epoch, [], [], -1, -1)
    elif known.epoch != header.producer_epoch:
        known = told[header.producer_id] = _Told(header.producer_epoch, [], [], known.transaction_from, known.ended_ms)
    if header.attributes & (TRANSACTIONAL | CONTROL):
        if header.is_control:
            told[header.producer_id] = known._replace(transaction_from=-1, ended_ms=header.max_timestamp_ms)
            return
        if known.transaction_from < 0:
            known = told[header.producer_id] = known._replace(transaction_from=header.base_offset)
    batches = known.batches
    batches.append((header.base_sequence, header.last_sequence, header.base_offset, header.last_offset))
    known.timestamps_ms.append(header.max_timestamp_ms)
    if len(batches) > BATCHES_REMEMBERED:
        del batches[0], known.timestamps_ms[0]
