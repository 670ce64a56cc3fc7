"""All replicas on one broker: opened from the disk, told of the controller's decisions, flushed and checkpointed.

Kafka: ReplicaManager, ReplicaFetcherManager, LogManager.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.broker.log_directory import (
    CHECKPOINT_FILE,
    log_end_offsets,
    log_file,
    logs_by_topic_id,
    open_log,
    remove_log,
)
from sim.cluster.broker.log_recovery import recover_logs
from sim.cluster.broker.partition_log import PartitionLog
from sim.cluster.broker.replication import ReplicaFetcher
from sim.cluster.messages import NO_LEADER
from sim.trace.events import CORRUPT_BATCH, TOPIC_DELETED, LogFlushed, LogTruncated
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.config import TopicConfig
    from sim.cluster.messages import AlterPartitionAnswer, PartitionState, RemovedTopic


class Replicas:
    """The replicas by partition, and a fetcher for each broker that leads one of them."""

    def __init__(
        self, broker: Surroundings, partitions: dict[TopicPartition, Partition], partition_type: type[Partition]
    ) -> None:
        """`partitions` is filled here, and read by whoever serves them."""
        self._broker = broker
        self._partition_type = partition_type
        self._fetchers: dict[int, ReplicaFetcher] = {}
        self._checkpointed: dict[TopicPartition, int] = {}
        self._is_leaving = False
        self.partitions = partitions

    def begin(self, *, after_good_end: bool) -> None:
        """Recover the logs unless the life before ended in good order, read the checkpoint, start what happens from time to time."""
        if not after_good_end:
            self._recover()
        checkpoint = self._broker.disk.file(CHECKPOINT_FILE)
        self._checkpointed = dict(checkpoint.entries[0]) if checkpoint.entries else {}
        config = self._broker.config
        call_in = self._broker.host.call_in
        call_in(config.replica_lag_time_max_us // 2, self._shrink)
        call_in(config.high_watermark_checkpoint_us, self._checkpoint)
        call_in(config.log_flush_interval_us, self._flush)
        call_in(config.producer_id_expiration_check_us, self._expire)

    def _recover(self) -> None:
        broker = self._broker
        for tp, to_offset, from_offset in recover_logs(broker.disk):
            broker.trace.emit(
                LogTruncated(broker.world.now_us, broker.broker_id, *tp, to_offset, from_offset, CORRUPT_BATCH)
            )

    # -- metadata ------------------------------------------------------------------------------------------------------

    def apply(self, states: tuple[PartitionState, ...]) -> None:
        """Act on the controller's decisions about partitions, those of other brokers left out."""
        for state in states:
            if self._broker.broker_id in state.replicas:
                self._apply(state)
        self._keep_fetchers()
        self._step()

    def _keep_fetchers(self) -> None:
        """Follow every broker in service, as far as this one knows, for partitions that no story tells of.

        Whoever holds none that a story tells of holds no other, either: those that a story begins with are fetched at once.
        """
        broker = self._broker
        if not self.partitions:
            return
        for number in broker.image.brokers:
            is_kept = broker.config.follows_other_partitions and broker.image.is_alive(number)
            if number != broker.broker_id and (is_kept or number in self._fetchers):
                self._fetcher(number).is_kept = is_kept

    def _apply(self, state: PartitionState) -> None:
        partition = self.partitions.get(state.tp)
        if partition is None:
            config = self._config_of(state.tp.topic)
            file = open_log(self._broker.disk, state.tp, state.topic_id)
            log = PartitionLog(file, high_watermark=self._checkpointed.get(state.tp, 0))
            partition = self.partitions[state.tp] = self._partition_type(self._broker, state.tp, config, log)
        if partition.apply(state) or self._is_leaving:
            self._refollow(partition)

    def reconfigure(self) -> None:
        """Act on settings that were altered (TopicConfigHandler, DynamicLogConfig)."""
        for tp, partition in self.partitions.items():
            partition.reconfigure(self._config_of(tp.topic))

    def _config_of(self, topic: str) -> TopicConfig:
        broker = self._broker
        return broker.image.config_of(topic, broker.broker_id, broker.config)

    def remove(self, topics: tuple[RemovedTopic, ...]) -> None:
        """Let the replicas of topics that are gone be gone, and their logs. Then `apply` what came after."""
        for removed in topics:
            gone = [tp for tp, one in self.partitions.items() if one.topic_id == removed.topic_id]
            for tp in gone:
                for fetcher in self._fetchers.values():
                    fetcher.unfollow(tp)
                # Before it ends: whoever waits there looks again, and must not find it.
                partition = self.partitions.pop(tp)
                self._remove_log(tp)
                partition.end(self._broker.image.code_without_replica(tp))
        if topics:
            self._replace_checkpoint()

    def remove_strays(self) -> None:
        """Remove logs of topics that went while no process of this broker knew (LogManager.isStrayKraftReplica)."""
        known = self._broker.image.topic_of_id
        strays = [tp for tp, topic_id in logs_by_topic_id(self._broker.disk) if topic_id not in known]
        for tp in strays:
            self._remove_log(tp)
        if strays:
            self._replace_checkpoint()

    def _remove_log(self, tp: TopicPartition) -> None:
        broker = self._broker
        self._checkpointed.pop(tp, None)
        from_offset = remove_log(broker.disk, tp)
        if from_offset:
            broker.trace.emit(LogTruncated(broker.world.now_us, broker.broker_id, *tp, 0, from_offset, TOPIC_DELETED))

    def _refollow(self, partition: Partition) -> None:
        for fetcher in self._fetchers.values():
            fetcher.unfollow(partition.tp)
        leader = partition.leader
        if leader in {NO_LEADER, self._broker.broker_id} or self._has_left(partition):
            return
        self._fetcher(leader).follow(partition)

    def _fetcher(self, leader: int) -> ReplicaFetcher:
        if leader not in self._fetchers:
            self._fetchers[leader] = ReplicaFetcher(self._broker, leader)
        return self._fetchers[leader]

    def _has_left(self, partition: Partition) -> bool:
        """Whether this broker is about to stop, and already out of sync on purpose (ReplicaManager.isInControlledShutdown)."""
        return self._is_leaving and partition.state is not None and self._broker.broker_id not in partition.state.isr

    def _step(self) -> None:
        for fetcher in self._fetchers.values():
            fetcher.step()

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Hand the controller's answer to its partition. Returns whether to ask again."""
        partition = self.partitions.get(answer.tp)
        return partition is not None and partition.isr_answered(answer)

    # -- faults --------------------------------------------------------------------------------------------------------

    def hold(self, tp: TopicPartition, lasts_us: int) -> None:
        """Do not fetch this partition for a while."""
        partition = self.partitions[tp]
        partition.held_until_us = max(partition.held_until_us, self._broker.world.now_us + lasts_us)
        self._ask_anew()
        self._broker.host.call_in(lasts_us, self._go_on)

    def release_all(self) -> None:
        """Every fault is over: fetch everything, and hear every follower."""
        for partition in self.partitions.values():
            partition.hear_all()
        self._go_on()

    def _go_on(self) -> None:
        self._ask_anew()
        self._step()

    def _ask_anew(self) -> None:
        for fetcher in self._fetchers.values():
            fetcher.moved()

    # -- from time to time ---------------------------------------------------------------------------------------------

    def _shrink(self) -> None:
        self._broker.host.call_in(self._broker.config.replica_lag_time_max_us // 2, self._shrink)
        for partition in self.partitions.values():
            partition.shrink_isr()

    def _checkpoint(self) -> None:
        self._broker.host.call_in(self._broker.config.high_watermark_checkpoint_us, self._checkpoint)
        self._write_checkpoint()

    def _write_checkpoint(self) -> None:
        # What is not opened yet keeps what the process before knew of it.
        watermarks = self._checkpointed | {tp: one.log.high_watermark for tp, one in self.partitions.items()}
        if watermarks == self._checkpointed:
            return
        self._checkpointed = watermarks
        self._replace_checkpoint()

    def _replace_checkpoint(self) -> None:
        # Kafka writes a new file, flushes it, and renames it over the old one: all or nothing.
        checkpoint = self._broker.disk.file(CHECKPOINT_FILE)
        checkpoint.truncate(0)
        checkpoint.append(dict(self._checkpointed))
        checkpoint.fsync()

    def _flush(self) -> None:
        self._broker.host.call_in(self._broker.config.log_flush_interval_us, self._flush)
        for partition in self.partitions.values():
            file = partition.log.file
            if file.flushed < len(file.entries):
                self._broker.disk.fsync(self._broker.world.now_us, str(partition.tp), self._flushed, partition)

    def _flushed(self, partition: Partition) -> None:
        broker = self._broker
        if self.partitions.get(partition.tp) is not partition:
            return
        broker.trace.emit(LogFlushed(broker.world.now_us, broker.broker_id, *partition.tp, partition.log.end_offset))

    # -- the way out ---------------------------------------------------------------------------------------------------

    def prepare_to_leave(self) -> None:
        """Follow no longer where this broker leaves the ISR: it would only be taken back in."""
        self._is_leaving = True

    def stop_following(self) -> None:
        """Fetch nothing any more."""
        for fetcher in self._fetchers.values():
            fetcher.end()

    def close(self, then: Callable[[], object]) -> None:
        """Write the high watermarks, flush every log on the disk, opened or not, and call back (LogManager.shutdown)."""
        self._write_checkpoint()
        disk, now_us = self._broker.disk, self._broker.world.now_us
        for tp, end_offset in log_end_offsets(disk).items():
            file = log_file(disk, tp)
            if file.flushed < len(file.entries):
                disk.fsync(now_us, str(tp), self._closed, tp, end_offset)
        disk.fsync(now_us, CHECKPOINT_FILE, then)

    def _closed(self, tp: TopicPartition, end_offset: int) -> None:
        broker = self._broker
        broker.trace.emit(LogFlushed(broker.world.now_us, broker.broker_id, *tp, end_offset))

    # -- producers that wrote nothing for long -------------------------------------------------------------------------

    def _expire(self) -> None:
        config = self._broker.config
        self._broker.host.call_in(config.producer_id_expiration_check_us, self._expire)
        for partition in self.partitions.values():
            partition.log.producers.expire(
                now_ms=self._broker.now_ms, expiration_ms=config.producer_id_expiration_us // MILLISECOND_US
            )
