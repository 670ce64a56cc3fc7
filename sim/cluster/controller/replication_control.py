"""Topics and partitions: where replicas are placed, who leads, who is in sync (Kafka's ReplicationControlManager)."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.config import do_collide
from sim.cluster.controller.election import ElectionRules, next_state
from sim.cluster.messages import (
    NO_EPOCH,
    NO_LEADER,
    AlterPartition,
    AlterPartitionAnswer,
    IsrMember,
    PartitionState,
    TopicState,
)
from sim.trace.events import IsrChanged, LeaderElected, PartitionsAdded, TopicCreated

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig, TopicConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.trace.trace import Trace
    from sim.world.kernel import World


class ReplicationControl:
    """What the controller decides about partitions. Whoever calls a method named after a broker's fate commits."""

    def __init__(self, world: World, trace: Trace, config: ClusterConfig, log: MetadataLog) -> None:
        self._world = world
        self._trace = trace
        self._config = config
        self._log = log
        self._rules = ElectionRules(config.eligible_leader_replicas, config.unclean_leader_election, log.is_active)

    # -- topics --------------------------------------------------------------------------------------------------------

    def create_topic(self, config: TopicConfig) -> None:
        """Create a topic on the live brokers. Raises ValueError if it exists or nobody could lead a partition."""
        if config.name in self._log.topics:
            msg = f"topic {config.name!r} exists already"
            raise ValueError(msg)
        for name in self._log.topics:
            if do_collide(name, config.name):
                msg = f"topic {config.name!r} collides with {name!r}: in metrics '.' and '_' are one"
                raise ValueError(msg)
        placed = [self._place(config, number) for number in range(config.partitions)]
        # Kafka draws the id at random; ours follows from the name, so that one more topic moves nothing.
        topic_id = blake2b(config.name.encode(), digest_size=16, person=b"topic id").digest()
        self._trace.emit(
            TopicCreated(
                self._world.now_us,
                config.name,
                config.partitions,
                len(placed[0].replicas),
                config.min_insync_replicas,
                config.timestamp_type,
            )
        )
        self._log.put(TopicState(config.name, topic_id, config))
        self._add(placed)

    def add_partitions(self, topic: str, count: int) -> None:
        """Let the topic have `count` partitions in all. Raises ValueError for an unknown topic or too small a count."""
        known = self._log.topics.get(topic)
        if known is None:
            msg = f"topic {topic!r} does not exist"
            raise ValueError(msg)
        present = sum(1 for tp in self._log.partitions if tp.topic == topic)
        if count <= present:
            msg = f"topic {topic!r} has {present} partitions, {count} wanted, must be more"
            raise ValueError(msg)
        placed = [self._place(known.config, number) for number in range(present, count)]
        self._trace.emit(PartitionsAdded(self._world.now_us, topic, count))
        self._add(placed)

    def _place(self, config: TopicConfig, number: int) -> PartitionState:
        replicas = config.replicas_of(number, self._config.brokers)
        isr = tuple(replica for replica in replicas if self._log.is_active(replica))
        if not isr:
            msg = f"partition {config.name}-{number} cannot be created: none of the brokers {replicas} is in service"
            raise ValueError(msg)
        return PartitionState(TopicPartition(config.name, number), replicas, isr[0], 0, isr, (), NO_LEADER, 0)

    def _add(self, placed: list[PartitionState]) -> None:
        for state in placed:
            self._announce_leader(state, is_unclean=False)
            self._log.put(state)
        self._log.commit()

    # -- leaders -------------------------------------------------------------------------------------------------------

    def state_of(self, tp: TopicPartition) -> PartitionState:
        """Give the partition's state. Raises ValueError for an unknown one."""
        state = self._log.partitions.get(tp)
        if state is None:
            msg = f"partition {tp} does not exist"
            raise ValueError(msg)
        return state

    def move_leader(self, tp: TopicPartition, to: int | None) -> None:
        """Let another in-sync replica lead, the preferred one for None. Raises ValueError if it may not."""
        state = self.state_of(tp)
        wanted = state.replicas[0] if to is None else to
        if wanted not in state.isr or not self._log.is_active(wanted):
            msg = f"broker {wanted} cannot lead {tp}: in sync are {state.isr}"
            raise ValueError(msg)
        self._change(state, isr=state.isr, wanted_leader=wanted)
        self._log.commit()

    def has_leaderships(self, broker: int) -> bool:
        """Whether that broker leads anything."""
        return any(state.leader == broker for state in self._log.partitions.values())

    def broker_fenced(self, broker: int) -> None:
        """Nothing rests on this broker any more, since it is fenced or about to stop: it leaves every ISR, and others lead."""
        for state in tuple(self._log.partitions.values()):
            if broker in state.isr or broker == state.leader:
                self._change(state, isr=tuple(replica for replica in state.isr if replica != broker))

    def broker_unfenced(self) -> None:
        """One more may lead: see whether it helps partitions that have no leader."""
        for state in tuple(self._log.partitions.values()):
            if state.leader == NO_LEADER:
                self._change(state, isr=state.isr)

    def broker_forgot(self, broker: int) -> None:
        """A process that ended without a word may have lost what it never flushed (KIP-966)."""
        for state in tuple(self._log.partitions.values()):
            if broker in state.isr or broker in state.eligible_leader_replicas:
                isr = tuple(replica for replica in state.isr if replica != broker)
                self._change(state, isr=isr, unclean_shutdown=(broker,))

    # -- in-sync replicas ----------------------------------------------------------------------------------------------

    def alter_partition(self, message: AlterPartition) -> AlterPartitionAnswer:
        """Commit the ISR that a leader proposes, or say why not."""
        state = self._log.partitions.get(message.tp)
        code = self._refusal(message, state)
        changed = None
        if code is Code.NONE:
            assert state is not None
            self._change(state, isr=tuple(member.broker for member in message.isr))
            self._log.commit()
            changed = self._log.partitions[message.tp]
        return AlterPartitionAnswer(code, message.tp, message.leader_epoch, message.partition_epoch, changed)

    def _refusal(self, message: AlterPartition, state: PartitionState | None) -> Code:
        """ReplicationControlManager.validateAlterPartitionData, in its order."""
        if not self._log.is_registered(message.broker, message.broker_epoch):
            return Code.STALE_BROKER_EPOCH
        if state is None:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        if message.leader_epoch > state.leader_epoch or message.partition_epoch > state.partition_epoch:
            return Code.NOT_CONTROLLER
        if message.leader_epoch < state.leader_epoch:
            return Code.FENCED_LEADER_EPOCH
        if message.broker != state.leader:
            return Code.INVALID_REQUEST
        if message.partition_epoch < state.partition_epoch:
            return Code.INVALID_UPDATE_VERSION
        isr = [member.broker for member in message.isr]
        if message.broker not in isr or not all(replica in state.replicas for replica in isr):
            return Code.INVALID_REQUEST
        if not all(self._is_eligible(member) for member in message.isr):
            return Code.INELIGIBLE_REPLICA
        return Code.NONE

    def _is_eligible(self, member: IsrMember) -> bool:
        """ReplicationControlManager.ineligibleReplicasForIsr: registered, not fenced, and still the same registration.

        An unknown epoch passes: only who is in the ISR already can have one, and whoever leaves it moves the partition
        epoch, on which the proposal then fails.
        """
        log, (broker, broker_epoch) = self._log, member
        return log.is_active(broker) and (broker_epoch == NO_EPOCH or log.is_registered(broker, broker_epoch))

    # -- one change ----------------------------------------------------------------------------------------------------

    def _change(
        self,
        state: PartitionState,
        *,
        isr: tuple[int, ...],
        unclean_shutdown: tuple[int, ...] = (),
        wanted_leader: int | None = None,
    ) -> None:
        change = next_state(
            state,
            self._rules,
            isr=isr,
            min_insync_replicas=self._log.topics[state.tp.topic].config.min_insync_replicas,
            unclean_shutdown=unclean_shutdown,
            wanted_leader=wanted_leader,
        )
        if change is None:
            return
        changed = change.state
        if changed.leader_epoch != state.leader_epoch:
            self._announce_leader(changed, is_unclean=change.is_unclean)
        elif (changed.isr, changed.eligible_leader_replicas) != (state.isr, state.eligible_leader_replicas):
            self._trace.emit(
                IsrChanged(
                    self._world.now_us,
                    *changed.tp,
                    changed.leader,
                    changed.leader_epoch,
                    changed.isr,
                    changed.eligible_leader_replicas,
                )
            )
        self._log.put(changed)

    def _announce_leader(self, state: PartitionState, *, is_unclean: bool) -> None:
        self._trace.emit(
            LeaderElected(
                self._world.now_us,
                *state.tp,
                state.leader,
                state.leader_epoch,
                state.isr,
                state.replicas,
                state.eligible_leader_replicas,
                is_unclean,
            )
        )
