"""All log directories of one life of a broker: which of them work, as far as its process has found out, and where a new log goes.

Kafka: LogManager, LogDirFailureChannel (KIP-112, KIP-858). Nobody is told when a device fails: whoever writes next finds out. A
directory that has failed stays offline for the rest of that life, whatever becomes of its device.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import (
    id_of,
    log_name,
    logs_in,
    open_log,
    take_clean_shutdown_file,
    topic_id_in,
    write_clean_shutdown_file,
)
from sim.cluster.messages import NO_EPOCH
from sim.cluster.metadata_states import UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.log_file import LogFile
    from sim.world.disk import Directory, Disk


class LogDirectories:
    """Directories by their number, as log.dirs lists them, from 1."""

    def __init__(self, disk: Disk, failed: Callable[[int], object]) -> None:
        """Look at which ones work now; `failed` is called with the number of each that fails from now on."""
        self._disk = disk
        self._failed = failed
        self.online: dict[int, Directory] = {
            number: directory for number, directory in enumerate(disk.directories, 1) if not directory.is_failed
        }
        self.ended_badly: tuple[int, ...] = ()
        """Those that do not say that the life before ended in good order: their logs may have gone bad."""

    @property
    def has_offline(self) -> bool:
        """Whether one of them failed, in this life or before it."""
        return len(self.online) < len(self._disk.directories)

    @property
    def ids(self) -> tuple[bytes, ...]:
        """The ids of those that work, as a registration tells them."""
        return tuple(sorted(map(self.id_of, self.online)))

    def id_of(self, number: int) -> bytes:
        """Return a directory's id, which outlives its failure in the memory of a process."""
        directory_id = id_of(self._disk.directories[number - 1])
        assert directory_id is not None, f"directory {number} is not formatted"
        return directory_id

    def works(self, number: int) -> bool:
        """Whether a directory can be written to: asked before each write, and who asks finds out that it failed."""
        directory = self.online.get(number)
        if directory is None:
            return False
        if not directory.is_failed:
            return True
        del self.online[number]
        self._failed(number)
        return False

    def working(self) -> list[int]:
        """Ask it of each, and give the numbers of those that work."""
        return [number for number in tuple(self.online) if self.works(number)]

    # -- logs ----------------------------------------------------------------------------------------------------------

    def open(self, tp: TopicPartition, topic_id: bytes, assigned: bytes) -> tuple[int, LogFile] | None:
        """Open the log of a replica, and say in which directory it lies; `assigned` is where the controller believes that.

        None if it may lie in a directory that is offline: an empty one beside it would be taken for the replica
        (Partition.createLogInAssignedDirectoryId).
        """
        for number, directory in self.online.items():
            if topic_id_in(directory, tp) == topic_id:
                return number, open_log(directory, tp, topic_id)
        chosen = next((number for number in self.online if self.id_of(number) == assigned), None)
        if chosen is None and assigned != UNASSIGNED and self.has_offline:
            return None
        for number in self._fewest_logs_first() if chosen is None else (chosen,):
            if self.works(number):
                return number, open_log(self.online[number], tp, topic_id)
        return None

    def _fewest_logs_first(self) -> list[int]:
        """Where a log goes of which nobody says where (LogManager.nextLogDirs)."""
        return sorted(self.online, key=lambda number: len(logs_in(self.online[number])))

    def of(self, tp: TopicPartition) -> int | None:
        """Return the number of the directory that holds a log; None where none that works does."""
        name = log_name(tp)
        return next((number for number, directory in self.online.items() if name in directory.files), None)

    # -- the life before, and the end of this one ----------------------------------------------------------------------

    def take_clean_shutdown_files(self) -> int:
        """Return the broker epoch that every directory names as that of a life that ended in good order; -1 else.

        Kafka: LogManager.readBrokerEpochFromCleanShutdownFiles. One that is offline says nothing, and so nothing is known.
        """
        found = {number: take_clean_shutdown_file(directory) for number, directory in self.online.items()}
        self.ended_badly = tuple(number for number, epoch in found.items() if epoch == NO_EPOCH)
        epochs = set(found.values())
        return epochs.pop() if len(epochs) == 1 and not self.has_offline else NO_EPOCH

    def write_clean_shutdown_files(self, broker_epoch: int) -> None:
        """Leave word in each that works that everything was flushed, durably."""
        for directory in self.online.values():
            write_clean_shutdown_file(directory, broker_epoch)
