"""The records in what a leader gave: those at and behind the position, and none of a transaction that was aborted."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.client.last_seen import NO_EPOCH
from producer.records import Headers
from producer.wire.end_markers import is_abort
from producer.wire.record_batch import check_crc, computed_crc, decode_records, split_batches

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.records import TopicPartition
    from producer.wire.messages.fetch import AbortedTransaction, FetchPartitionResponse
    from producer.wire.record_batch import BatchHeader


class ConsumedRecord(NamedTuple):
    """One record as it was read."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    leader_epoch: int = NO_EPOCH
    """Of the leader that first appended its batch; -1 where nobody said."""
    is_append_time: bool = False
    """Whether the time is the leader's (LogAppendTime) and not the producer's."""


class Taken(NamedTuple):
    """What there was in an answer."""

    records: list[ConsumedRecord]
    position: int
    """What is to be read next: control batches and aborted records are passed over as well."""
    epoch: int
    """The leader epoch of what stands before it; -1 if nothing was taken."""
    corrupt: str = ""
    """What is wrong with the batch at the position, if its bytes do not match its CRC: nothing behind it was taken."""


def take_batches(
    partition: TopicPartition,
    told: FetchPartitionResponse,
    *,
    position: int,
    end_offset: int,
    committed_only: bool,
) -> Taken:
    """Read from `position` up to `end_offset`, -1 for all there is. Raises MalformedError: nothing counts as read then."""
    topic, index = partition
    records: list[ConsumedRecord] = []
    aborted = _Aborted((told.aborted_transactions or ()) if committed_only else ())
    epoch = NO_EPOCH
    for header, batch in split_batches(told.records or b"", allow_partial=True):
        if not check_crc(batch, 0, header):
            # What stands before it was read all the same (CompletedFetch.maybeEnsureValid, check.crcs).
            return Taken(records, position, epoch, _mismatch(header, batch))
        is_passed_over = aborted.passes_over(header, batch) or header.is_control
        if header.last_offset < position:
            continue
        position_before, position, epoch = position, header.last_offset + 1, header.partition_leader_epoch
        if is_passed_over:
            continue
        records += [
            ConsumedRecord(topic, index, *record, epoch, header.is_log_append_time)
            for record in decode_records(batch)
            if record.offset >= position_before and not 0 <= end_offset <= record.offset
        ]
    return Taken(records, position, epoch)


def _mismatch(header: BatchHeader, batch: bytes) -> str:
    """Say what is wrong with a batch that has gone bad (DefaultRecordBatch.ensureValid)."""
    crcs = f"CRC {header.crc:#010x} is stored, {computed_crc(batch):#010x} computed"
    return f"the batch at offset {header.base_offset} is corrupt: {crcs}"


class _Aborted:
    """Which producers' transactions are known to be aborted at the place that is read (CompletedFetch)."""

    __slots__ = ("_producer_ids", "_to_come")

    def __init__(self, aborted: Iterable[AbortedTransaction]) -> None:
        self._to_come = deque(sorted(aborted, key=lambda one: one.first_offset))
        self._producer_ids: dict[int, None] = {}

    def passes_over(self, header: BatchHeader, batch: bytes) -> bool:
        """Whether the batch is part of one of them. Its marker ends a transaction; the producer's next may be committed."""
        while self._to_come and self._to_come[0].first_offset <= header.last_offset:
            self._producer_ids[self._to_come.popleft().producer_id] = None
        if header.producer_id not in self._producer_ids:
            return False
        if header.is_control:
            if is_abort(batch):
                del self._producer_ids[header.producer_id]
            return True
        return header.is_transactional
