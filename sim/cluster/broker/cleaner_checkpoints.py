"""Up to where each log was cleaned, written down in each log directory after every round.

Kafka: LogCleanerManager.updateCheckpoints, maybeTruncateCheckpoint. What was cleaned and not written down is dirty still, and is read
once more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import CLEANER_FILE

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.broker.log_directories import LogDirectories


class CleanerCheckpoints:
    """The checkpoints of all directories. No file is made before something was cleaned."""

    __slots__ = ("_directories", "_known")

    def __init__(self, directories: LogDirectories) -> None:
        self._directories = directories
        self._known: dict[int, dict[TopicPartition, int]] = {}

    def begin(self) -> None:
        """Read what the life before wrote."""
        for number, directory in self._directories.online.items():
            if CLEANER_FILE in directory.files:
                entries = directory.file(CLEANER_FILE).entries
                self._known[number] = dict(entries[0]) if entries else {}

    def of(self, tp: TopicPartition, number: int) -> int | None:
        """Give up to where a log in that directory was cleaned; None if nobody wrote that down."""
        return self._known.get(number, {}).get(tp)

    def write(self, tp: TopicPartition, number: int, offset: int) -> None:
        """A log was cleaned up to there."""
        if self._directories.works(number):
            self._known.setdefault(number, {})[tp] = offset
            self._replace(number)

    def cut(self, tp: TopicPartition, number: int, to_offset: int) -> None:
        """A log ends there now."""
        if self._known.get(number, {}).get(tp, 0) > to_offset:
            self.write(tp, number, to_offset)

    def forget(self, tp: TopicPartition, number: int) -> None:
        """That log is gone: the next one of its name was never cleaned."""
        is_gone = self._known.get(number, {}).pop(tp, None) is not None
        if is_gone and number in self._directories.online:
            self._replace(number)

    def _replace(self, number: int) -> None:
        # A new file, flushed, and renamed over the old one: all or nothing.
        checkpoint = self._directories.online[number].file(CLEANER_FILE)
        checkpoint.truncate(0)
        checkpoint.append(dict(self._known[number]))
        checkpoint.fsync()
