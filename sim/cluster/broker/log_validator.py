"""What a leader does with a client's batch before it lies in the log: check it record by record, and give it the topic's form.

Kafka: UnifiedLog.analyzeAndValidateRecords, then LogValidator (KIP-937 for times). All of it comes before duplicates are
recognised, so a retry can be refused for the time it carries although the batch is in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError
from producer.wire.compression import Codec, decompress
from producer.wire.messages.produce import RecordError
from producer.wire.record_batch import (
    BATCH_OVERHEAD,
    CODEC_MASK,
    BatchHeader,
    check_crc,
    decode_records,
    encode_batch,
    read_header,
    stamp_log_append_time,
    stamp_max_timestamp,
)
from sim.cluster.broker.record_walk import EndlessVarintError, TooManyHeadersError, walk

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from producer.wire.record_batch import BatchRecord
    from sim.cluster.broker.record_walk import Walked
    from sim.cluster.topic_config import TopicConfig

_NO_TIMESTAMP_MS = -1
_OUT_OF_TIME = "One or more records have been rejected due to invalid timestamp"
_SHOWN_MAX = 3
UNPACKED_BYTES_MAX = 32 * 1024 * 1024
"""What a client's batch may unpack to. Kafka's brokers read it bit by bit and know no limit; a producer has buffer.memory."""

RECORDS_MAX = 1 << 19
"""So many records may be in a client's batch: three thousand bytes unpack to millions of empty ones, and to look at those takes seconds.

Kafka knows no limit. A producer whose batch is too large for its broker divides it and sends it again.
"""


class Validated(NamedTuple):
    """A batch that may be appended, as the topic keeps it but for its offsets."""

    header: BatchHeader
    records: bytes
    append_time_ms: int
    """-1 where the topic keeps CreateTime."""


class RefusedBatchError(Exception):
    """The batch is not taken."""

    def __init__(
        self,
        code: Code,
        record_errors: tuple[RecordError, ...] = (),
        message: str | None = None,
        *,
        is_start_told: bool = True,
    ) -> None:
        """`is_start_told`: Kafka tells where the log starts with what it did not foresee, and not with what it did."""
        super().__init__(code)
        self.code = code
        self.record_errors = record_errors
        self.message = message
        self.is_start_told = is_start_told


def validate(records: bytes, header: BatchHeader, config: TopicConfig, tp: TopicPartition, *, now_ms: int) -> Validated:
    """Look at everything there is in exactly one batch. Raises RefusedBatchError."""
    if header.base_offset != 0:
        raise RefusedBatchError(Code.INVALID_RECORD)
    if len(records) > config.max_message_bytes:
        raise RefusedBatchError(Code.MESSAGE_TOO_LARGE, is_start_told=False)
    if not check_crc(records, 0, header):
        raise RefusedBatchError(Code.CORRUPT_MESSAGE, is_start_told=False)
    codec = header.attributes & CODEC_MASK
    if codec > Codec.ZSTD:
        raise RefusedBatchError(Code.UNKNOWN_SERVER_ERROR)
    if (
        header.record_count != header.last_offset_delta + 1
        or header.record_count < 1
        or header.is_control
        or (header.producer_id >= 0 and header.base_sequence < 0)
    ):
        raise RefusedBatchError(Code.INVALID_RECORD)
    if header.record_count > RECORDS_MAX:
        raise RefusedBatchError(Code.MESSAGE_TOO_LARGE, is_start_told=False)
    walked = _walked(records, header)
    _check_records(records, header, walked, config, tp, now_ms=now_ms)
    target = _target(codec, config)
    latest_ms = _latest_ms(header, walked)
    if codec == target and codec and not walked.is_consecutive:
        # Kafka wants to number the records anew, and has read too little of each for that (UnsupportedOperationException).
        raise RefusedBatchError(Code.UNKNOWN_SERVER_ERROR)
    if target != codec:
        records = _rebuilt(records, header, Codec(target), config)
        if len(records) > config.max_message_bytes:
            raise RefusedBatchError(Code.MESSAGE_TOO_LARGE, is_start_told=False)
        header = read_header(records)
    if config.timestamp_type == "LogAppendTime":
        records = stamp_log_append_time(records, now_ms)
        return Validated(read_header(records), records, now_ms)
    if header.is_log_append_time or header.max_timestamp_ms != latest_ms:
        # Nobody's word is taken for what can be counted (DefaultRecordBatch.setMaxTimestamp).
        records = stamp_max_timestamp(records, latest_ms)
        header = read_header(records)
    return Validated(header, records, -1)


def _walked(records: bytes, header: BatchHeader) -> Walked:
    body = records[BATCH_OVERHEAD:]
    if header.attributes & CODEC_MASK:
        try:
            body = decompress(header.codec, body, UNPACKED_BYTES_MAX)
        except MalformedError as error:
            # A decompressor's complaint is none that Kafka has a code for.
            raise RefusedBatchError(Code.UNKNOWN_SERVER_ERROR) from error
    try:
        return walk(body, header.record_count)
    except EndlessVarintError as endless:
        raise RefusedBatchError(Code.UNKNOWN_SERVER_ERROR) from endless
    except MalformedError as error:
        raise RefusedBatchError(Code.INVALID_RECORD) from error
    except TooManyHeadersError as many:
        raise RefusedBatchError(Code.MESSAGE_TOO_LARGE, is_start_told=False) from many


def _decoded(records: bytes) -> tuple[BatchRecord, ...]:
    try:
        return decode_records(records, UNPACKED_BYTES_MAX)
    except MalformedError as error:
        # A header's name that is no UTF-8, which a look at the sizes alone lets pass.
        raise RefusedBatchError(Code.INVALID_RECORD) from error


def _latest_ms(header: BatchHeader, walked: Walked) -> int:
    if header.is_log_append_time:
        return header.max_timestamp_ms
    return max(header.base_timestamp_ms + walked.latest_delta_ms, _NO_TIMESTAMP_MS)


# -- record by record --------------------------------------------------------------------------------------------------


def _check_records(
    records: bytes, header: BatchHeader, walked: Walked, config: TopicConfig, tp: TopicPartition, *, now_ms: int
) -> None:
    """Raise RefusedBatchError with the index of each record that its topic does not take (KIP-467)."""
    is_compacted = "compact" in config.cleanup_policy
    if not (is_compacted and walked.has_null_key) and _are_in_time(header, walked, config, now_ms=now_ms):
        return
    errors: list[RecordError] = []
    is_out_of_time = False
    for index, record in enumerate(_decoded(records)):
        if is_compacted and record.key is None:
            why = f"Compacted topic cannot accept message without key in topic partition {tp}"
            errors.append(RecordError(index, why))
            continue
        complaint = _complaint(record.timestamp_ms, header, config, now_ms=now_ms)
        if complaint is not None:
            errors.append(RecordError(index, complaint))
            is_out_of_time = True
    if is_out_of_time:
        raise RefusedBatchError(Code.INVALID_TIMESTAMP, tuple(errors), _OUT_OF_TIME)
    if errors:
        shown = ", ".join(
            f"RecordError(batchIndex={error.batch_index}, message='{error.batch_index_error_message}')"
            for error in errors[:_SHOWN_MAX]
        )
        message = (
            f"One or more records have been rejected due to {len(errors)} record errors in total, and only showing the "
            f"first three errors at most: [{shown}]"
        )
        raise RefusedBatchError(Code.INVALID_RECORD, tuple(errors), message)


def _are_in_time(header: BatchHeader, walked: Walked, config: TopicConfig, *, now_ms: int) -> bool:
    """Whether no record can be out of time, by the earliest and the latest alone."""
    if header.is_log_append_time:
        return False
    if config.timestamp_type == "LogAppendTime":
        return True
    earliest_ms = header.base_timestamp_ms + walked.earliest_delta_ms
    latest_ms = header.base_timestamp_ms + walked.latest_delta_ms
    return (
        now_ms - config.timestamp_before_max_ms <= earliest_ms and latest_ms <= now_ms + config.timestamp_after_max_ms
    )


def _complaint(timestamp_ms: int, header: BatchHeader, config: TopicConfig, *, now_ms: int) -> str | None:
    if config.timestamp_type == "CreateTime" and timestamp_ms != _NO_TIMESTAMP_MS:
        first_ms, last_ms = now_ms - config.timestamp_before_max_ms, now_ms + config.timestamp_after_max_ms
        if not first_ms <= timestamp_ms <= last_ms:
            return f"timestamp {timestamp_ms} lies outside {first_ms} to {last_ms}"
        return None
    return "its batch says LogAppendTime, which is the leader's to stamp" if header.is_log_append_time else None


# -- in the topic's form -----------------------------------------------------------------------------------------------


def _target(source: int, config: TopicConfig) -> int:
    if config.compression_type == "producer":
        return source
    return Codec.NONE if config.compression_type == "uncompressed" else Codec[config.compression_type.upper()]


def _rebuilt(records: bytes, header: BatchHeader, codec: Codec, config: TopicConfig) -> bytes:
    """Give the records as a batch of that codec, numbered one by one (LogValidator.buildRecordsAndAssignOffsets)."""
    levels = {
        Codec.GZIP: config.compression_gzip_level,
        Codec.LZ4: config.compression_lz4_level,
        Codec.ZSTD: config.compression_zstd_level,
    }
    return encode_batch(
        [(record.key, record.value, record.headers, record.timestamp_ms) for record in _decoded(records)],
        codec=codec,
        level=levels.get(codec),
        producer_id=header.producer_id,
        producer_epoch=header.producer_epoch,
        base_sequence=header.base_sequence,
        is_transactional=header.is_transactional,
    )
