"""All replicas on one broker: opened from the disk, told of the controller's decisions, flushed and checkpointed.

Kafka: ReplicaManager, LogManager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_cleaner import LogCleaner
from sim.cluster.broker.log_directory import CHECKPOINT_FILE, logs_by_topic_id, logs_in, remove_log, replace_by_future
from sim.cluster.broker.log_moves import Future, LogMoves
from sim.cluster.broker.log_recovery import recover_logs
from sim.cluster.broker.log_starts import LogStarts
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.replica_fetchers import ReplicaFetchers
from sim.cluster.broker.watermark_checkpoints import WatermarkCheckpoints
from sim.cluster.messages import DirectoryAssignment
from sim.trace.events import (
    CORRUPT_BATCH,
    REPLICA_REMOVED,
    TOPIC_DELETED,
    LogDirectoryFailed,
    LogFlushed,
    LogTruncated,
    ReplicaMoved,
)
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.assignments import Assignments
    from sim.cluster.broker.log_directories import LogDirectories
    from sim.cluster.broker.log_file import LogFile
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.messages import AlterPartitionAnswer
    from sim.cluster.metadata_states import PartitionState, RemovedTopic
    from sim.cluster.topic_config import TopicConfig


class Replicas:
    """The replicas by partition."""

    def __init__(
        self,
        broker: ServingBroker,
        directories: LogDirectories,
        assignments: Assignments,
        partition_type: type[Partition],
    ) -> None:
        """The broker's `partitions` and `offline` are filled here, and read by whoever serves them."""
        self._broker = broker
        self._directories = directories
        self._assignments = assignments
        self._partition_type = partition_type
        self._fetchers = ReplicaFetchers(broker)
        self._watermarks = WatermarkCheckpoints(broker, directories)
        self._starts = LogStarts(broker, directories)
        self.moves = LogMoves(broker, directories, assignments, self._replace_log)
        self.cleaner = LogCleaner(broker, directories, self.moves)
        self.partitions = broker.partitions

    def begin(self) -> None:
        """Recover the logs that may have gone bad, read each directory's checkpoint, and start what happens from time to time."""
        self._recover()
        self._watermarks.begin()
        self._starts.begin()
        self.cleaner.begin()
        config = self._broker.config
        call_in = self._broker.host.call_in
        call_in(config.replica_lag_time_max_us // 2, self._shrink)
        call_in(config.high_watermark_checkpoint_us, self._watermarks.tick)
        call_in(config.log_flush_interval_us, self._flush)
        call_in(config.producer_id_expiration_check_us, self._expire)
        call_in(config.log_initial_task_delay_us, self._delete_old_segments)

    def _recover(self) -> None:
        broker = self._broker
        for number in self._directories.ended_badly:
            for tp, to_offset, from_offset in recover_logs(self._directories.online[number]):
                broker.trace.emit(
                    LogTruncated(broker.world.now_us, broker.broker_id, *tp, to_offset, from_offset, CORRUPT_BATCH)
                )

    # -- metadata ------------------------------------------------------------------------------------------------------

    def apply(self, states: tuple[PartitionState, ...]) -> None:
        """Act on the controller's decisions about partitions, those of other brokers left out."""
        for state in states:
            if self._broker.broker_id in state.replicas:
                self._apply(state)
            else:
                self._give_up(state)
        self._fetchers.keep()
        self._fetchers.step()

    def _give_up(self, state: PartitionState) -> None:
        """A replica of a partition that moved on is here no longer, nor is its log (ReplicaManager.stopPartitions)."""
        tp = state.tp
        known = self.partitions.get(tp)
        if known is not None and known.topic_id == state.topic_id:
            self._drop(tp, REPLICA_REMOVED)
            self._watermarks.replace_all()
        if self._broker.offline.get(tp) == state.topic_id:
            del self._broker.offline[tp]

    def _drop(self, tp: TopicPartition, reason: str) -> None:
        self._fetchers.unfollow(tp)
        self.moves.forget(tp)
        # Before it ends: whoever waits there looks again, and must not find it.
        partition = self.partitions.pop(tp)
        self._remove_log(tp, partition.log.directory, reason)
        partition.end(self._broker.code_without_replica(tp))

    def _apply(self, state: PartitionState) -> None:
        broker = self._broker
        if broker.offline.get(state.tp) == state.topic_id:
            return
        partition = self.partitions.get(state.tp) or self._open(state)
        # A new leader writes down where its epoch begins.
        if partition is None or (state.leader == broker.broker_id and not partition.can_write()):
            return
        is_new = partition.state is None
        if partition.apply(state) or self._fetchers.is_leaving:
            self._fetchers.follow(partition)
        if is_new:
            self.moves.resume(partition)
        self.moves.applied(state)
        directory_id = self._directories.id_of(self.moves.directory_of(partition))
        if directory_id != state.directory_of(broker.broker_id):
            self._assignments.note(DirectoryAssignment(state.topic_id, state.tp, directory_id))

    def _open(self, state: PartitionState) -> Partition | None:
        """Open a replica's log; None where it is in a directory that failed, as far as anybody can say."""
        tp, broker = state.tp, self._broker
        found = self._directories.open(tp, state.topic_id, state.directory_of(broker.broker_id))
        if found is None:
            broker.offline[tp] = state.topic_id
            return None
        broker.offline.pop(tp, None)
        number, file = found
        log = PartitionLog(
            file,
            high_watermark=self._watermarks.of(tp, number),
            directory=number,
            start_offset=self._starts.of(tp, number),
        )
        partition = self.partitions[tp] = self._partition_type(broker, tp, self._config_of(tp.topic), log)
        self.cleaner.note(partition)
        return partition

    def _replace_log(self, future: Future) -> None:
        """A copy in another directory is whole: it takes the log's place, and serves from now on (LogManager.replaceCurrentWithFutureLog)."""
        broker, partition, log = self._broker, future.partition, future.partition.log
        tp, before = partition.tp, log.directory
        online = self._directories.online
        file = replace_by_future(online[before], online[future.number], tp)
        file.bases, file.remnant = list(log.file.bases), log.file.remnant
        log.file, log.directory = file, future.number
        self._watermarks.moved(tp, before, future.number, log.high_watermark)
        self._starts.forget(tp, before)
        self._starts.write()
        self.cleaner.moved(tp, before, future.number)
        broker.trace.emit(ReplicaMoved(broker.world.now_us, broker.broker_id, *tp, before, future.number))

    def directory_failed(self, number: int) -> None:
        """Every replica in that directory is offline for the rest of this life (ReplicaManager.handleLogDirFailure)."""
        broker = self._broker
        self._watermarks.forget_directory(number)
        self.moves.directory_failed(number)
        gone = [tp for tp, one in self.partitions.items() if one.log.directory == number]
        broker.trace.emit(LogDirectoryFailed(broker.world.now_us, broker.broker_id, number, tuple(map(str, gone))))
        for tp in gone:
            self._fetchers.unfollow(tp)
            partition = self.partitions.pop(tp)
            broker.offline[tp] = partition.topic_id
            partition.go_offline()

    def reconfigure(self) -> None:
        """Act on settings that were altered (TopicConfigHandler, DynamicLogConfig)."""
        for tp, partition in self.partitions.items():
            partition.reconfigure(self._config_of(tp.topic))
            self.cleaner.note(partition)

    def _config_of(self, topic: str) -> TopicConfig:
        broker = self._broker
        return broker.image.config_of(topic, broker.broker_id, broker.config)

    def remove(self, topics: tuple[RemovedTopic, ...]) -> None:
        """Let the replicas of topics that are gone be gone, and their logs. Then `apply` what came after."""
        for removed in topics:
            gone = [tp for tp, one in self.partitions.items() if one.topic_id == removed.topic_id]
            for tp in gone:
                self._drop(tp, TOPIC_DELETED)
        if topics:
            offline, known = self._broker.offline, self._broker.image.topic_of_id
            for tp in [tp for tp, topic_id in offline.items() if topic_id not in known]:
                del offline[tp]
            # Kafka leaves those in a directory that failed to the next life, which finds them stray; nobody can look before.
            self.remove_strays()
            self._watermarks.replace_all()

    def remove_strays(self) -> None:
        """Remove logs of topics, and of replicas, that went while no process of this broker knew (LogManager.isStrayKraftReplica)."""
        strays = [
            (tp, number, reason)
            for number, directory in enumerate(self._broker.disk.directories, 1)
            for tp, topic_id in logs_by_topic_id(directory)
            if (reason := self._why_stray(tp, topic_id)) is not None
        ]
        self.moves.remove_strays()
        for tp, number, reason in strays:
            self._remove_log(tp, number, reason)
        if strays:
            self._watermarks.replace_all()

    def _why_stray(self, tp: TopicPartition, topic_id: bytes) -> str | None:
        image = self._broker.image
        if topic_id not in image.topic_of_id:
            return TOPIC_DELETED
        state = image.partitions.get(tp)
        is_elsewhere = state is not None and self._broker.broker_id not in state.replicas
        return REPLICA_REMOVED if is_elsewhere and tp not in self.partitions else None

    def _remove_log(self, tp: TopicPartition, number: int, reason: str) -> None:
        broker = self._broker
        self._watermarks.forget(tp, number)
        self._starts.forget(tp, number)
        self.cleaner.forget(tp, number)
        from_offset = remove_log(broker.disk.directories[number - 1], tp)
        if from_offset:
            broker.trace.emit(LogTruncated(broker.world.now_us, broker.broker_id, *tp, 0, from_offset, reason))

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Hand the controller's answer to its partition. Returns whether to ask again."""
        partition = self.partitions.get(answer.tp)
        return partition is not None and partition.isr_answered(answer)

    # -- faults --------------------------------------------------------------------------------------------------------

    def hold(self, tp: TopicPartition, lasts_us: int) -> None:
        """Do not fetch this partition for a while."""
        partition = self.partitions[tp]
        partition.held_until_us = max(partition.held_until_us, self._broker.world.now_us + lasts_us)
        self._fetchers.ask_anew()
        self._broker.host.call_in(lasts_us, self._go_on)

    def release_all(self) -> None:
        """Every fault is over: fetch everything, and hear every follower."""
        for partition in self.partitions.values():
            partition.hear_all()
        self._go_on()

    def _go_on(self) -> None:
        self._fetchers.ask_anew()
        self._fetchers.step()

    # -- from time to time ---------------------------------------------------------------------------------------------

    def _shrink(self) -> None:
        self._broker.host.call_in(self._broker.config.replica_lag_time_max_us // 2, self._shrink)
        for partition in self.partitions.values():
            partition.shrink_isr()

    def checkpoint_starts(self) -> None:
        """The start of some log moved: write that down in a while."""
        self._starts.note()

    def _flush(self) -> None:
        self._broker.host.call_in(self._broker.config.log_flush_interval_us, self._flush)
        for partition in tuple(self.partitions.values()):
            self.flush(partition)

    def flush(self, partition: Partition) -> None:
        """Begin to flush a log, if there is anything to flush. What is appended meanwhile is flushed with it."""
        file = partition.log.file
        if file.flushed < len(file.entries) and partition.can_write():
            self._broker.disk.fsync(self._broker.world.now_us, file, self._flushed, partition, file)

    def _flushed(self, partition: Partition, file: LogFile) -> None:
        broker = self._broker
        if self.partitions.get(partition.tp) is not partition or partition.log.file is not file:
            return
        broker.trace.emit(LogFlushed(broker.world.now_us, broker.broker_id, *partition.tp, partition.log.end_offset))

    def _delete_old_segments(self) -> None:
        config = self._broker.config
        self._broker.host.call_in(config.log_retention_check_interval_us, self._delete_old_segments)
        for partition in tuple(self.partitions.values()):
            # Logs that are compacted are left to the cleaner, which goes by the same (LogManager.cleanupLogs).
            if not partition.config.is_compacted:
                partition.delete_old_segments()

    # -- the way out ---------------------------------------------------------------------------------------------------

    def prepare_to_leave(self) -> None:
        """Follow no longer where this broker leaves the ISR: it would only be taken back in."""
        self._fetchers.is_leaving = True

    def stop_following(self) -> None:
        """Fetch nothing any more."""
        self._fetchers.end()

    def close(self, then: Callable[[], object]) -> None:
        """Write the high watermarks, flush every log that can be, opened or not, and call back (LogManager.shutdown)."""
        self.cleaner.end()
        self._watermarks.write()
        self._starts.write()
        disk, now_us = self._broker.disk, self._broker.world.now_us
        checkpoints = []
        for directory in self._directories.online.values():
            checkpoints.append(directory.file(CHECKPOINT_FILE))
            for tp, file in logs_in(directory):
                if file.flushed < len(file.entries):
                    disk.fsync(now_us, file, self._closed, tp, file)
        if not checkpoints:
            # The last one failed just now, and the process halts.
            return
        *others, last = checkpoints
        for checkpoint in others:
            disk.fsync(now_us, checkpoint, _nothing)
        disk.fsync(now_us, last, then)

    def _closed(self, tp: TopicPartition, file: LogFile) -> None:
        broker = self._broker
        broker.trace.emit(LogFlushed(broker.world.now_us, broker.broker_id, *tp, file.end_offset))

    # -- producers that wrote nothing for long -------------------------------------------------------------------------

    def _expire(self) -> None:
        config = self._broker.config
        self._broker.host.call_in(config.producer_id_expiration_check_us, self._expire)
        for partition in self.partitions.values():
            partition.log.producers.expire(
                now_ms=self._broker.now_ms, expiration_ms=config.producer_id_expiration_us // MILLISECOND_US
            )


def _nothing() -> None:
    return None
