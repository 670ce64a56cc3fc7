"""Where logs begin, written down in each log directory: a while after it moved, and when the broker stops in good order.

Kafka: LogManager.checkpointLogStartOffsets (log.flush.start.offset.checkpoint.interval.ms). What was deleted since is there again
after a crash, until the leader tells where its log begins.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import LOG_STARTS_FILE
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.log_directories import LogDirectories
    from sim.cluster.broker.serving import ServingBroker

CHECKPOINT_INTERVAL_US = 60 * SECOND_US


class LogStarts:
    """The checkpoints of all directories. Nothing is armed, and no file is made, before the start of a log moved."""

    __slots__ = ("_broker", "_directories", "_is_armed", "_known")

    def __init__(self, broker: ServingBroker, directories: LogDirectories) -> None:
        self._broker = broker
        self._directories = directories
        self._known: dict[int, dict[TopicPartition, int]] = {}
        self._is_armed = False

    def begin(self) -> None:
        """Read what the life before wrote."""
        for number, directory in self._directories.online.items():
            if LOG_STARTS_FILE in directory.files:
                entries = directory.file(LOG_STARTS_FILE).entries
                self._known[number] = dict(entries[0]) if entries else {}

    def of(self, tp: TopicPartition, number: int) -> int:
        """Give where a log in that directory begins at least; 0 unless it was written otherwise."""
        return self._known.get(number, {}).get(tp, 0)

    def forget(self, tp: TopicPartition, number: int) -> None:
        """That log is gone: the next one of its name begins at 0."""
        is_gone = self._known.get(number, {}).pop(tp, None) is not None
        if is_gone and number in self._directories.online:
            self._replace(number)

    def note(self) -> None:
        """The start of a log moved."""
        if not self._is_armed:
            self._is_armed = True
            self._broker.host.call_in(CHECKPOINT_INTERVAL_US, self._due)

    def _due(self) -> None:
        self._is_armed = False
        self.write()

    def write(self) -> None:
        """Write down what moved since the last time."""
        for number in tuple(self._directories.online):
            here = {
                tp: one.log.start_offset
                for tp, one in self._broker.partitions.items()
                if one.log.directory == number and one.log.start_offset > one.log.file.bases[0]
            }
            before = self._known.get(number, {})
            if before | here != before and self._directories.works(number):
                self._known[number] = before | here
                self._replace(number)

    def _replace(self, number: int) -> None:
        # A new file, flushed, and renamed over the old one: all or nothing.
        checkpoint = self._directories.online[number].file(LOG_STARTS_FILE)
        checkpoint.truncate(0)
        checkpoint.append(dict(self._known[number]))
        checkpoint.fsync()
