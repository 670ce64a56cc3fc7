"""RecordBatch v2: Kafka's own bytes for records, in the log as on the wire (DefaultRecordBatch, DefaultRecord)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from struct import Struct
from typing import NamedTuple

from producer.errors import MalformedError, UsageError
from producer.records import Headers
from producer.wire.checksum import crc32c
from producer.wire.compression import DECOMPRESSED_BYTES_MAX, Codec, compress, decompress
from producer.wire.varint import ZIGZAG, ZIGZAG_NULL, decode_zigzag, encode_zigzag, zigzag_size

EncodableRecord = tuple[bytes | None, bytes | None, Headers, int]
"""Key, value, headers, timestamp in ms."""

MAGIC = 2
BATCH_OVERHEAD = 61
"""Bytes of a batch before its first record."""
LENGTH_OVERHEAD = 12
"""Bytes that `batch_length` does not count: the base offset and the length itself."""

CODEC_MASK = 0x07
LOG_APPEND_TIME = 0x08
TRANSACTIONAL = 0x10
CONTROL = 0x20

SEQUENCE_MASK = 0x7FFFFFFF
"""Sequences wrap from 2^31-1 to 0."""

_HEADER = Struct(">qiixIhiqqqhii")
# What the CRC covers begins with the attributes; the fields before it belong to the log, which may change them.
_CHECKED = Struct(">hiqqqhii")
_UNCHECKED = Struct(">qiibI")
_MAGIC_AT = 16
_CRC_AT = 17
_ATTRIBUTES_AT = 21
_MAX_TIMESTAMP_AT = 35
_PRODUCER_AT = 43
_CRC = Struct(">I")
_INT32 = Struct(">i")
_INT64 = Struct(">q")
_BASE_OFFSET_AND_LENGTH = Struct(">qi")
_PRODUCER = Struct(">qhi")
_ATTRIBUTES = Struct(">h")

_TABLE_ENTRIES = len(ZIGZAG)
SIZED = [size + len(field) for size, field in enumerate(ZIGZAG)]
"""`SIZED[n]` is what n bytes take together with the field that says n. Never index it with a negative number."""
SHORT = 64
"""Lengths, offsets and times below this take one byte."""
NO_HEADERS: Mapping[int, Headers] = {}


class BatchHeader(NamedTuple):
    """Everything about a batch but its records."""

    base_offset: int
    batch_length: int
    """Bytes after this field."""
    partition_leader_epoch: int
    crc: int
    attributes: int
    last_offset_delta: int
    base_timestamp_ms: int
    max_timestamp_ms: int
    producer_id: int
    producer_epoch: int
    base_sequence: int
    record_count: int

    @property
    def codec(self) -> Codec:
        """How the records are compressed. Raises MalformedError for one that Kafka does not have."""
        codec = self.attributes & CODEC_MASK
        if codec > Codec.ZSTD:
            msg = f"compression codec {codec}, must be 0..{Codec.ZSTD:d}"
            raise MalformedError(msg)
        return Codec(codec)

    @property
    def is_transactional(self) -> bool:
        """Whether the batch is part of a transaction."""
        return bool(self.attributes & TRANSACTIONAL)

    @property
    def is_control(self) -> bool:
        """Whether it holds a transaction marker in place of an application's records."""
        return bool(self.attributes & CONTROL)

    @property
    def is_log_append_time(self) -> bool:
        """Whether `max_timestamp_ms` is the time of the append, and the time of each record."""
        return bool(self.attributes & LOG_APPEND_TIME)

    @property
    def last_offset(self) -> int:
        """The offset of the last record; compaction may have removed it since."""
        return self.base_offset + self.last_offset_delta

    @property
    def size_bytes(self) -> int:
        """The whole batch, from its base offset on."""
        return LENGTH_OVERHEAD + self.batch_length

    @property
    def last_sequence(self) -> int:
        """The sequence of the last record, wrapped at 2^31; -1 without a producer id."""
        if self.base_sequence < 0:
            return -1
        return (self.base_sequence + self.last_offset_delta) & SEQUENCE_MASK


class BatchRecord(NamedTuple):
    """One record out of a batch."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Headers


def encode_batch(
    records: Sequence[EncodableRecord],
    *,
    codec: Codec = Codec.NONE,
    level: int | None = None,
    producer_id: int = -1,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
    is_transactional: bool = False,
    is_control: bool = False,
) -> bytes:
    """Encode (key, value, headers, timestamp in ms) tuples as `encode_columns` does."""
    return encode_columns(
        [record[0] for record in records],
        [record[1] for record in records],
        [record[3] for record in records],
        {index: record[2] for index, record in enumerate(records) if record[2]},
        codec=codec,
        level=level,
        producer_id=producer_id,
        producer_epoch=producer_epoch,
        base_sequence=base_sequence,
        base_offset=base_offset,
        partition_leader_epoch=partition_leader_epoch,
        is_transactional=is_transactional,
        is_control=is_control,
    )


def encode_columns(
    keys: Sequence[bytes | None],
    values: Sequence[bytes | None],
    timestamps_ms: Sequence[int],
    headers: Mapping[int, Headers] = NO_HEADERS,
    *,
    codec: Codec = Codec.NONE,
    level: int | None = None,
    producer_id: int = -1,
    producer_epoch: int = -1,
    base_sequence: int = -1,
    base_offset: int = 0,
    partition_leader_epoch: int = -1,
    is_transactional: bool = False,
    is_control: bool = False,
) -> bytes:
    """Encode records to one batch: their keys, values and times, and the headers of those that have some, by index.

    Offsets count up from `base_offset`. Raises UsageError for no records at all: Kafka has no empty batch that a producer
    may send.
    """
    count = len(values)
    if count == 0:
        msg = "a batch of 0 records, must be at least 1"
        raise UsageError(msg)
    base_timestamp_ms = timestamps_ms[0]
    max_timestamp_ms = max(timestamps_ms)
    parts: list[bytes] | None = None
    if not headers and count <= _TABLE_ENTRIES and min(timestamps_ms) == base_timestamp_ms:
        late_ms = max_timestamp_ms - base_timestamp_ms
        if late_ms < SHORT:
            parts = _uniform_parts(keys, values, timestamps_ms, late_ms)
        if parts is None:
            parts = _plain_parts(keys, values, timestamps_ms)
    if parts is None:
        parts = _general_parts(keys, values, timestamps_ms, headers)
    body = b"".join(parts)
    if codec:
        body = compress(codec, body, level)
    attributes = int(codec)
    if is_transactional:
        attributes |= TRANSACTIONAL
    if is_control:
        attributes |= CONTROL
    checked = _CHECKED.pack(
        attributes, count - 1, base_timestamp_ms, max_timestamp_ms, producer_id, producer_epoch, base_sequence, count
    )
    crc = crc32c(body, crc32c(checked, 0))
    batch_length = BATCH_OVERHEAD - LENGTH_OVERHEAD + len(body)
    unchecked = _UNCHECKED.pack(base_offset, batch_length, partition_leader_epoch, MAGIC, crc)
    return b"".join((unchecked, checked, body))


def one_size(column: Sequence[bytes | None]) -> int | None:
    """Give how long each entry is, -1 if each is null; None if they differ."""
    first, last = column[0], column[-1]
    if first is None or last is None:
        return -1 if first is last and column.count(None) == len(column) else None
    size = len(first)
    if len(last) != size:
        return None
    try:
        sizes = list(map(len, column))  # type: ignore[arg-type] # a null among them is what the except is for
    except TypeError:
        return None
    return size if sizes.count(size) == len(sizes) else None


def _uniform_parts(
    keys: Sequence[bytes | None], values: Sequence[bytes | None], timestamps_ms: Sequence[int], late_ms: int
) -> list[bytes] | None:
    """Give the parts of records that are all of one shape, column by column and without a loop; None if they are not.

    Twice as fast as `_plain_parts`. Without headers, and with times within `late_ms` < 64 of the first.
    """
    key_size, value_size = one_size(keys), one_size(values)
    if key_size is None or value_size is None:
        return None
    count = len(values)
    key_field = ZIGZAG_NULL if key_size < 0 else encode_zigzag(key_size)
    value_field = ZIGZAG_NULL if value_size < 0 else encode_zigzag(value_size)
    # Beside key and value: attributes, time, offset, and the count of headers, which stands at the end of a record. It is
    # always zero, and here the first byte of the next record's first part.
    size = 4 + len(key_field) + max(key_size, 0) + len(value_field) + max(value_size, 0)
    short, long = (b"\x00" + encode_zigzag(size) + b"\x00", b"\x00" + encode_zigzag(size + 1) + b"\x00")
    parts: list[bytes] = [b""] * (7 * count)
    parts[0::7] = [short] * min(count, SHORT) + [long] * max(count - SHORT, 0)
    if late_ms:
        base_ms = timestamps_ms[0]
        parts[1::7] = [ZIGZAG[timestamp_ms - base_ms] for timestamp_ms in timestamps_ms]
    else:
        parts[1::7] = [b"\x00"] * count
    parts[2::7] = ZIGZAG[:count]
    parts[3::7] = [key_field] * count
    if key_size >= 0:
        parts[4::7] = keys  # type: ignore[assignment] # none of them is null
    parts[5::7] = [value_field] * count
    if value_size >= 0:
        parts[6::7] = values  # type: ignore[assignment] # none of them is null
    parts[0] = short[1:]
    parts.append(b"\x00")
    return parts


def _plain_parts(
    keys: Sequence[bytes | None], values: Sequence[bytes | None], timestamps_ms: Sequence[int]
) -> list[bytes] | None:
    """Give the parts of records without null values, where all sizes and times are within the tables.

    None if one record is otherwise. Half the producer's time for a record is spent here, hence the terse loop: sums of
    table entries in place of lengths of parts, and the timestamp's field made only when the timestamp changes.
    """
    table = ZIGZAG
    sized = SIZED
    parts: list[bytes] = []
    base_timestamp_ms = previous_ms = timestamps_ms[0]
    # The record's attributes, always zero, stand before its timestamp; the third byte counted is the count of headers.
    time_field = b"\x00\x00"
    rest_size = 3
    try:
        for key, value, timestamp_ms, offset_field in zip(keys, values, timestamps_ms, table, strict=False):
            if timestamp_ms != previous_ms:
                previous_ms = timestamp_ms
                time_field = b"\x00" + table[timestamp_ms - base_timestamp_ms]
                rest_size = len(time_field) + 1
            if value is None:
                return None
            value_size = len(value)
            if key is None:
                size = 1 + sized[value_size] + rest_size + len(offset_field)
                parts += (table[size], time_field, offset_field, ZIGZAG_NULL, table[value_size], value, b"\x00")
            else:
                key_size = len(key)
                size = sized[key_size] + sized[value_size] + rest_size + len(offset_field)
                parts += (
                    table[size],
                    time_field,
                    offset_field,
                    table[key_size],
                    key,
                    table[value_size],
                    value,
                    b"\x00",
                )
    except IndexError:
        # A size or a time beyond the tables.
        return None
    return parts


def _general_parts(
    keys: Sequence[bytes | None],
    values: Sequence[bytes | None],
    timestamps_ms: Sequence[int],
    headers: Mapping[int, Headers],
) -> list[bytes]:
    """Give the parts of any records at all."""
    parts: list[bytes] = []
    base_timestamp_ms = timestamps_ms[0]
    for offset_delta, (key, value, timestamp_ms) in enumerate(zip(keys, values, timestamps_ms, strict=True)):
        delta_field = encode_zigzag(timestamp_ms - base_timestamp_ms)
        offset_field = encode_zigzag(offset_delta)
        key_field = _length_field(key)
        value_field = _length_field(value)
        key_bytes = key or b""
        value_bytes = value or b""
        tail = _encode_headers(headers[offset_delta]) if offset_delta in headers else b"\x00"
        size = (
            1
            + len(delta_field)
            + len(offset_field)
            + len(key_field)
            + len(key_bytes)
            + len(value_field)
            + len(value_bytes)
            + len(tail)
        )
        parts += (
            encode_zigzag(size),
            b"\x00",
            delta_field,
            offset_field,
            key_field,
            key_bytes,
            value_field,
            value_bytes,
            tail,
        )
    return parts


def _length_field(content: bytes | None) -> bytes:
    """Give the field that says how many bytes follow; null has a length of -1 and none."""
    return ZIGZAG_NULL if content is None else encode_zigzag(len(content))


def _encode_headers(headers: Headers) -> bytes:
    parts = [encode_zigzag(len(headers))]
    for name, value in headers:
        encoded = name.encode()
        parts += (encode_zigzag(len(encoded)), encoded)
        if value is None:
            parts.append(ZIGZAG_NULL)
        else:
            parts += (encode_zigzag(len(value)), value)
    return b"".join(parts)


def record_size(key_len: int, value_len: int, headers: Headers, timestamp_delta_ms: int, offset_delta: int) -> int:
    """Give the exact bytes of one encoded record before compression; a length of -1 is null."""
    # Asked for each record that is sent: one byte holds up to 63, two up to 8,191, and most numbers here are small.
    size = 1 + (1 if 0 <= timestamp_delta_ms < 64 else zigzag_size(timestamp_delta_ms))
    size += 1 if offset_delta < 64 else zigzag_size(offset_delta)
    size += key_len + (1 if key_len < 64 else zigzag_size(key_len)) if key_len > 0 else 1
    size += (
        value_len + (1 if value_len < 64 else 2 if value_len < 8_192 else zigzag_size(value_len))
        if value_len > 0
        else 1
    )
    size += len(_encode_headers(headers)) if headers else 1
    return size + (1 if size < 64 else 2 if size < 8_192 else zigzag_size(size))


def restamp(batch: bytes, *, producer_id: int, producer_epoch: int, base_sequence: int) -> bytes:
    """Give the batch under another identity and sequence, with its CRC made new; the records stay as they are."""
    stamped = bytearray(batch)
    _PRODUCER.pack_into(stamped, _PRODUCER_AT, producer_id, producer_epoch, base_sequence)
    return _sealed(stamped)


def stamp_offsets(batch: bytes, *, base_offset: int, partition_leader_epoch: int) -> bytes:
    """Give the batch as the log keeps it: the leader's offsets and epoch, which lie outside the CRC."""
    length = batch[8:LENGTH_OVERHEAD]
    return b"".join((_INT64.pack(base_offset), length, _INT32.pack(partition_leader_epoch), batch[16:]))


def stamp_log_append_time(batch: bytes, timestamp_ms: int) -> bytes:
    """Give the batch as a topic with LogAppendTime keeps it, with its CRC made new."""
    stamped = bytearray(batch)
    attributes: int = _ATTRIBUTES.unpack_from(batch, _ATTRIBUTES_AT)[0]
    _ATTRIBUTES.pack_into(stamped, _ATTRIBUTES_AT, attributes | LOG_APPEND_TIME)
    _INT64.pack_into(stamped, _MAX_TIMESTAMP_AT, timestamp_ms)
    return _sealed(stamped)


def stamp_max_timestamp(batch: bytes, timestamp_ms: int) -> bytes:
    """Give the batch as a topic with CreateTime keeps it, with the time of its latest record and its CRC made new."""
    stamped = bytearray(batch)
    attributes: int = _ATTRIBUTES.unpack_from(batch, _ATTRIBUTES_AT)[0]
    _ATTRIBUTES.pack_into(stamped, _ATTRIBUTES_AT, attributes & ~LOG_APPEND_TIME)
    _INT64.pack_into(stamped, _MAX_TIMESTAMP_AT, timestamp_ms)
    return _sealed(stamped)


def _sealed(batch: bytearray) -> bytes:
    _CRC.pack_into(batch, _CRC_AT, computed_crc(batch))
    return bytes(batch)


def read_header(data: bytes, position: int = 0) -> BatchHeader:
    """Read the header of the batch at `position`, without a look at records or CRC.

    Raises MalformedError where there is no whole header, another magic, or a length that no batch can have.
    """
    if position < 0 or len(data) - position < BATCH_OVERHEAD:
        msg = f"a batch header needs {BATCH_OVERHEAD} bytes, {max(len(data) - position, 0)} are left"
        raise MalformedError(msg)
    magic = data[position + _MAGIC_AT]
    if magic != MAGIC:
        msg = f"a batch of magic {magic}, must be {MAGIC}"
        raise MalformedError(msg)
    header = BatchHeader._make(_HEADER.unpack_from(data, position))
    if header.batch_length < BATCH_OVERHEAD - LENGTH_OVERHEAD:
        msg = f"a batch length of {header.batch_length}, must be at least {BATCH_OVERHEAD - LENGTH_OVERHEAD}"
        raise MalformedError(msg)
    return header


def check_crc(data: bytes, position: int, header: BatchHeader) -> bool:
    """Whether the batch at `position` is whole and its CRC32C is the one its header names."""
    end = position + LENGTH_OVERHEAD + header.batch_length
    if end > len(data):
        return False
    return crc32c(memoryview(data)[position + _ATTRIBUTES_AT : end], 0) == header.crc


def computed_crc(batch: bytes | bytearray) -> int:
    """Give the CRC32C of exactly one whole batch, as its bytes are: what its header ought to name."""
    return crc32c(memoryview(batch)[_ATTRIBUTES_AT:], 0)


def split_batches(data: bytes, *, allow_partial: bool = False) -> list[tuple[BatchHeader, bytes]]:
    """Cut batches that lie one behind the other, each with its header; the CRCs are not checked.

    A last batch that is cut off is left out with `allow_partial`, as Fetch answers may have one. Raises MalformedError.
    """
    batches: list[tuple[BatchHeader, bytes]] = []
    position = 0
    total = len(data)
    while position < total:
        left = total - position
        if left >= LENGTH_OVERHEAD:
            size = LENGTH_OVERHEAD + _BASE_OFFSET_AND_LENGTH.unpack_from(data, position)[1]
            if left >= BATCH_OVERHEAD and left >= size:
                header = read_header(data, position)
                batches.append((header, data[position : position + size] if left != total or size != total else data))
                position += size
                continue
            if size < BATCH_OVERHEAD:
                msg = f"a batch of {size} bytes at byte {position}, must be at least {BATCH_OVERHEAD}"
                raise MalformedError(msg)
        if allow_partial:
            break
        msg = f"a batch at byte {position} is cut off: {left} bytes are left"
        raise MalformedError(msg)
    return batches


def decode_records(batch: bytes, size_max: int = DECOMPRESSED_BYTES_MAX) -> tuple[BatchRecord, ...]:
    """Read the records of exactly one batch; `size_max` bounds what it may decompress to.

    Raises MalformedError for another magic, a wrong size, CRC or count, or bytes that are no records.
    """
    header = read_header(batch)
    if header.size_bytes != len(batch):
        msg = f"a batch of {header.size_bytes} bytes in {len(batch)} bytes"
        raise MalformedError(msg)
    if not check_crc(batch, 0, header):
        msg = f"the batch at offset {header.base_offset} fails its CRC32C {header.crc:#010x}"
        raise MalformedError(msg)
    body = batch[BATCH_OVERHEAD:]
    codec = header.codec
    if codec:
        body = decompress(codec, body, size_max)
    try:
        return _read_records(body, header)
    except (IndexError, UnicodeDecodeError) as error:
        msg = f"the batch at offset {header.base_offset} has a bad record: {error}"
        raise MalformedError(msg) from error


def _read_records(body: bytes, header: BatchHeader) -> tuple[BatchRecord, ...]:
    count = header.record_count
    # A record takes seven bytes at least, which also bounds what a lying count can cost.
    if not 0 <= count <= len(body) // 7:
        msg = f"{count} records in {len(body)} bytes"
        raise MalformedError(msg)
    records: list[BatchRecord] = []
    position = 0
    base_offset = header.base_offset
    base_timestamp_ms = header.base_timestamp_ms
    append_time_ms = header.max_timestamp_ms if header.is_log_append_time else None
    total = len(body)
    for _ in range(count):
        byte = body[position]
        if byte < 0x80:
            size = (byte >> 1) ^ -(byte & 1)
            position += 1
        else:
            size, position = decode_zigzag(body, position)
        end = position + size
        if size < 0 or end > total:
            msg = f"a record of {size} bytes at byte {position} of {len(body)}"
            raise MalformedError(msg)
        # Behind the record's attributes, of which Kafka uses none.
        byte = body[position + 1]
        if byte < 0x80:
            delta_ms = (byte >> 1) ^ -(byte & 1)
            position += 2
        else:
            delta_ms, position = decode_zigzag(body, position + 1, 64)
        byte = body[position]
        if byte < 0x80:
            offset_delta = (byte >> 1) ^ -(byte & 1)
            position += 1
        else:
            offset_delta, position = decode_zigzag(body, position)
        # Key and value are read in place, in their common sizes: this loop is what a simulated consumer costs.
        key: bytes | None
        byte = body[position]
        if byte < 0x80 and not byte & 1 and position + (byte >> 1) < end:
            start = position + 1
            position = start + (byte >> 1)
            key = body[start:position]
        else:
            key, position = _read_bytes(body, position, end)
        value, position = _read_bytes(body, position, end)
        headers: Headers = ()
        if body[position] == 0:
            position += 1
        else:
            headers, position = _read_headers(body, position, end)
        if position != end:
            msg = f"a record ends at byte {position}, its length says {end}"
            raise MalformedError(msg)
        timestamp_ms = base_timestamp_ms + delta_ms if append_time_ms is None else append_time_ms
        records.append(BatchRecord(base_offset + offset_delta, timestamp_ms, key, value, headers))
    if position != len(body):
        msg = f"{len(body) - position} bytes follow the last of {count} records"
        raise MalformedError(msg)
    return tuple(records)


def _read_bytes(body: bytes, position: int, end: int) -> tuple[bytes | None, int]:
    byte = body[position]
    if byte < 0x80:
        size = (byte >> 1) ^ -(byte & 1)
        position += 1
    else:
        second = body[position + 1]
        if second < 0x80:
            # Two bytes: sizes up to 8,191, which most values have.
            size = byte & 0x7F | second << 7
            size = (size >> 1) ^ -(size & 1)
            position += 2
        else:
            size, position = decode_zigzag(body, position)
    if size < 0:
        # -1 as everybody writes it; any other is null to Kafka as well (DefaultRecord.readFrom).
        return None, position
    stop = position + size
    if stop > end:
        msg = f"{size} bytes of key, value or header at byte {position}, the record ends at {end}"
        raise MalformedError(msg)
    return body[position:stop], stop


def _read_headers(body: bytes, position: int, end: int) -> tuple[Headers, int]:
    count, position = decode_zigzag(body, position)
    # A header takes two bytes at least.
    if not 0 <= count <= (end - position) // 2:
        msg = f"{count} headers at byte {position}, the record ends at {end}"
        raise MalformedError(msg)
    headers: list[tuple[str, bytes | None]] = []
    for _ in range(count):
        name, position = _read_bytes(body, position, end)
        if name is None:
            msg = f"a header without a name before byte {position}"
            raise MalformedError(msg)
        value, position = _read_bytes(body, position, end)
        headers.append((name.decode(), value))
    return tuple(headers), position
