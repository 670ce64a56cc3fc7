"""A batch of which compaction has left some records, or none: at their offsets, under the sequence that it had.

Kafka: MemoryRecords.filterTo, DefaultRecordBatch.writeEmptyHeader; KIP-534 for the delete horizon, which stands in the place of the
base timestamp.
"""

from __future__ import annotations

from collections.abc import Sequence
from struct import Struct
from typing import TYPE_CHECKING

from producer.wire.checksum import crc32c
from producer.wire.compression import compress
from producer.wire.record_batch import BATCH_OVERHEAD, CODEC_MASK, LENGTH_OVERHEAD, MAGIC
from producer.wire.varint import ZIGZAG_NULL, encode_zigzag

if TYPE_CHECKING:
    from producer.records import Headers
    from producer.wire.record_batch import BatchHeader, BatchRecord

DELETE_HORIZON = 0x40
"""The attribute of a batch whose base timestamp is its delete horizon."""
NO_HORIZON = -1
_NO_TIMESTAMP = -1

_CHECKED = Struct(">hiqqqhii")
_UNCHECKED = Struct(">qiibI")


def delete_horizon_ms(header: BatchHeader) -> int:
    """From which time on a batch's tombstones may go; -1 where no cleaner has come by yet."""
    return header.base_timestamp_ms if header.attributes & DELETE_HORIZON else NO_HORIZON


def compacted(header: BatchHeader, kept: Sequence[BatchRecord], *, horizon_ms: int = NO_HORIZON) -> bytes:
    """Encode what is left of a batch, one record at least, with the time from which its tombstones may go, if there are any."""
    is_append_time = header.is_log_append_time
    base_timestamp_ms = kept[0].timestamp_ms if horizon_ms == NO_HORIZON else horizon_ms
    max_timestamp_ms = header.max_timestamp_ms if is_append_time else max([record.timestamp_ms for record in kept])
    body = b"".join([_encoded(record, header.base_offset, base_timestamp_ms) for record in kept])
    codec = header.codec
    if codec:
        body = compress(codec, body)
    attributes = header.attributes & ~DELETE_HORIZON | (0 if horizon_ms == NO_HORIZON else DELETE_HORIZON)
    return _batch(header, attributes, base_timestamp_ms, max_timestamp_ms, len(kept), body)


def emptied(header: BatchHeader) -> bytes:
    """Encode what is left of a batch whose last sequence, or last offset, is all that anybody needs of it."""
    attributes = header.attributes & ~(DELETE_HORIZON | CODEC_MASK)
    return _batch(header, attributes, _NO_TIMESTAMP, header.max_timestamp_ms, 0, b"")


def _batch(
    header: BatchHeader, attributes: int, base_timestamp_ms: int, max_timestamp_ms: int, count: int, body: bytes
) -> bytes:
    checked = _CHECKED.pack(
        attributes,
        header.last_offset_delta,
        base_timestamp_ms,
        max_timestamp_ms,
        header.producer_id,
        header.producer_epoch,
        header.base_sequence,
        count,
    )
    crc = crc32c(body, crc32c(checked, 0))
    length = BATCH_OVERHEAD - LENGTH_OVERHEAD + len(body)
    unchecked = _UNCHECKED.pack(header.base_offset, length, header.partition_leader_epoch, MAGIC, crc)
    return b"".join((unchecked, checked, body))


def _encoded(record: BatchRecord, base_offset: int, base_timestamp_ms: int) -> bytes:
    content = b"".join(
        (
            # The record's attributes, of which Kafka uses none.
            b"\x00",
            encode_zigzag(record.timestamp_ms - base_timestamp_ms),
            encode_zigzag(record.offset - base_offset),
            _field(record.key),
            _field(record.value),
            _headers(record.headers),
        )
    )
    return encode_zigzag(len(content)) + content


def _field(content: bytes | None) -> bytes:
    return ZIGZAG_NULL if content is None else encode_zigzag(len(content)) + content


def _headers(headers: Headers) -> bytes:
    fields = [field for name, value in headers for field in (_field(name.encode()), _field(value))]
    return encode_zigzag(len(headers)) + b"".join(fields)
