"""A whole cluster in one world, and the verbs by which faults act on it. Assembly only: no rule lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.records import TopicPartition
from sim.cluster.begun import tell_begun
from sim.cluster.broker import Broker, DiskLoss, Tampering
from sim.cluster.config import ClusterConfig, host_of
from sim.cluster.controller import Quorum
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.internal_topics import CONSUMER_OFFSETS, TRANSACTION_STATE
from sim.cluster.metadata_states import EVERY_BROKER, NO_LEADER
from sim.cluster.rolling_restart import RollingRestart
from sim.cluster.topic_config import TopicConfig
from sim.trace.events import ClockSet, HandlerFailed, RollingRestartEnded
from sim.world.network import HostState, Network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.cluster.applications import Applications
    from sim.cluster.broker import Rule
    from sim.cluster.broker.process import BrokerProcess
    from sim.cluster.controller.election import ElectionKind
    from sim.cluster.gateways import FaultyGateway
    from sim.cluster.key_services import FaultyKeyService
    from sim.cluster.metadata_states import PartitionState
    from sim.cluster.quotas.entity import QuotaEntity
    from sim.cluster.raw_clients import RawClients
    from sim.cluster.readers import Readers
    from sim.cluster.registries import FaultyRegistries
    from sim.cluster.security.acls.acl import Acl
    from sim.trace.trace import Trace
    from sim.world.kernel import World

__all__ = ["Cluster", "DiskLoss"]


class Cluster:
    """Brokers 1 .. n on hosts `b1` …, one controller. A verb that makes no sense now raises ValueError, saying why."""

    def __init__(self, world: World, trace: Trace, config: ClusterConfig | None = None) -> None:
        self.world = world
        self.trace = trace
        self.config = config = config or ClusterConfig()
        self.handler_failures = 0
        """Requests on which a broker failed: bugs of ours, each a `HandlerFailed` in the trace."""
        trace.watch(HandlerFailed, self._count_failure)
        self.applications: Applications | None = None
        self.readers: Readers | None = None
        self.raw_clients: RawClients | None = None
        self.registries: FaultyRegistries | None = None
        self.keys: FaultyKeyService | None = None
        self.gateway: FaultyGateway | None = None
        """Who uses this cluster, for faults to find; whoever tells a story puts them here."""
        self.network = Network(world, config.network)
        self.quorum = Quorum(world, trace, self.network, config)
        """The controllers: which of them is active."""
        self.controller = self.quorum.controller
        """What the active one decides."""
        self.rolling_restart: RollingRestart | None = None
        """The one that is under way."""
        self._tampering = Tampering(world)
        self.brokers: dict[int, Broker] = {
            broker_id: Broker(
                world=world,
                trace=trace,
                config=config,
                network=self.network,
                broker_id=broker_id,
                tampering=Tampering(world, self._tampering),
            )
            for broker_id in range(1, config.brokers + 1)
        }
        for broker_id in self.brokers:
            for address, listener in zip(config.endpoints_of(broker_id), config.listeners, strict=True):
                self.network.publish(address, host_of(broker_id), listener.port)

    @property
    def bootstrap(self) -> tuple[tuple[str, int], ...]:
        """Where clients begin: the advertised (host, port) of every broker, by the first listener."""
        return self.bootstrap_by(0)

    def bootstrap_by(self, listener: int) -> tuple[tuple[str, int], ...]:
        """Where clients begin that come by that listener, by its place."""
        return tuple(self.config.advertised_of(broker_id, listener) for broker_id in self.brokers)

    @property
    def epoch_us(self) -> int:
        """Virtual time 0 on the calendar."""
        return self.config.epoch_us

    # -- life ----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Start every broker; the configured topics exist once all of them are in service."""
        tell_begun(self.trace, self.config, self.world.now_us)
        for broker in self.brokers.values():
            broker.start()

    def crash(self, broker_id: int, disk: DiskLoss = DiskLoss.KEPT) -> None:
        """End a broker's process at once."""
        self._broker(broker_id).crash(disk)

    def restart(self, broker_id: int) -> None:
        """Start a broker that is down."""
        self._broker(broker_id).start()

    def stop(self, broker_id: int) -> None:
        """Ask a broker's process to end in good order; it takes its time."""
        self._broker(broker_id).stop()

    def roll(self, broker_ids: tuple[int, ...]) -> None:
        """Restart brokers in good order, one after the other; it takes its time."""
        if self.rolling_restart is not None:
            msg = "a rolling restart is under way already"
            raise ValueError(msg)
        brokers = tuple(self._broker(broker_id) for broker_id in broker_ids)
        self.rolling_restart = RollingRestart(self.world, self.controller.metadata, brokers, self._rolled)

    def _rolled(self) -> None:
        self.rolling_restart = None
        self.trace.emit(RollingRestartEnded(self.world.now_us))

    def pause(self, broker_id: int) -> None:
        """Stop a broker's process; its sockets fill."""
        self._broker(broker_id).pause()

    def resume(self, broker_id: int) -> None:
        """Let a paused broker go on."""
        self._broker(broker_id).resume()

    def resume_controllers(self) -> bool:
        """Let every paused controller go on. Returns whether there was one."""
        paused = tuple(self.quorum.those(HostState.PAUSED))
        for name in paused:
            self.quorum.resume(name)
        return bool(paused)

    def restart_controllers(self) -> bool:
        """Start every controller that is down. Returns whether there was one."""
        down = tuple(self.quorum.those(HostState.DOWN))
        for name in down:
            self.quorum.restart(name)
        return bool(down)

    def set_clock(self, host: str, offset_us: int) -> None:
        """Set one host's calendar so far ahead of the world's time, or behind; what it measures goes on as it did."""
        self.network.hosts[host].set_clock(offset_us)
        self.trace.emit(ClockSet(self.world.now_us, host, offset_us))

    def set_clocks_right(self) -> None:
        """Let every clock show the world's time again."""
        for name, host in list(self.network.hosts.items()):
            if host.clock_offset_us:
                self.set_clock(name, 0)

    # -- leaders and replicas ------------------------------------------------------------------------------------------

    def move_leader(self, tp: TopicPartition, to: int | None = None) -> None:
        """Let another in-sync replica lead; None: the preferred one."""
        self.quorum.require_active()
        self.controller.replication.move_leader(tp, to)

    def elect(self, tp: TopicPartition, kind: ElectionKind) -> None:
        """Elect a leader by hand, as with Kafka's leader election tool."""
        self.quorum.require_active()
        self.controller.replication.elect(tp, kind)

    def shrink_isr(self, tp: TopicPartition, replicas: tuple[int, ...], lasts_us: int) -> None:
        """Let followers stop fetching for a while; the leader drops them from the ISR at once, and takes them back later."""
        for replica in replicas:
            self.check_follows(tp, replica)
        for replica in replicas:
            self._process(replica).replicas.hold(tp, lasts_us)
        leader = self._process(self.leader_of(tp))
        # What they have sent already counts no longer.
        partition = leader.replicas.partitions[tp]
        leader.host.deliver(leader.host.incarnation, partition.drop_from_isr, (replicas, self.world.now_us + lasts_us))

    def check_follows(self, tp: TopicPartition, replica: int) -> None:
        """Make sure that a broker follows a live leader of the partition now, and that both know of it."""
        state = self.controller.replication.state_of(tp)
        leader = self._process(state.leader) if state.leader != NO_LEADER else None
        follower = self._process(replica)
        if leader is None or replica == state.leader or replica not in state.replicas:
            msg = f"broker {replica} does not follow {tp}: leader is {state.leader}, replicas are {state.replicas}"
            raise ValueError(msg)
        for process in (leader, follower):
            if tp not in process.replicas.partitions:
                msg = f"broker {process.broker_id} does not know {tp} yet"
                raise ValueError(msg)

    def create_topic(self, config: TopicConfig) -> None:
        """Create a topic on the brokers that are in service."""
        self.quorum.require_active()
        self.controller.replication.create_topic(config)

    def delete_topic(self, topic: str) -> None:
        """Let a topic be gone; brokers remove its logs as they learn of it."""
        self.quorum.require_active()
        self.controller.replication.delete_topic(topic)

    def add_partitions(self, topic: str, count: int) -> None:
        """Let a topic have `count` partitions in all."""
        self.quorum.require_active()
        self.controller.replication.add_partitions(topic, count)

    def leader_of(self, tp: TopicPartition) -> int:
        """Who leads, as the controller has it; -1 for nobody."""
        return self.controller.replication.state_of(tp).leader

    def coordinator_of(self, group_id: str) -> int:
        """Who coordinates a group, as the controller has it; -1 for nobody, as before anybody asked for it."""
        return self._coordinator_in(CONSUMER_OFFSETS, group_id)

    def transaction_coordinator_of(self, transactional_id: str) -> int:
        """Who coordinates a transactional id, as the controller has it; -1 for nobody, as before anybody asked for it."""
        return self._coordinator_in(TRANSACTION_STATE, transactional_id)

    def _coordinator_in(self, topic: str, key: str) -> int:
        partitions = self.controller.metadata.partitions
        count = sum(tp.topic == topic for tp in partitions)
        if not count:
            return NO_LEADER
        return partitions[TopicPartition(topic, partition_for(key, count))].leader

    def followers_of(self, tp: TopicPartition) -> tuple[int, ...]:
        """The other replicas, in sync or not, the preferred leader first."""
        state = self.controller.replication.state_of(tp)
        return tuple(replica for replica in state.replicas if replica != state.leader)

    # -- settings ------------------------------------------------------------------------------------------------------

    def alter_topic(self, topic: str, setting: str, value: str | None) -> None:
        """Set one setting of a topic, or delete it for None."""
        self.quorum.require_active()
        self.controller.alter_topic(topic, setting, value)

    def alter_broker(self, broker_id: int | None, setting: str, value: str | None) -> None:
        """Set one setting of a broker, or of all of them; or delete it for None."""
        broker = EVERY_BROKER if broker_id is None else self._broker(broker_id).broker_id
        self.quorum.require_active()
        self.controller.alter_broker(broker, setting, value)

    def alter_quota(self, entity: QuotaEntity, limit: str, value: float | None) -> None:
        """Set one limit of whoever is that entity, or remove it for None."""
        self.quorum.require_active()
        self.controller.alter_quota(entity, limit, value)

    # -- rights --------------------------------------------------------------------------------------------------------

    def create_acl(self, acl: Acl) -> None:
        """Let a rule of who may do what hold."""
        self.quorum.require_active()
        self.controller.create_acl(acl)

    def delete_acls(self, *acls: Acl) -> None:
        """Let rules hold no longer, those of them that do."""
        self.quorum.require_active()
        self.controller.delete_acls(acls)

    # -- disks ---------------------------------------------------------------------------------------------------------

    def fail_log_directory(self, broker_id: int, number: int) -> None:
        """Let nothing be written to one of a broker's log directories any more."""
        self._broker(broker_id).fail_log_directory(number)

    def repair_log_directory(self, broker_id: int, number: int, *, is_wiped: bool = False) -> None:
        """Let a log directory that failed work again, with what it held or as an empty one, from the broker's next life on."""
        self._broker(broker_id).repair_log_directory(number, is_wiped=is_wiped)

    def repair_log_directories(self) -> None:
        """Let every log directory work again, with what it held, from its broker's next life on."""
        for broker in self.brokers.values():
            broker.repair_log_directories()

    def cut_log_short(self, broker_id: int, tp: TopicPartition, batches: int) -> None:
        """Let a log on the disk of a broker that is down lose its last batches."""
        self._broker(broker_id).cut_log_short(tp, batches)

    def flip_bit(self, broker_id: int, tp: TopicPartition, offset: int) -> None:
        """Let a bit flip on a broker's disk, in the batch that holds an offset."""
        self._broker(broker_id).flip_bit(tp, offset)

    def unsync_log(self, broker_id: int, tp: TopicPartition) -> None:
        """Let a broker's disk flush nothing of a log any more, and say that it did."""
        self._broker(broker_id).unsync_log(tp)

    # -- answers -------------------------------------------------------------------------------------------------------

    def tamper(self, broker_id: int | None, rule: Rule) -> None:
        """Let a rule act on one broker's answers, or on whichever broker's come first."""
        tampering = self._tampering if broker_id is None else self._broker(broker_id).tampering
        tampering.add(rule)

    # -- the end of faults ---------------------------------------------------------------------------------------------

    @property
    def impaired_until_us(self) -> int:
        """Until when faults were felt that nobody mends but `heal`, or nobody at all: now, for a slow disk or a broker that is down."""
        now_us = self.world.now_us
        return max(now_us if broker.is_impaired else broker.tampering.acts_until_us for broker in self.brokers.values())

    def heal(self) -> None:
        """End every fault: links open, brokers up, disks whole and fast, no rules, no further restart."""
        if self.rolling_restart is not None:
            self.rolling_restart.give_up()
            self.rolling_restart = None
        self.network.open_all()
        self.set_clocks_right()
        self.resume_controllers()
        self.restart_controllers()
        self._tampering.clear()
        self.repair_log_directories()
        for broker in self.brokers.values():
            broker.tampering.clear()
            broker.disk.set_slowness(self.world.now_us, 1)
            broker.disk.sync_again()
            if broker.process is None:
                broker.start()
            elif broker.is_paused:
                broker.resume()
            if broker.is_stopping:
                broker.start_when_stopped()
            elif broker.process is not None and broker.process.directories.has_offline:
                # Only another life takes up a directory that failed in this one.
                broker.stop(starts_again=True)
            if broker.process is not None:
                # Behind whatever a paused process has yet to read, older faults among it.
                broker.host.deliver(broker.host.incarnation, broker.process.replicas.release_all, ())
        if self.registries is not None:
            self.registries.heal()
        if self.keys is not None:
            self.keys.repair()
        if self.gateway is not None:
            self.gateway.heal()

    def is_settled(self) -> bool:
        """Whether every partition has a leader, every replica in sync with an equal log, and all of it committed.

        Before the configured topics exist it is not.
        """
        metadata = self.controller.metadata
        if not self.controller.has_created_topics or not self.quorum.is_whole:
            return False
        # It is asked every few milliseconds: first what is seldom so until the end.
        alive = [broker for broker in metadata.brokers.values() if not broker.is_fenced]
        if len(alive) != len(self.brokers):
            return False
        if not all(self._is_partition_settled(state) for state in metadata.partitions.values()):
            return False
        brokers = self.brokers.values()
        if any(broker.process is None or broker.is_stopping or broker.is_behind for broker in brokers):
            return False
        # Somebody may have yet to learn that a topic is gone.
        return all(tp in metadata.partitions for tp in self._hosted())

    def committed(self) -> dict[TopicPartition, int]:
        """Partition -> its high watermark at the leader; those that nobody leads are missing."""
        found = {}
        for state in self.controller.metadata.partitions.values():
            broker = self.brokers.get(state.leader)
            process = None if broker is None else broker.process
            partition = None if process is None else process.replicas.partitions.get(state.tp)
            if partition is not None and partition.is_leader:
                found[state.tp] = partition.log.high_watermark
        return found

    def has_ended_transactions(self) -> bool:
        """Whether each transaction whose end is decided has its markers, as its coordinator knows; what is open ends by its time-out."""
        return all(
            broker.process is None or broker.process.transactions.has_ended_decided()
            for broker in self.brokers.values()
        )

    def _hosted(self) -> Iterator[TopicPartition]:
        for broker in self.brokers.values():
            if broker.process is not None:
                yield from broker.process.partitions

    def _is_partition_settled(self, state: PartitionState) -> bool:
        if state.leader == NO_LEADER or len(state.isr) != len(state.replicas):
            return False
        ends = []
        for replica in state.replicas:
            process = self.brokers[replica].process
            partition = None if process is None else process.replicas.partitions.get(state.tp)
            # A broker that has not applied this state yet still acts on an older one.
            if partition is None or partition.state != state:
                return False
            ends += [partition.log.end_offset, partition.log.high_watermark]
        return min(ends) == max(ends)

    def _count_failure(self, _event: HandlerFailed) -> None:
        self.handler_failures += 1

    def _broker(self, broker_id: int) -> Broker:
        broker = self.brokers.get(broker_id)
        if broker is None:
            msg = f"broker {broker_id} does not exist, brokers are 1..{len(self.brokers)}"
            raise ValueError(msg)
        return broker

    def _process(self, broker_id: int) -> BrokerProcess:
        process = self._broker(broker_id).process
        if process is None:
            msg = f"broker {broker_id} is down"
            raise ValueError(msg)
        return process
