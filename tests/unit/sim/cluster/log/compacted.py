"""A cluster whose topic is compacted every second, and what its replicas hold."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.wire.record_batch import BatchRecord, decode_records, encode_batch
from sim.cluster.broker.log_directory import log_file
from sim.cluster.broker.log_file import LogFile
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import SegmentsCleaned
from sim.world.units import SECOND_US
from tests.unit.sim.raw_client import ORDERS, Lab

ONE_RECORD_BYTES = 71
"""A batch with a key of two bytes and a value of one."""


class CompactedLab(Lab):
    """Segments of two batches; a cleaner that finds nothing to do waits for a second."""

    def __init__(self, *, lab: dict[str, Any] | None = None, **settings: Any) -> None:
        settings.setdefault("cleanup_policy", ("compact",))
        settings.setdefault("internal_segment_bytes", 2 * ONE_RECORD_BYTES)
        settings.setdefault("min_cleanable_dirty_ratio", 0.0)
        super().__init__(TopicConfig("orders", **settings), **({"log_cleaner_backoff_us": SECOND_US} | (lab or {})))

    @property
    def now_ms(self) -> int:
        return (self.cluster.epoch_us + self.world.now_us) // 1_000

    def put(self, key: bytes | None, value: bytes | None, **how: Any) -> None:
        """Write one record, as a batch of its own."""
        batch = encode_batch([(key, value, (), self.now_ms)], **how)
        assert self.client.produce(records=batch).error_code == Code.NONE

    def put_in_turn(self, count: int, keys: int = 2) -> None:
        """Write `k0`, `k1`, … in turn, with the values 0, 1, …"""
        for number in range(count):
            self.put(b"k%d" % (number % keys), b"%d" % (number % 10))

    def file(self, broker: int) -> LogFile:
        return log_file(self.cluster.brokers[broker].disk.directories[0], ORDERS)

    def held(self, broker: int) -> list[BatchRecord]:
        """Every record in a broker's file."""
        return [record for stored in self.file(broker).entries for record in decode_records(stored.data)]

    def offsets(self) -> list[list[int]]:
        """The offsets of the records that each broker's file holds."""
        return [[record.offset for record in self.held(broker)] for broker in self.cluster.brokers]

    def cleaned(self, **fields: Any) -> list[SegmentsCleaned]:
        return self.events(SegmentsCleaned, **fields)
