"""One life of a broker's process: what it holds in memory, from its start to its crash.

A crash forgets this object whole; the next life begins with what the disk holds.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from producer.errors import Code
from sim.cluster.broker.add_partitions_sender import AddPartitionsSender
from sim.cluster.broker.assignments import Assignments
from sim.cluster.broker.controller_link import ControllerLink
from sim.cluster.broker.forwarding import Forwarding
from sim.cluster.broker.lifecycle import Lifecycle
from sim.cluster.broker.listener import greet
from sim.cluster.broker.log_directories import LogDirectories
from sim.cluster.broker.log_directory import METADATA_LOG_DIR
from sim.cluster.broker.metadata_fetcher import MetadataFetcher
from sim.cluster.broker.producer_ids import ProducerIds
from sim.cluster.broker.replicas import Replicas
from sim.cluster.broker.serving import ConnectionType, ServingBroker
from sim.cluster.broker.versions import spoken
from sim.cluster.coordinators.groups.service import GroupCoordinator
from sim.cluster.coordinators.transactions.service import TransactionCoordinator
from sim.cluster.internal_topics import wanted_topic

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.partition import Partition
    from sim.cluster.broker.request import Handler
    from sim.cluster.broker.tampering import Tampering
    from sim.cluster.config import ClusterConfig
    from sim.cluster.coordinators.groups.shard import GroupShard
    from sim.cluster.coordinators.transactions.shard import TransactionShard
    from sim.cluster.envelope import EnvelopeAnswer
    from sim.cluster.messages import (
        AlterPartition,
        AlterPartitionAnswer,
        AssignReplicasToDirsAnswer,
        HeartbeatAnswer,
        ProducerIdBlock,
    )
    from sim.cluster.metadata_states import MetadataDelta
    from sim.cluster.security.acls.authorizer import Authorizer
    from sim.trace.trace import Trace
    from sim.world.disk import Disk
    from sim.world.kernel import World
    from sim.world.network import Host, Network


class Ends(Protocol):
    """How a process ends itself."""

    def halt(self) -> None:
        """Be gone without a word (Exit.halt)."""
        ...

    def stop_itself(self) -> None:
        """End in good order, as if asked to."""
        ...


class BrokerProcess(ServingBroker):
    """The parts of one life, put together: replicas, the line to the controller, and who answers what."""

    def __init__(
        self,
        *,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        network: Network,
        host: Host,
        disk: Disk,
        tampering: Tampering,
        broker_id: int,
        partition_type: type[Partition],
        group_shard_type: type[GroupShard],
        transaction_shard_type: type[TransactionShard],
        connection_type: ConnectionType,
        authorizer_type: type[Authorizer],
        handlers: Mapping[int, Handler],
        ends: Ends,
    ) -> None:
        super().__init__(
            world=world,
            trace=trace,
            config=config,
            network=network,
            host=host,
            disk=disk,
            tampering=tampering,
            broker_id=broker_id,
            connection_type=connection_type,
            authorizer_type=authorizer_type,
        )
        self._has_begun = False
        self._is_serving = False
        self._handlers = handlers
        self._ends = ends
        self.directories = LogDirectories(disk, self._directory_failed)
        self.link = ControllerLink(self, self)
        self._assignments = Assignments(self, self.link.assign_replicas)
        self.replicas = Replicas(self, self.directories, self._assignments, partition_type)
        self.moves = self.replicas.moves
        self.metadata = MetadataFetcher(self, self.apply_metadata)
        self.producer_ids = ProducerIds(self.link.ask_for_producer_ids)
        self.forwarding = Forwarding(broker_id, self.purgatory, self.link.forward)
        self.spoken = spoken(*handlers, two_phase_commit=config.transaction_two_phase_commit)
        self.groups = GroupCoordinator(self, group_shard_type)
        self.transactions = TransactionCoordinator(self, transaction_shard_type)
        self.add_partitions = AddPartitionsSender(self)
        self.lifecycle = Lifecycle(self, self)
        # No two processes take the same time, so brokers that are started together beat, and are missed, at different moments.
        late_us = world.chance(f"broker/b{broker_id}/start").randrange(config.broker_start_jitter_us + 1)
        host.call_in(config.broker_start_us + late_us, self._begin)

    def _begin(self) -> None:
        if self.is_closing:
            return
        self._has_begun = True
        self.link.previous_broker_epoch = self.directories.take_clean_shutdown_files()
        self.link.log_dirs = self.directories.ids
        self.link.open()
        self.metadata.begin()
        self.replicas.begin()

    # -- asking the controller -----------------------------------------------------------------------------------------

    @property
    def broker_epoch(self) -> int:
        return self.link.broker_epoch

    def create_missing_topic(self, name: str) -> None:
        self.link.create_topic(wanted_topic(name, self.config))

    def propose_isr(self, message: AlterPartition) -> None:
        self.link.alter_partition(message)

    def log_start_moved(self) -> None:
        self.replicas.checkpoint_starts()

    def log_cut(self, tp: TopicPartition, to_offset: int) -> None:
        partition = self.partitions.get(tp)
        if partition is not None:
            self.replicas.cleaner.cut(partition, to_offset)

    def log_rolled(self, tp: TopicPartition) -> None:
        self.replicas.flush(self.partitions[tp])

    # -- what the controller says --------------------------------------------------------------------------------------

    def apply_metadata(self, delta: MetadataDelta) -> None:
        if self.is_closing:
            return
        self.image.apply(delta)
        for quota in delta.quotas:
            self.quotas.put(quota)
        self.forget_encoded()
        if self._is_serving:
            self.replicas.remove(delta.removed_topics)
            self.replicas.apply(delta.partitions)
            if delta.topics or delta.settings:
                # Behind the partitions, as in BrokerMetadataPublisher: a lower min.insync.replicas moves nothing by itself.
                self.replicas.reconfigure()
            self.groups.metadata_changed(delta)
            self.transactions.metadata_changed(delta)
        else:
            self.progressed()

    def progressed(self) -> None:
        """Registered, or further with the metadata: serve, and ask to be unfenced, once both are far enough.

        Before that its roles are those of the process before, which it must not take up (BrokerMetadataPublisher).
        """
        if not self._is_serving and self.link.is_caught_up:
            self._is_serving = True
            self.replicas.remove_strays()
            states = tuple(self.image.partitions.values())
            self.replicas.apply(states)
            self.groups.runtime.apply(states)
            self.transactions.begin(states)
            self._listen()
            self.link.heartbeat()

    def _listen(self) -> None:
        # Other brokers come by the first listener (inter.broker.listener.name).
        self.host.on_connection = partial(greet, self, self._handlers, 0)
        if len(self.config.listeners) > 1:
            for place, listener in enumerate(self.config.listeners):
                self.host.ports[listener.port] = partial(greet, self, self._handlers, place)

    def heartbeat_answered(self, answer: HeartbeatAnswer) -> None:
        if answer.code is not Code.NONE:
            return
        if answer.should_shut_down:
            self.lifecycle.may_go()
        elif not answer.is_fenced:
            self.lifecycle.unfenced()

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        return self.replicas.isr_answered(answer)

    def replicas_assigned(self, answer: AssignReplicasToDirsAnswer) -> None:
        self._assignments.answered(answer)

    def producer_ids_received(self, block: ProducerIdBlock) -> None:
        self.producer_ids.received(block)

    # -- log directories that fail -------------------------------------------------------------------------------------

    def can_write(self, log_directory: int) -> bool:
        return self.directories.works(log_directory)

    def _directory_failed(self, number: int) -> None:
        """Go on without it; not without the metadata log's, nor without any (KafkaServer.Exit.halt)."""
        self.replicas.directory_failed(number)
        if number == METADATA_LOG_DIR or not self.directories.online:
            # Not from within: whoever found out has yet to return.
            self.host.call_in(0, self._ends.halt)
        else:
            self.link.directory_failed(self.directories.id_of(number))

    def line_opened(self) -> None:
        self.forwarding.ask_again()

    def envelope_answered(self, message: EnvelopeAnswer) -> None:
        self.forwarding.received(message)

    def failure_not_told(self) -> None:
        if not self.is_closing:
            self._ends.stop_itself()

    # -- the way out ---------------------------------------------------------------------------------------------------

    def prepare_to_leave(self) -> None:
        self.replicas.prepare_to_leave()
        self.link.ask_to_shut_down()

    def stop_serving(self) -> None:
        self.is_closing = True
        self.host.listen_no_more()
        self.link.end()
        self.metadata.end()
        self.replicas.stop_following()
        self.groups.runtime.stop()
        self.transactions.stop()
        self.add_partitions.end()

    def close_logs(self, then: Callable[[], object]) -> None:
        if self._has_begun:
            self.replicas.close(partial(self._logs_closed, then))
        else:
            then()

    def _logs_closed(self, then: Callable[[], object]) -> None:
        self.directories.write_clean_shutdown_files(self.broker_epoch)
        then()
