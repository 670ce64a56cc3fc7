"""Whether the bytes of a batch are the records its header counts, without a copy of any: what a leader looks at before it appends.

Kafka: DefaultRecordBatch.skipKeyValueIterator, DefaultRecord.readFrom. As there, names of headers need not be UTF-8, and any
negative size of a key or a value is null.
"""

from __future__ import annotations

from typing import NamedTuple

from producer.errors import MalformedError
from producer.wire.varint import decode_zigzag

HEADERS_MAX = 1 << 19
"""So many headers may all records of a batch have. Kafka knows no limit, and takes a hundredth of the time for one."""
_VARINT_BYTES_MAX = 5


class TooManyHeadersError(Exception):
    """Nobody who means well has so many: to look at them would keep everybody else waiting."""


class EndlessVarintError(MalformedError):
    """The size of a record does not end: Kafka has no name for that, unlike for all else that is wrong with records."""


class Walked(NamedTuple):
    """What a look at every record tells."""

    latest_delta_ms: int
    """The greatest distance of a record's time from the batch's base timestamp."""
    earliest_delta_ms: int
    is_consecutive: bool
    """Whether the offset deltas are 0, 1, 2, and so on."""
    has_null_key: bool


def walk(body: bytes, count: int) -> Walked:
    """Look at `count` records, which must fill `body`.

    Raises MalformedError, EndlessVarintError among them, and TooManyHeadersError.
    """
    try:
        return _walk(body, count)
    except IndexError as error:
        msg = f"{count} records in {len(body)} bytes: they end too early"
        raise MalformedError(msg) from error


def _walk(body: bytes, count: int) -> Walked:
    # One turn a record of every Produce: single bytes, which most fields are, and sizes of two are read in place.
    latest_ms, earliest_ms = -(1 << 63), (1 << 63) - 1
    is_consecutive, has_null_key = True, False
    headers_left = HEADERS_MAX
    position = 0
    for index in range(count):
        byte = body[position]
        if byte < 0x80 and not byte & 1:
            position += 1
            end = position + (byte >> 1)
        elif not byte & 1 and body[position + 1] < 0x80:
            position += 2
            end = position + (((byte & 0x7F) >> 1) | body[position - 1] << 6)
        else:
            size, position = _record_size(body, position)
            end = position + size
            if size < 0:
                msg = f"record {index} has a size of {size}"
                raise MalformedError(msg)
        # Behind the record's attributes, of which Kafka uses none.
        byte = body[position + 1]
        if byte < 0x80:
            delta_ms = (byte >> 1) ^ -(byte & 1)
            position += 2
        else:
            delta_ms, position = decode_zigzag(body, position + 1, 64)
        if delta_ms > latest_ms:  # noqa: PLR1730 - once a record: a call of max costs five times as much
            latest_ms = delta_ms
        if delta_ms < earliest_ms:  # noqa: PLR1730 - likewise
            earliest_ms = delta_ms
        byte = body[position]
        if byte < 0x80:
            offset_delta = (byte >> 1) ^ -(byte & 1)
            position += 1
        else:
            offset_delta, position = decode_zigzag(body, position)
        if offset_delta != index:
            is_consecutive = False
        byte = body[position]
        if byte < 0x80 and not byte & 1:
            position += 1 + (byte >> 1)
        else:
            size, position = decode_zigzag(body, position)
            if size < 0:
                has_null_key = True
            else:
                position += size
        byte = body[position]
        if byte < 0x80 and not byte & 1:
            position += 1 + (byte >> 1)
        elif not byte & 1 and body[position + 1] < 0x80:
            position += 2 + (((byte & 0x7F) >> 1) | body[position + 1] << 6)
        else:
            size, position = decode_zigzag(body, position)
            position += max(size, 0)
        if body[position] == 0:
            position += 1
        else:
            position, headers_left = _skip_headers(body, position, headers_left)
        if position != end:
            msg = f"record {index} ends at byte {position}, its length says {end}"
            raise MalformedError(msg)
    if position != len(body):
        msg = f"{len(body) - position} bytes follow the last of {count} records"
        raise MalformedError(msg)
    return Walked(latest_ms, earliest_ms, is_consecutive, has_null_key)


def _record_size(body: bytes, position: int) -> tuple[int, int]:
    try:
        return decode_zigzag(body, position)
    except MalformedError as error:
        if position + _VARINT_BYTES_MAX > len(body):
            raise
        msg = f"the size of a record at byte {position}: {error}"
        raise EndlessVarintError(msg) from error


def _skip_headers(body: bytes, position: int, left: int) -> tuple[int, int]:
    """Give where the headers end, and how many more may come."""
    count, position = decode_zigzag(body, position)
    # A header takes two bytes at least.
    if not 0 <= count <= (len(body) - position) // 2:
        msg = f"{count} headers at byte {position} of {len(body)}"
        raise MalformedError(msg)
    if count > left:
        raise TooManyHeadersError
    for _ in range(count):
        name_size, position = decode_zigzag(body, position)
        if name_size < 0:
            msg = f"a header without a name before byte {position}"
            raise MalformedError(msg)
        value_size, position = decode_zigzag(body, position + name_size)
        position += max(value_size, 0)
    return position, left - count
