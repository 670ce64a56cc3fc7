"""Brokers: who is registered, who is still heard of, who is fenced (Kafka's ClusterControlManager)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.messages import BrokerHeartbeat, BrokerRegistration, BrokerState, HeartbeatAnswer, RegisterBroker
from sim.trace.events import BrokerFenced, BrokerRegistered, BrokerUnfenced

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.controller.replication_control import ReplicationControl
    from sim.trace.trace import Trace
    from sim.world.kernel import Call, World
    from sim.world.network import Host


class _Session:
    """What the controller remembers of one registered broker."""

    __slots__ = ("incarnation", "last_contact_us", "registered_at_offset", "watch")

    def __init__(self, incarnation: int, now_us: int, registered_at_offset: int, watch: Call) -> None:
        self.incarnation = incarnation
        self.last_contact_us = now_us
        self.registered_at_offset = registered_at_offset
        self.watch = watch


class ClusterControl:
    """The controller's sessions with brokers. A broker is fenced until it has caught up with the metadata."""

    def __init__(
        self,
        world: World,
        trace: Trace,
        host: Host,
        config: ClusterConfig,
        log: MetadataLog,
        replication: ReplicationControl,
    ) -> None:
        self._world = world
        self._trace = trace
        self._host = host
        self._config = config
        self._log = log
        self._replication = replication
        self._sessions: dict[int, _Session] = {}

    @property
    def are_all_in_service(self) -> bool:
        return sum(1 for broker in self._log.brokers.values() if not broker.is_fenced) == self._config.brokers

    def register(self, message: RegisterBroker) -> BrokerRegistration:
        """Take a new process of a broker in, with an epoch of its own; or the same again, if its answer was lost."""
        log, broker = self._log, message.broker
        known = log.brokers.get(broker)
        session = self._sessions.get(broker)
        if known is not None and session is not None:
            if session.incarnation == message.incarnation:
                return BrokerRegistration(Code.NONE, known.broker_epoch, session.registered_at_offset)
            if not known.is_fenced:
                # hasValidSession: the process before may still be alive for all the controller knows.
                return BrokerRegistration(Code.DUPLICATE_BROKER_REGISTRATION, -1, -1)
            session.watch.cancel()
        now_us = self._world.now_us
        broker_epoch = log.offset + 1
        self._trace.emit(BrokerRegistered(now_us, broker, broker_epoch))
        log.put(BrokerState(broker, message.host, message.advertised, message.rack, broker_epoch, is_fenced=True))
        if known is not None and self._config.eligible_leader_replicas:
            self._replication.broker_forgot(broker)
        log.commit()
        self._sessions[broker] = _Session(message.incarnation, now_us, log.offset, self._watch(broker))
        return BrokerRegistration(Code.NONE, broker_epoch, log.offset)

    def heartbeat(self, message: BrokerHeartbeat) -> HeartbeatAnswer:
        """Note that a broker lives, and unfence it once it has the metadata up to its registration."""
        if not self._log.is_registered(message.broker, message.broker_epoch):
            return HeartbeatAnswer(Code.STALE_BROKER_EPOCH, is_fenced=True)
        known = self._log.brokers[message.broker]
        session = self._sessions[message.broker]
        session.last_contact_us = self._world.now_us
        if known.is_fenced and message.metadata_offset >= session.registered_at_offset:
            self._unfence(known)
            return HeartbeatAnswer(Code.NONE, is_fenced=False)
        return HeartbeatAnswer(Code.NONE, is_fenced=known.is_fenced)

    def _unfence(self, known: BrokerState) -> None:
        broker = known.broker
        self._trace.emit(BrokerUnfenced(self._world.now_us, broker))
        self._log.put(replace(known, is_fenced=False))
        session = self._sessions[broker]
        session.watch.cancel()
        session.watch = self._watch(broker)
        self._replication.broker_unfenced()
        self._log.commit()

    def _watch(self, broker: int) -> Call:
        return self._host.call_in(self._config.broker_session_timeout_us, self._check_session, broker)

    def _check_session(self, broker: int) -> None:
        """One armed timer a broker: look when the session would end, and again when it has not."""
        session = self._sessions[broker]
        left_us = session.last_contact_us + self._config.broker_session_timeout_us - self._world.now_us
        if left_us > 0:
            session.watch = self._host.call_in(left_us, self._check_session, broker)
        elif not self._log.brokers[broker].is_fenced:
            self._fence(self._log.brokers[broker])

    def _fence(self, known: BrokerState) -> None:
        self._trace.emit(BrokerFenced(self._world.now_us, known.broker))
        self._log.put(replace(known, is_fenced=True))
        self._replication.broker_fenced(known.broker)
        self._log.commit()
