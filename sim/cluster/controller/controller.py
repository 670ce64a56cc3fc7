"""The controller's own knowledge, its answers to brokers, and the deltas it pushes to them.

Kafka's QuorumController with one voter that never fails: ClusterControlManager (registration, fencing) and
ReplicationControlManager (partitions). Every change of metadata goes through `_put`, and every handler ends in
`_commit`, which sends what changed to each connected broker, in order.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from functools import partial
from hashlib import blake2b
from typing import TYPE_CHECKING, Any

from producer.errors import Code
from producer.records import TopicPartition
from sim.cluster.controller.election import ElectionRules, next_state
from sim.cluster.messages import (
    NO_LEADER,
    NOMINAL_BYTES,
    AllocateProducerIds,
    AlterPartition,
    AlterPartitionAnswer,
    BrokerHeartbeat,
    BrokerRegistration,
    BrokerState,
    ControllerHello,
    CreateTopic,
    HeartbeatAnswer,
    MetadataDelta,
    PartitionState,
    ProducerIdBlock,
    RegisterBroker,
    TopicState,
)
from sim.trace.events import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    IsrChanged,
    LeaderElected,
    PartitionsAdded,
    TopicCreated,
)

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig, TopicConfig
    from sim.trace.trace import Trace
    from sim.world.kernel import World
    from sim.world.network import Endpoint, Host

Thing = BrokerState | TopicState | PartitionState


class _Session:
    """What the controller remembers of one registered broker."""

    __slots__ = ("incarnation", "last_contact_us", "registered_at_offset", "watch")

    def __init__(self, incarnation: int, now_us: int, registered_at_offset: int, watch: Any) -> None:
        self.incarnation = incarnation
        self.last_contact_us = now_us
        self.registered_at_offset = registered_at_offset
        self.watch = watch


class Controller:
    """The one controller. Brokers reach it by streams to its host; `Cluster` calls its verbs directly."""

    def __init__(self, world: World, trace: Trace, host: Host, config: ClusterConfig) -> None:
        self._world = world
        self._trace = trace
        self._host = host
        self._config = config
        self._sessions: dict[int, _Session] = {}
        self._streams: dict[int, Endpoint] = {}
        self._things: dict[object, tuple[int, Thing]] = {}
        self._pending: list[Thing] = []
        self._has_created_topics = False
        self._next_producer_id = 0
        self.offset = 0
        """The end of the metadata log."""
        self.brokers: dict[int, BrokerState] = {}
        self.topics: dict[str, TopicState] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        host.on_connection = self._accept

    # -- verbs of the cluster ------------------------------------------------------------------------------------------

    def create_topic(self, config: TopicConfig) -> None:
        """Create a topic on the live brokers. Raises ValueError if it exists or nobody could lead a partition."""
        if config.name in self.topics:
            msg = f"topic {config.name!r} exists already"
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
        self._put(TopicState(config.name, topic_id, config))
        for state in placed:
            self._announce_leader(state, is_unclean=False)
            self._put(state)
        self._commit()

    def add_partitions(self, topic: str, count: int) -> None:
        """Let the topic have `count` partitions in all. Raises ValueError for an unknown topic or too small a count."""
        known = self.topics.get(topic)
        if known is None:
            msg = f"topic {topic!r} does not exist"
            raise ValueError(msg)
        present = sum(1 for tp in self.partitions if tp.topic == topic)
        if count <= present:
            msg = f"topic {topic!r} has {present} partitions, {count} wanted, must be more"
            raise ValueError(msg)
        placed = [self._place(known.config, number) for number in range(present, count)]
        self._trace.emit(PartitionsAdded(self._world.now_us, topic, count))
        for state in placed:
            self._announce_leader(state, is_unclean=False)
            self._put(state)
        self._commit()

    def move_leader(self, tp: TopicPartition, to: int | None) -> None:
        """Let another in-sync replica lead, the preferred one for None. Raises ValueError if it may not."""
        state = self.state_of(tp)
        wanted = state.replicas[0] if to is None else to
        if wanted not in state.isr or not self._is_active(wanted):
            msg = f"broker {wanted} cannot lead {tp}: in sync are {state.isr}"
            raise ValueError(msg)
        self._change(state, isr=state.isr, wanted_leader=wanted)
        self._commit()

    def state_of(self, tp: TopicPartition) -> PartitionState:
        """Give the partition's state. Raises ValueError for an unknown one."""
        state = self.partitions.get(tp)
        if state is None:
            msg = f"partition {tp} does not exist"
            raise ValueError(msg)
        return state

    # -- streams -------------------------------------------------------------------------------------------------------

    def _accept(self, endpoint: Endpoint) -> None:
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = partial(self._closed, endpoint)

    def _closed(self, endpoint: Endpoint, _reason: str) -> None:
        for broker, stream in self._streams.items():
            if stream is endpoint:
                del self._streams[broker]
                return

    def _received(self, endpoint: Endpoint, message: object) -> None:
        match message:
            case BrokerHeartbeat():
                answer: object = self._heartbeat(message)
            case AlterPartition():
                answer = self._alter_partition(message)
            case RegisterBroker():
                answer = self._register(message)
            case AllocateProducerIds():
                answer = self._allocate(message)
            case ControllerHello():
                self._streams[message.broker] = endpoint
                answer = self._delta_since(message.metadata_offset)
            case CreateTopic():
                self._create_wanted(message.config)
                return
            case _:
                msg = f"the controller was sent a {type(message).__name__}"
                raise AssertionError(msg)
        if answer is not None:
            endpoint.send(answer, size_bytes=NOMINAL_BYTES)

    def _create_wanted(self, config: TopicConfig) -> None:
        # Several clients ask for the same missing topic; and where it cannot be placed now, the answer is silence: they
        # ask again.
        if config.name not in self.topics:
            with suppress(ValueError):
                self.create_topic(config)

    # -- brokers -------------------------------------------------------------------------------------------------------

    def _register(self, message: RegisterBroker) -> BrokerRegistration:
        now_us = self._world.now_us
        broker = message.broker
        known = self.brokers.get(broker)
        session = self._sessions.get(broker)
        if known is not None and session is not None:
            if session.incarnation == message.incarnation:
                return BrokerRegistration(Code.NONE, known.broker_epoch, session.registered_at_offset)
            if not known.is_fenced:
                # hasValidSession: the process before may still be alive for all the controller knows.
                return BrokerRegistration(Code.DUPLICATE_BROKER_REGISTRATION, -1, -1)
            session.watch.cancel()
        broker_epoch = self.offset + 1
        self._trace.emit(BrokerRegistered(now_us, broker, broker_epoch))
        self._put(BrokerState(broker, message.host, message.advertised, message.rack, broker_epoch, is_fenced=True))
        if known is not None and self._config.eligible_leader_replicas:
            # A process that ended without a word may have lost what it never flushed (KIP-966).
            for state in tuple(self.partitions.values()):
                if broker in state.isr or broker in state.eligible_leader_replicas:
                    isr = tuple(replica for replica in state.isr if replica != broker)
                    self._change(state, isr=isr, unclean_shutdown=(broker,))
        self._commit()
        watch = self._host.call_in(self._config.broker_session_timeout_us, self._check_session, broker)
        self._sessions[broker] = _Session(message.incarnation, now_us, self.offset, watch)
        return BrokerRegistration(Code.NONE, broker_epoch, self.offset)

    def _heartbeat(self, message: BrokerHeartbeat) -> HeartbeatAnswer:
        known = self.brokers.get(message.broker)
        if known is None or known.broker_epoch != message.broker_epoch:
            return HeartbeatAnswer(Code.STALE_BROKER_EPOCH, is_fenced=True)
        session = self._sessions[message.broker]
        session.last_contact_us = self._world.now_us
        if known.is_fenced and message.metadata_offset >= session.registered_at_offset:
            self._unfence(known)
            return HeartbeatAnswer(Code.NONE, is_fenced=False)
        return HeartbeatAnswer(Code.NONE, is_fenced=known.is_fenced)

    def _unfence(self, known: BrokerState) -> None:
        broker = known.broker
        self._trace.emit(BrokerUnfenced(self._world.now_us, broker))
        self._put(replace(known, is_fenced=False))
        session = self._sessions[broker]
        session.watch.cancel()
        session.watch = self._host.call_in(self._config.broker_session_timeout_us, self._check_session, broker)
        for state in tuple(self.partitions.values()):
            if state.leader == NO_LEADER:
                self._change(state, isr=state.isr)
        self._commit()
        if not self._has_created_topics and self._all_in_service():
            self._has_created_topics = True
            for config in self._config.topics:
                self.create_topic(config)

    def _all_in_service(self) -> bool:
        return sum(1 for broker in self.brokers.values() if not broker.is_fenced) == self._config.brokers

    def _check_session(self, broker: int) -> None:
        """One armed timer a broker: look when the session would end, and again when it has not."""
        session = self._sessions[broker]
        left_us = session.last_contact_us + self._config.broker_session_timeout_us - self._world.now_us
        if left_us > 0:
            session.watch = self._host.call_in(left_us, self._check_session, broker)
        elif not self.brokers[broker].is_fenced:
            self._fence(self.brokers[broker])

    def _fence(self, known: BrokerState) -> None:
        broker = known.broker
        self._trace.emit(BrokerFenced(self._world.now_us, broker))
        self._put(replace(known, is_fenced=True))
        for state in tuple(self.partitions.values()):
            if broker in state.isr or broker == state.leader:
                self._change(state, isr=tuple(replica for replica in state.isr if replica != broker))
        self._commit()

    def _allocate(self, message: AllocateProducerIds) -> ProducerIdBlock:
        known = self.brokers.get(message.broker)
        if known is None or known.broker_epoch != message.broker_epoch:
            return ProducerIdBlock(Code.STALE_BROKER_EPOCH, -1, 0)
        first = self._next_producer_id
        self._next_producer_id += self._config.producer_id_block
        return ProducerIdBlock(Code.NONE, first, self._config.producer_id_block)

    def _is_active(self, broker: int) -> bool:
        known = self.brokers.get(broker)
        return known is not None and not known.is_fenced

    # -- partitions ----------------------------------------------------------------------------------------------------

    def _place(self, config: TopicConfig, number: int) -> PartitionState:
        replicas = config.replicas_of(number, self._config.brokers)
        isr = tuple(replica for replica in replicas if self._is_active(replica))
        if not isr:
            msg = f"partition {config.name}-{number} cannot be created: none of the brokers {replicas} is in service"
            raise ValueError(msg)
        return PartitionState(TopicPartition(config.name, number), replicas, isr[0], 0, isr, (), NO_LEADER, 0)

    def _alter_partition(self, message: AlterPartition) -> AlterPartitionAnswer:
        state = self.partitions.get(message.tp)
        code = self._refusal(message, state)
        changed = None
        if code is Code.NONE:
            assert state is not None
            self._change(state, isr=message.isr)
            self._commit()
            changed = self.partitions[message.tp]
        return AlterPartitionAnswer(code, message.tp, message.leader_epoch, message.partition_epoch, changed)

    def _refusal(self, message: AlterPartition, state: PartitionState | None) -> Code:
        """ReplicationControlManager.validateAlterPartitionData, in its order."""
        known = self.brokers.get(message.broker)
        if known is None or known.broker_epoch != message.broker_epoch:
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
        if message.broker not in message.isr or not all(replica in state.replicas for replica in message.isr):
            return Code.INVALID_REQUEST
        if not all(self._is_active(replica) for replica in message.isr):
            return Code.INELIGIBLE_REPLICA
        return Code.NONE

    def _change(
        self,
        state: PartitionState,
        *,
        isr: tuple[int, ...],
        unclean_shutdown: tuple[int, ...] = (),
        wanted_leader: int | None = None,
    ) -> None:
        rules = ElectionRules(
            self._config.eligible_leader_replicas, self._config.unclean_leader_election, self._is_active
        )
        min_insync_replicas = self.topics[state.tp.topic].config.min_insync_replicas
        change = next_state(
            state,
            rules,
            isr=isr,
            min_insync_replicas=min_insync_replicas,
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
        self._put(changed)

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

    # -- the metadata log ----------------------------------------------------------------------------------------------

    def _put(self, thing: Thing) -> None:
        match thing:
            case BrokerState():
                self.brokers[thing.broker] = thing
            case TopicState():
                self.topics[thing.name] = thing
            case PartitionState():
                self.partitions[thing.tp] = thing
        self._pending.append(thing)

    def _commit(self) -> None:
        """End one change of metadata: write it to the log, and push it to every broker that listens."""
        if not self._pending:
            return
        self.offset += len(self._pending)
        delta = _delta(self.offset, self._pending)
        for thing in self._pending:
            key = _key(thing)
            # Out and in again: the dict stays in the order of the last change.
            self._things.pop(key, None)
            self._things[key] = (self.offset, thing)
        self._pending = []
        for broker in sorted(self._streams):
            self._streams[broker].send(delta, size_bytes=NOMINAL_BYTES * (1 + len(delta.partitions)))

    def _delta_since(self, offset: int) -> MetadataDelta:
        return _delta(self.offset, [thing for changed_at, thing in self._things.values() if changed_at > offset])


def _key(thing: Thing) -> object:
    match thing:
        case BrokerState():
            return thing.broker
        case TopicState():
            return thing.name
        case PartitionState():
            return thing.tp


def _delta(offset: int, things: list[Thing]) -> MetadataDelta:
    last: dict[object, Thing] = {_key(thing): thing for thing in things}
    changed = tuple(last.values())
    return MetadataDelta(
        offset,
        tuple(thing for thing in changed if isinstance(thing, BrokerState)),
        tuple(thing for thing in changed if isinstance(thing, TopicState)),
        tuple(thing for thing in changed if isinstance(thing, PartitionState)),
    )
