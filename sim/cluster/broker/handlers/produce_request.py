"""What is wrong with a Produce request before a replica is looked at: batches that are not there, not one, or not a client's.

Kafka: ProduceRequest.validateRecords, RequestUtils.hasTransactionalRecords, ByteBufferLogInputStream.
"""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.wire.compression import Codec
from producer.wire.record_batch import BATCH_OVERHEAD, CODEC_MASK, LENGTH_OVERHEAD, MAGIC, BatchHeader, read_header

if TYPE_CHECKING:
    from producer.wire.messages.produce import ProduceRequest

_SIZE = Struct(">i")
_SIZE_AT = 8
_MAGIC_AT = 16
_LEGACY_SIZE_MIN = 14
"""What a message of format 0 takes at least; no length below it is believed."""
_LENGTH_MAX = (1 << 31) - 1 - LENGTH_OVERHEAD
"""Beyond it a batch's size has no place in an int, and Kafka falls over what it counts."""
_ZSTD_SINCE = 7


class Given(NamedTuple):
    """The one batch of a partition, or why there is none."""

    header: BatchHeader | None
    code: Code
    is_whole_request_refused: bool = False
    """Kafka finds this before it goes from partition to partition, and so answers it for all of them."""
    message: str | None = None
    """What is said of it then."""
    trailing_bytes: int = 0
    """A batch that is cut off, behind the first: Kafka cuts it off whole (UnifiedLog.trimInvalidBytes)."""


_NOTHING = Given(None, Code.INVALID_RECORD)
_CORRUPT = Given(None, Code.CORRUPT_MESSAGE)
_CORRUPT_FOR_ALL = Given(
    None, Code.CORRUPT_MESSAGE, is_whole_request_refused=True, message="a batch has a size or a magic that cannot be"
)
_OVERFLOWN_FOR_ALL = Given(None, Code.UNKNOWN_SERVER_ERROR, is_whole_request_refused=True)
_NO_TRANSACTIONAL_ID = Given(None, Code.TRANSACTIONAL_ID_AUTHORIZATION_FAILED, is_whole_request_refused=True)


def given(records: bytes, version: int) -> Given:
    """Look for the one batch there must be."""
    size = _size_at(records, 0)
    if size is None:
        return _CORRUPT_FOR_ALL
    if size > LENGTH_OVERHEAD + _LENGTH_MAX:
        return _OVERFLOWN_FOR_ALL
    total = len(records)
    if not 0 < size <= total or records[_MAGIC_AT] != MAGIC:
        return _NOTHING
    if size < BATCH_OVERHEAD:
        return _CORRUPT
    header = read_header(records)
    if version < _ZSTD_SINCE:
        codec = header.attributes & CODEC_MASK
        if codec > Codec.ZSTD:
            return Given(None, Code.UNKNOWN_SERVER_ERROR, is_whole_request_refused=True)
        if codec == Codec.ZSTD:
            return Given(None, Code.UNSUPPORTED_COMPRESSION_TYPE)
    if size == total:
        return Given(header, Code.NONE)
    following = _size_at(records, size)
    if following is None:
        return _CORRUPT
    if following > LENGTH_OVERHEAD + _LENGTH_MAX:
        return _OVERFLOWN_FOR_ALL
    return _NOTHING if 0 < following <= total - size else Given(header, Code.NONE, trailing_bytes=total - size)


def _size_at(records: bytes, position: int) -> int | None:
    """Give the size of the batch there; 0 if too little is left to tell, None if it cannot be one."""
    left = len(records) - position
    if left < LENGTH_OVERHEAD:
        return 0
    length: int = _SIZE.unpack_from(records, position + _SIZE_AT)[0]
    if length < _LEGACY_SIZE_MIN:
        return None
    if left <= _MAGIC_AT:
        return 0
    return None if records[position + _MAGIC_AT] > MAGIC else LENGTH_OVERHEAD + length


def refusal_of_all(request: ProduceRequest, found: list[Given], *, is_id_refused: bool = False) -> Given | None:
    """Say what the whole request is refused for, whatever its other partitions hold; None if it is not.

    `is_id_refused`: whether whoever asks may not write by its transactional id.
    """
    for one in found:
        if one.is_whole_request_refused and one.code is Code.CORRUPT_MESSAGE:
            return one
        if (
            one.header is not None
            and one.header.is_transactional
            and (is_id_refused or request.transactional_id is None)
        ):
            return _NO_TRANSACTIONAL_ID
    return next((one for one in found if one.is_whole_request_refused), None)
