"""Topics and partitions: where replicas are placed, who leads, who is in sync (Kafka's ReplicationControlManager)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.controller.announcements import Announcements
from sim.cluster.controller.election import ElectionKind, ElectionRules, next_state
from sim.cluster.controller.proposed_isr import refusal
from sim.cluster.controller.reassignment import Placement, placement_of, towards, without
from sim.cluster.envelope import RefusedError
from sim.cluster.messages import (
    AlterPartition,
    AlterPartitionAnswer,
    AssignReplicasToDirs,
    AssignReplicasToDirsAnswer,
    DirectoryAssignment,
)
from sim.cluster.metadata_states import NO_LEADER, UNASSIGNED, PartitionState, RemovedTopic, TopicState
from sim.cluster.settings import own_settings
from sim.cluster.topic_config import do_collide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.configuration_control import ConfigurationControl
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.settings import Settings
    from sim.cluster.topic_config import TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World


class ReplicationControl:
    """What the controller decides about partitions. Whoever calls a method named after a broker's fate commits."""

    def __init__(
        self,
        world: World,
        trace: Trace,
        config: ClusterConfig,
        log: MetadataLog,
        configuration: ConfigurationControl,
    ) -> None:
        self._world = world
        self._trace = trace
        self._told = Announcements(world, trace)
        self._config = config
        self._log = log
        self._configuration = configuration

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
        self.put_topic(config, self.new_topic_id(config.name), own_settings(config))
        self._log.commit()

    def put_topic(self, config: TopicConfig, topic_id: bytes, settings: Settings) -> None:
        """Create a topic under that id; whoever does so commits. Raises ValueError if nobody could lead a partition."""
        placed = [
            self._place(config.name, topic_id, number, config.replicas_of(number, self._config.brokers))
            for number in range(config.partitions)
        ]
        self._log.put(TopicState(config.name, topic_id, config, settings))
        self._told.topic_created(self._configuration.config_of(config.name), len(placed[0].replicas))
        self._put(placed)

    def new_topic_id(self, name: str) -> bytes:
        """Draw an id that no topic ever had (Uuid.randomUuid). Each name has a stream: one more topic moves no other's."""
        chance = self._world.chance(f"topic id/{name}")
        return b"".join([chance.bits().to_bytes(8, "big") for _ in range(2)])

    def delete_topic(self, name: str) -> None:
        """Let a topic and all of its partitions be gone. Raises ValueError for an unknown one."""
        self.put_removal(self._topic(name))
        self._log.commit()

    def put_removal(self, topic: TopicState) -> None:
        """Let a topic be gone; whoever does so commits."""
        self._told.topic_deleted(topic.name)
        self._log.put(RemovedTopic(topic.name, topic.topic_id))

    def _topic(self, name: str) -> TopicState:
        known = self._log.topics.get(name)
        if known is None:
            msg = f"topic {name!r} does not exist"
            raise ValueError(msg)
        return known

    def add_partitions(self, topic: str, count: int) -> None:
        """Let the topic have `count` partitions in all. Raises ValueError for an unknown topic or too small a count."""
        known = self._topic(topic)
        present = len(self.partitions_of(topic))
        if count <= present:
            msg = f"topic {topic!r} has {present} partitions, {count} wanted, must be more"
            raise ValueError(msg)
        self.put_partitions(
            known, [known.config.replicas_of(number, self._config.brokers) for number in range(present, count)]
        )
        self._log.commit()

    def put_partitions(self, topic: TopicState, replicas: Sequence[tuple[int, ...]]) -> None:
        """Add partitions on those brokers; whoever does so commits. Raises ValueError if nobody could lead one of them."""
        present = len(self.partitions_of(topic.name))
        placed = [
            self._place(topic.name, topic.topic_id, number, brokers) for number, brokers in enumerate(replicas, present)
        ]
        self._told.partitions_added(topic.name, present + len(placed))
        self._put(placed)

    def partitions_of(self, topic: str) -> tuple[PartitionState, ...]:
        """Give a topic's partitions, in the order of their numbers."""
        return tuple(state for tp, state in sorted(self._log.partitions.items()) if tp.topic == topic)

    def _place(self, topic: str, topic_id: bytes, number: int, replicas: tuple[int, ...]) -> PartitionState:
        isr = tuple(replica for replica in replicas if self._log.is_active(replica))
        if not isr:
            msg = f"partition {topic}-{number} cannot be created: none of the brokers {replicas} is in service"
            raise ValueError(msg)
        tp = TopicPartition(topic, number)
        directories = tuple(self._default_dir(replica) for replica in replicas)
        return PartitionState(tp, replicas, isr[0], 0, isr, (), NO_LEADER, 0, topic_id, directories)

    def _default_dir(self, replica: int) -> bytes:
        known = self._log.brokers.get(replica)
        return UNASSIGNED if known is None else known.default_dir

    def _put(self, placed: list[PartitionState]) -> None:
        for state in placed:
            self._told.elected(state, is_unclean=False)
            self._log.put(state)

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
        if wanted not in state.isr or not self._may_lead(wanted, state):
            msg = f"broker {wanted} cannot lead {tp}: in sync are {state.isr}"
            raise ValueError(msg)
        self._change(state, isr=state.isr, wanted_leader=wanted)
        self._log.commit()

    def elect(self, tp: TopicPartition, kind: ElectionKind) -> None:
        """Elect a leader by hand (ElectLeaders). Raises ValueError beginning with Kafka's error if nothing comes of it."""
        state = self.state_of(tp)
        code = self.try_elect(tp, kind)
        if code is Code.ELECTION_NOT_NEEDED:
            msg = f"{code.name}: {tp} is led by broker {state.leader}"
            raise ValueError(msg)
        if code is not Code.NONE:
            msg = f"{code.name}: replicas of {tp} are {state.replicas}, in sync {state.isr}"
            raise ValueError(msg)
        self._log.commit()

    def try_elect(self, tp: TopicPartition, kind: ElectionKind) -> Code:
        """Elect a leader by hand, or say why nothing comes of it; whoever does so commits."""
        state = self.state_of(tp)
        is_preferred = kind is ElectionKind.PREFERRED
        if state.leader == state.replicas[0] if is_preferred else state.leader != NO_LEADER:
            return Code.ELECTION_NOT_NEEDED
        if self._elect(state, kind):
            return Code.NONE
        return Code.PREFERRED_LEADER_NOT_AVAILABLE if is_preferred else Code.ELIGIBLE_LEADERS_NOT_AVAILABLE

    def elect_preferred_leaders(self) -> None:
        """Give every partition back to the first of its replicas, where that one is in sync (maybeBalancePartitionLeaders)."""
        for state in tuple(self._log.partitions.values()):
            if state.leader != state.replicas[0]:
                self._elect(state, ElectionKind.PREFERRED)
        self._log.commit()

    def elect_unclean_leaders(self) -> None:
        """Let anybody lead where nobody does and the topic allows that by now (maybeElectUncleanLeaders)."""
        for state in tuple(self._log.partitions.values()):
            if state.leader == NO_LEADER and self._configuration.config_of(state.tp.topic).unclean_leader_election:
                self._elect(state, ElectionKind.UNCLEAN)
        self._log.commit()

    def _elect(self, state: PartitionState, kind: ElectionKind) -> bool:
        is_preferred = kind is ElectionKind.PREFERRED
        preferred = state.replicas[0] if is_preferred else None
        return self._change(state, isr=state.isr, wanted_leader=preferred, is_unclean_allowed=not is_preferred)

    def clear_eligible(self, topic: str | None) -> None:
        """Forget who is eligible in a topic, in every one for None: they were counted by another number (ClearElrRecord)."""
        for state in tuple(self._log.partitions.values()):
            is_meant = topic is None or state.tp.topic == topic
            if is_meant and (state.eligible_leader_replicas or state.last_known_leader != NO_LEADER):
                changed = replace(
                    state,
                    eligible_leader_replicas=(),
                    last_known_leader=NO_LEADER,
                    partition_epoch=state.partition_epoch + 1,
                )
                self._told.isr_changed(changed)
                self._log.put(changed)

    def has_leaderships(self, broker: int) -> bool:
        """Whether that broker leads anything."""
        return any(state.leader == broker for state in self._log.partitions.values())

    def broker_fenced(self, broker: int) -> None:
        """Nothing rests on this broker any more, since it is fenced or about to stop: it leaves every ISR, and others lead."""
        for state in tuple(self._log.partitions.values()):
            if broker in state.isr or broker == state.leader:
                self._drop(state, broker)

    def broker_unfenced(self) -> None:
        """One more may lead: see whether it helps partitions that have no leader."""
        for state in tuple(self._log.partitions.values()):
            if state.leader == NO_LEADER:
                self._change(state, isr=state.isr)

    def broker_forgot(self, broker: int) -> None:
        """A process that ended without a word may have lost what it never flushed (KIP-966)."""
        for state in tuple(self._log.partitions.values()):
            if broker in state.isr or broker in state.eligible_leader_replicas:
                self._change(state, isr=_without(state.isr, broker), unclean_shutdown=(broker,))

    # -- moves to other replicas ---------------------------------------------------------------------------------------

    def reassign(self, state: PartitionState, target: tuple[int, ...]) -> None:
        """Begin to move a partition to those brokers, or end it at once where nobody has to catch up; who does so commits."""
        self._change(state, isr=state.isr, placement=towards(state, target))

    def cancel_reassignment(self, state: PartitionState) -> None:
        """Take back who is not there yet; who does so commits. Raises RefusedError where there is nothing to take back to."""
        where = placement_of(state)
        if not where.is_moving:
            raise RefusedError(Code.NO_REASSIGNMENT_IN_PROGRESS)
        isr = without(state.isr, where.adding)
        if not isr and not self._configuration.config_of(state.tp.topic).unclean_leader_election:
            text = f"{state.tp} cannot go back to {where.original}: nobody there is in sync."
            raise RefusedError(Code.INVALID_REPLICA_ASSIGNMENT, text)
        self._change(state, isr=isr or where.original[:1], placement=Placement(where.original))

    # -- log directories -----------------------------------------------------------------------------------------------

    def directories_offline(self, broker: int, failed: tuple[bytes, ...]) -> None:
        """Directories of this broker failed: its replicas there leave the ISR, and others lead."""
        for state in tuple(self._log.partitions.values()):
            if broker in state.replicas and state.directory_of(broker) in failed:
                self._drop(state, broker)

    def assign_replicas(self, message: AssignReplicasToDirs) -> AssignReplicasToDirsAnswer:
        """Note where a broker's replicas lie, and drop those that lie in a directory which failed meanwhile (KIP-858)."""
        if not self._log.is_registered(message.broker, message.broker_epoch):
            return AssignReplicasToDirsAnswer(Code.STALE_BROKER_EPOCH, ())
        refused = tuple(one.tp for one in message.assignments if not self._assign(message.broker, one))
        self._log.commit()
        return AssignReplicasToDirsAnswer(Code.NONE, refused)

    def _assign(self, broker: int, assignment: DirectoryAssignment) -> bool:
        tp, directory_id = assignment.tp, assignment.directory_id
        state = self._log.partitions.get(tp)
        if state is None or state.topic_id != assignment.topic_id or broker not in state.replicas:
            return False
        directories = tuple(
            directory_id if replica == broker else state.directory_of(replica) for replica in state.replicas
        )
        isr = state.isr
        if not self._log.brokers[broker].has_online_dir(directory_id):
            isr = _without(isr, broker)
        self._change(state, isr=isr, directories=directories)
        return True

    def _drop(self, state: PartitionState, broker: int) -> None:
        self._change(state, isr=_without(state.isr, broker))

    def _may_lead(self, replica: int, *states: PartitionState) -> bool:
        """Whether a replica's broker is active, and every directory that these say holds it works (LeaderAcceptor)."""
        log = self._log
        if not log.is_active(replica):
            return False
        known = log.brokers[replica]
        return all(known.has_online_dir(state.directory_of(replica)) for state in states)

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
            if changed.leader_epoch != state.leader_epoch:
                # A move came to its end: who leads, and by which epoch, is to be learnt with the rest of the metadata.
                code, changed = Code.NEW_LEADER_ELECTED, None
        return AlterPartitionAnswer(
            code, message.topic_id, message.tp, message.leader_epoch, message.partition_epoch, changed
        )

    def _refusal(self, message: AlterPartition, state: PartitionState | None) -> Code:
        return refusal(message, state, self._log)

    # -- one change ----------------------------------------------------------------------------------------------------

    def _change(
        self,
        state: PartitionState,
        *,
        isr: tuple[int, ...],
        unclean_shutdown: tuple[int, ...] = (),
        wanted_leader: int | None = None,
        is_unclean_allowed: bool | None = None,
        directories: tuple[bytes, ...] | None = None,
        placement: Placement | None = None,
    ) -> bool:
        """Change one partition. Returns whether anything did. Unclean elections are the topic's matter where nobody says."""
        config = self._configuration.config_of(state.tp.topic)
        unclean = bool(config.unclean_leader_election) if is_unclean_allowed is None else is_unclean_allowed
        placed = state if directories is None else replace(state, directories=directories)
        change = next_state(
            state,
            ElectionRules(
                self._config.eligible_leader_replicas,
                unclean,
                # Where a replica lay before counts as well: to hear of another directory elects nobody.
                lambda replica: self._may_lead(replica, state, placed),
            ),
            isr=isr,
            min_insync_replicas=config.min_insync_replicas,
            unclean_shutdown=unclean_shutdown,
            wanted_leader=wanted_leader,
            directories=placed.directories,
            placement=placement,
            added_directories={one: self._default_dir(one) for one in placement.adding} if placement else None,
        )
        if change is None:
            return False
        changed = change.state
        if placement_of(changed) != placement_of(state):
            self._told.moved(changed)
        if changed.leader_epoch != state.leader_epoch:
            self._told.elected(changed, is_unclean=change.is_unclean)
        elif (changed.isr, changed.eligible_leader_replicas) != (state.isr, state.eligible_leader_replicas):
            self._told.isr_changed(changed)
        self._log.put(changed)
        return True


def _without(isr: tuple[int, ...], broker: int) -> tuple[int, ...]:
    return tuple(replica for replica in isr if replica != broker)
