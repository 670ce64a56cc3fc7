"""High watermarks, written down in each log directory: from time to time, when a log goes, and when the broker stops in good order.

Kafka: ReplicaManager.checkpointHighWatermarks (replication-offset-checkpoint). A broker that crashed begins with what it wrote last.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import CHECKPOINT_FILE

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.log_directories import LogDirectories
    from sim.cluster.broker.serving import ServingBroker
    from sim.world.disk import DiskFile


class WatermarkCheckpoints:
    """The checkpoints of all directories that work."""

    __slots__ = ("_broker", "_directories", "_known")

    def __init__(self, broker: ServingBroker, directories: LogDirectories) -> None:
        self._broker = broker
        self._directories = directories
        self._known: dict[int, dict[TopicPartition, int]] = {}

    def begin(self) -> None:
        """Read what the life before wrote. Call `tick` once, in a while."""
        for number, directory in self._directories.online.items():
            checkpoint = directory.file(CHECKPOINT_FILE)
            self._known[number] = dict(checkpoint.entries[0]) if checkpoint.entries else {}

    def of(self, tp: TopicPartition, number: int) -> int:
        """Give the high watermark of a log in that directory, as it was written last; 0 if it never was."""
        return self._known[number].get(tp, 0)

    def forget(self, tp: TopicPartition, number: int) -> None:
        """That log is gone. Call `replace_all` behind the last one that goes."""
        self._known.get(number, {}).pop(tp, None)

    def forget_directory(self, number: int) -> None:
        """That directory failed: nothing is written there any more."""
        self._known.pop(number, None)

    def moved(self, tp: TopicPartition, before: int, number: int, high_watermark: int) -> None:
        """That log lies in another directory now."""
        self._known[before].pop(tp, None)
        self._known[number][tp] = high_watermark
        self.replace_all()

    def tick(self) -> None:
        """Write, and once more in a while (replica.high.watermark.checkpoint.interval.ms)."""
        self._broker.host.call_in(self._broker.config.high_watermark_checkpoint_us, self.tick)
        self.write()

    def write(self) -> None:
        """Write down what moved since the last time."""
        # Kafka writes each of them, changed or not: a directory that failed is found out here, if not before.
        for number in self._directories.working():
            # What is not opened yet keeps what the process before knew of it.
            before = self._known[number]
            here = {
                tp: one.log.high_watermark for tp, one in self._broker.partitions.items() if one.log.directory == number
            }
            if before | here != before:
                self._known[number] = before | here
                self._replace(number)

    def replace_all(self) -> None:
        """Write down what is known, in every directory that works."""
        for number in self._directories.working():
            self._replace(number)

    def _replace(self, number: int) -> None:
        # Kafka writes a new file, flushes it, and renames it over the old one: all or nothing.
        checkpoint: DiskFile[dict[TopicPartition, int]] = self._directories.online[number].file(CHECKPOINT_FILE)
        checkpoint.truncate(0)
        checkpoint.append(dict(self._known[number]))
        checkpoint.fsync()
