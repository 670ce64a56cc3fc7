"""What a broker does with its logs before it begins, when the life before did not end in good order.

Kafka: LogLoader.recoverLog, LogSegment.recover. There only segments behind the recovery point are read again, here all of
them. Who ended in good order looks at nothing, and goes on with a batch that has gone bad.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.records import TopicPartition
from producer.wire.record_batch import check_crc
from sim.cluster.broker.log_directory import logs_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.world.disk import Directory


class Recovered(NamedTuple):
    """A log that was cut before its first corrupt batch."""

    tp: TopicPartition
    to_offset: int
    from_offset: int
    """Where it ended before."""


def recover_logs(directory: Directory) -> Iterator[Recovered]:
    """Cut each log of a directory before its first batch whose bytes do not match its CRC, and say which."""
    for tp, file in logs_in(directory):
        for place, stored in enumerate(file.entries):
            if not check_crc(stored.data, 0, stored.header):
                from_offset = file.end_offset
                file.truncate(place)
                yield Recovered(tp, stored.base_offset, from_offset)
                break
