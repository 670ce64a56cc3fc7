"""Replicas on their way to another log directory of their broker: copied beside the one that serves, and put in its place (KIP-113).

Kafka: ReplicaManager.alterReplicaLogDirs, ReplicaAlterLogDirsThread. The copy reads on while the log is written to; once it has all, the
controller is told where the replica will be (KIP-858), and once that is known, and nothing is missing again, it takes the log's place. What
was begun is on the disk, so the next life of the broker goes on with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.transitions import Symbol, move
from sim.cluster.broker.log_directory import future_topic_id, futures_by_topic_id, open_future, remove_future
from sim.cluster.messages import DirectoryAssignment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.assignments import Assignments
    from sim.cluster.broker.hosting import HostingBroker
    from sim.cluster.broker.log_directories import LogDirectories
    from sim.cluster.broker.log_file import LogFile
    from sim.cluster.broker.partition import Partition
    from sim.cluster.metadata_states import PartitionState


class MoveState(Symbol):
    """Kafka's ReplicaAlterLogDirsThread.ReassignmentState, and what comes before it."""

    COPYING = "copying"
    QUEUED = "queued"
    """It had everything once: the controller is being told where the replica will be."""
    EFFECTIVE = "effective"
    """The controller knows: it takes the log's place as soon as nothing is missing."""


class MoveInput(Symbol):
    CAUGHT_UP = "caught up"
    ASSIGNED = "assigned"


TRANSITIONS: Mapping[tuple[MoveState, MoveInput], MoveState] = {
    (MoveState.COPYING, MoveInput.CAUGHT_UP): MoveState.QUEUED,
    # The controller took it for there already: it was told in the life before.
    (MoveState.COPYING, MoveInput.ASSIGNED): MoveState.COPYING,
    (MoveState.QUEUED, MoveInput.ASSIGNED): MoveState.EFFECTIVE,
    (MoveState.EFFECTIVE, MoveInput.ASSIGNED): MoveState.EFFECTIVE,
}


class Future:
    """One copy that is being made."""

    __slots__ = ("file", "is_writing", "number", "partition", "state")

    def __init__(self, partition: Partition, number: int, file: LogFile) -> None:
        self.partition = partition
        self.number = number
        """Of the directory that it is in."""
        self.file = file
        self.state = MoveState.COPYING
        self.is_writing = False

    @property
    def lag(self) -> int:
        """How many offsets are missing."""
        return self.partition.log.end_offset - self.file.end_offset

    def feed(self, given: MoveInput) -> None:
        """Move on. Raises IllegalTransitionError."""
        self.state = move(TRANSITIONS, self.state, given, whose=f"future replica of {self.partition.tp}")

    def align(self) -> None:
        """What the log has lost meanwhile, at its beginning or its end, the copy loses; it begins where the log does."""
        file, log = self.file, self.partition.log.file
        gone = 0
        while gone < len(file.entries) and file.entries[gone].base_offset < log.bases[0]:
            gone += 1
        if gone:
            del file.entries[:gone]
            file.flushed = max(file.flushed - gone, 0)
        length = min(len(file.entries), len(log.entries))
        while length and file.entries[length - 1] is not log.entries[length - 1]:
            length -= 1
        file.bases = [log.bases[0]]
        if length < len(file.entries):
            file.truncate(length)

    @property
    def has_all(self) -> bool:
        """Whether nothing is missing now."""
        return len(self.file.entries) == len(self.partition.log.file.entries)


class LogMoves:
    """All of them on one broker. `replace` puts a copy in its log's place."""

    def __init__(
        self,
        broker: HostingBroker,
        directories: LogDirectories,
        assignments: Assignments,
        replace: Callable[[Future], object],
    ) -> None:
        self._broker = broker
        self._directories = directories
        self._assignments = assignments
        self._replace = replace
        self._futures: dict[TopicPartition, Future] = {}

    def all(self) -> Iterator[Future]:
        """Each that is under way, by partition."""
        for _, future in sorted(self._futures.items()):
            yield future

    def is_under_way(self, tp: TopicPartition) -> bool:
        """Whether a copy of that log is being made: nobody cleans it meanwhile (LogManager.abortAndPauseCleaning)."""
        return tp in self._futures

    # -- what is wanted ------------------------------------------------------------------------------------------------

    def want(self, partition: Partition, number: int) -> Code:
        """A replica shall lie in that directory, which works. Gives NONE, or why it cannot."""
        known = self._futures.get(partition.tp)
        if known is not None and known.number != number:
            self._cancel(known)
            known = None
        if known is not None or partition.log.directory == number:
            return Code.NONE
        if self._directories.has_offline:
            # A copy of the same replica may lie there (LogManager.getOrCreateLog).
            return Code.KAFKA_STORAGE_ERROR
        self._begin(partition, number)
        return Code.NONE

    def resume(self, partition: Partition) -> None:
        """A replica was opened: go on with what the life before had begun."""
        for number, directory in self._directories.online.items():
            if number != partition.log.directory and future_topic_id(directory, partition.tp) == partition.topic_id:
                self._begin(partition, number)
                return

    def _begin(self, partition: Partition, number: int) -> None:
        directory = self._directories.online[number]
        file = open_future(directory, partition.tp, partition.topic_id)
        future = self._futures[partition.tp] = Future(partition, number, file)
        self._go_on(future)

    def directory_of(self, partition: Partition) -> int:
        """Where the controller shall take a replica for: where its log lies, or where it will be at once."""
        future = self._futures.get(partition.tp)
        is_there = future is None or future.state is MoveState.COPYING
        return partition.log.directory if future is None or is_there else future.number

    # -- what ends it --------------------------------------------------------------------------------------------------

    def forget(self, tp: TopicPartition) -> None:
        """The replica is here no longer, nor is its copy."""
        future = self._futures.get(tp)
        if future is not None:
            self._cancel(future)

    def _cancel(self, future: Future) -> None:
        del self._futures[future.partition.tp]
        directory = self._directories.online.get(future.number)
        if directory is not None:
            remove_future(directory, future.partition.tp)

    def directory_failed(self, number: int) -> None:
        """Copies in it are lost, and those of logs in it have nothing to copy."""
        for tp, future in tuple(self._futures.items()):
            if number in {future.number, future.partition.log.directory}:
                del self._futures[tp]

    def remove_strays(self) -> None:
        """Remove copies of topics that are gone."""
        known = self._broker.image.topic_of_id
        for directory in self._directories.online.values():
            for tp, topic_id in futures_by_topic_id(directory):
                if topic_id not in known:
                    remove_future(directory, tp)

    # -- the way -------------------------------------------------------------------------------------------------------

    def applied(self, state: PartitionState) -> None:
        """The controller's word of a partition was heard: perhaps it knows where the replica will be."""
        future = self._futures.get(state.tp)
        if future is None:
            return
        if state.directory_of(self._broker.broker_id) == self._directories.id_of(future.number):
            future.feed(MoveInput.ASSIGNED)
        self._go_on(future)

    def _is_current(self, future: Future) -> bool:
        tp = future.partition.tp
        return self._futures.get(tp) is future and self._broker.partitions.get(tp) is future.partition

    def _go_on(self, future: Future) -> None:
        if future.is_writing or not self._directories.works(future.number) or not self._is_current(future):
            return
        future.align()
        log = future.partition.log.file
        begin = len(future.file.entries)
        size_bytes, end = 0, begin
        while end < len(log.entries) and (end == begin or size_bytes < self._broker.config.replica_fetch_bytes_max):
            size_bytes += len(log.entries[end].data)
            end += 1
        if end > begin:
            future.is_writing = True
            self._broker.disk.write(self._broker.world.now_us, size_bytes, self._written, future, end)
        elif future.state is MoveState.EFFECTIVE:
            del self._futures[future.partition.tp]
            self._replace(future)
        elif future.state is MoveState.COPYING:
            future.feed(MoveInput.CAUGHT_UP)
            self._tell(future)

    def _written(self, future: Future, end: int) -> None:
        future.is_writing = False
        if self._is_current(future) and self._directories.works(future.number):
            # What is there by now up to where it was read; what was cut meanwhile is not.
            future.align()
            future.file.entries += future.partition.log.file.entries[len(future.file.entries) : end]
            self._go_on(future)

    def _tell(self, future: Future) -> None:
        state = future.partition.state
        directory_id = self._directories.id_of(future.number)
        if state is not None and state.directory_of(self._broker.broker_id) == directory_id:
            future.feed(MoveInput.ASSIGNED)
            self._go_on(future)
        else:
            tp = future.partition.tp
            self._assignments.note(DirectoryAssignment(future.partition.topic_id, tp, directory_id))
