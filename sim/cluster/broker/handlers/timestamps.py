"""Which records of a batch have a timestamp that their topic does not take: too far from the leader's clock, or not theirs to set.

Kafka: LogValidator.validateTimestamp (KIP-937). It comes before duplicates are recognised, so a retry can be refused
for the time it carries although the batch is in the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.wire.messages.produce import RecordError
from producer.wire.record_batch import decode_records

if TYPE_CHECKING:
    from producer.wire.record_batch import BatchHeader
    from sim.cluster.config import TopicConfig

_NO_TIMESTAMP_MS = -1


def out_of_time(records: bytes, header: BatchHeader, config: TopicConfig, *, now_ms: int) -> tuple[RecordError, ...]:
    """Name each record that is refused for its timestamp. Raises MalformedError for records that cannot be read."""
    if config.timestamp_type == "LogAppendTime":
        if not header.is_log_append_time:
            return ()
        why = "its batch says LogAppendTime, which is the leader's to stamp"
        return tuple([RecordError(index, why) for index in range(header.record_count)])
    earliest_ms, latest_ms = now_ms - config.timestamp_before_max_ms, now_ms + config.timestamp_after_max_ms
    # Records are read only where the header cannot tell: it names the latest, and what is behind has by default no limit.
    if earliest_ms < 0 and header.max_timestamp_ms <= latest_ms:
        return ()
    return tuple(
        [
            RecordError(index, f"timestamp {record.timestamp_ms} lies outside {earliest_ms} to {latest_ms}")
            for index, record in enumerate(decode_records(records))
            if record.timestamp_ms != _NO_TIMESTAMP_MS and not earliest_ms <= record.timestamp_ms <= latest_ms
        ]
    )
