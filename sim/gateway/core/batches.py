"""Batches whose records are changed on the way: everything else in them stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import MalformedError
from producer.wire.compacted_batch import compacted, delete_horizon_ms
from producer.wire.record_batch import decode_records, split_batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.wire.record_batch import BatchHeader, BatchRecord
    from sim.gateway.core.enforcement import Steps


def with_records(header: BatchHeader, before: bytes, records: tuple[BatchRecord, ...]) -> bytes:
    """Give the batch `before` with other records at the same offsets: producer, sequence, times and codec stay.

    The same records give the same bytes. Raises ValueError for more or fewer records, or other offsets: to the log, and to whoever
    numbers them, that would be another batch.
    """
    there = decode_records(before)
    if [record.offset for record in there] != [record.offset for record in records]:
        msg = f"{len(records)} records in place of {len(there)}, or at other offsets"
        raise ValueError(msg)
    if there == records:
        return before
    return compacted(header, records, horizon_ms=delete_horizon_ms(header))


def changed(data: bytes, change: Callable[[tuple[BatchRecord, ...]], Steps[tuple[BatchRecord, ...]]]) -> Steps[bytes]:
    """Give batches as a Fetch answer has them, the last perhaps cut off, with their records changed.

    Markers of transactions and batches that compaction emptied stay as they are. What cannot be read stays as it is, too: the
    client is to find that, as it would without us.
    """
    parts: list[bytes] = []
    end = 0
    for header, batch in _whole_batches(data):
        end += len(batch)
        if header.is_control or not header.record_count:
            parts.append(batch)
            continue
        try:
            records = decode_records(batch)
        except MalformedError:
            parts.append(batch)
            continue
        parts.append(with_records(header, batch, (yield from change(records))))
    parts.append(data[end:])
    return b"".join(parts)


def _whole_batches(data: bytes) -> list[tuple[BatchHeader, bytes]]:
    try:
        return split_batches(data, allow_partial=True)
    except MalformedError:
        return []
