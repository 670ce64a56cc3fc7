"""Control records that end a transaction in one partition: commit or abort, and which coordinator decided (EndTransactionMarker).

A marker is the one record of a control batch: its key says version and type, its value version and coordinator epoch.
"""

from __future__ import annotations

from struct import Struct, error
from typing import NamedTuple

from producer.errors import MalformedError
from producer.wire.record_batch import BatchRecord, decode_records, encode_batch

_KEY = Struct(">hh")
_VALUE = Struct(">hi")
_VERSION = 0
_ABORT, _COMMIT = 0, 1


class EndMarker(NamedTuple):
    """How a transaction ended."""

    is_commit: bool
    coordinator_epoch: int


def encode_end_marker(
    marker: EndMarker,
    *,
    producer_id: int,
    producer_epoch: int,
    timestamp_ms: int,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
) -> bytes:
    """Write the control batch of a marker."""
    key = _KEY.pack(_VERSION, _COMMIT if marker.is_commit else _ABORT)
    value = _VALUE.pack(_VERSION, marker.coordinator_epoch)
    return encode_batch(
        [(key, value, (), timestamp_ms)],
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_offset=base_offset,
        partition_leader_epoch=partition_leader_epoch,
        is_transactional=True,
        is_control=True,
    )


def read_end_marker(batch: bytes) -> EndMarker | None:
    """Read the marker of a control batch; None for a control record of another type. Raises MalformedError."""
    record, kind = _control_record(batch)
    if kind not in {_ABORT, _COMMIT}:
        return None
    try:
        _, coordinator_epoch = _VALUE.unpack_from(record.value or b"")
    except error as problem:
        msg = f"a control record with key {record.key!r} and value {record.value!r}: {problem}"
        raise MalformedError(msg) from problem
    return EndMarker(kind == _COMMIT, coordinator_epoch)


def is_abort(batch: bytes) -> bool:
    """Whether a control batch aborts a transaction: its key says it, and consumers look at nothing else. Raises MalformedError."""
    _, kind = _control_record(batch)
    return kind == _ABORT


def _control_record(batch: bytes) -> tuple[BatchRecord, int]:
    """Give the one record of a control batch, and its type (ControlRecordType)."""
    records = decode_records(batch)
    key = records[0].key if records else None
    if key is None or len(key) < _KEY.size:
        msg = f"a control batch without a control record: {records!r}"
        raise MalformedError(msg)
    kind: int = _KEY.unpack_from(key)[1]
    return records[0], kind
