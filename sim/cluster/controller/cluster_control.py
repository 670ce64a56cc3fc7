"""Brokers: who is registered, who is still heard of, who is fenced (Kafka's ClusterControlManager)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.controller.broker_control import Beat, BrokerControlState, next_control_state
from sim.cluster.envelope import RefusedError
from sim.cluster.messages import BrokerHeartbeat, BrokerRegistration, HeartbeatAnswer, RegisterBroker
from sim.cluster.metadata_states import BrokerState, RemovedBroker
from sim.trace.events import (
    BrokerFenced,
    BrokerRegistered,
    BrokerUnfenced,
    BrokerUnregistered,
    ControlledShutdownBegan,
)
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.controller.office import Office
    from sim.cluster.controller.replication_control import ReplicationControl
    from sim.trace.trace import Trace
    from sim.world.kernel import World

CONTROLLER_START_US = 450 * MILLISECOND_US
"""What a controller takes to be active: its periodic tasks count from there."""
SESSION_CHECKS = 8
"""How often the controller looks within one session (QuorumController.maybeFenceStaleBrokerPeriodNs)."""
FENCE_NEXT_US = 10 * MILLISECOND_US
"""From one broker that was fenced to the look for the next (PeriodicTask.DEFAULT_IMMEDIATE_PERIOD_NS)."""


class _Session:
    """What the controller remembers of one registered broker."""

    __slots__ = ("controlled_shutdown_offset", "incarnation", "is_heard_of", "last_contact_us", "metadata_offset",
                 "registered_at_offset")  # fmt: skip

    def __init__(self, incarnation: int, now_us: int, registered_at_offset: int) -> None:
        self.incarnation = incarnation
        self.last_contact_us = now_us
        self.is_heard_of = False
        """Whether a heartbeat came: a registration alone opens no session."""
        self.registered_at_offset = registered_at_offset
        self.metadata_offset = -1
        """How far it was with the metadata when it last told."""
        self.controlled_shutdown_offset: int | None = None
        """What the others must have applied before it may go; None unless it asked to."""


class ClusterControl:
    """The controller's sessions with brokers. A broker is fenced until it has caught up with the metadata."""

    def __init__(
        self,
        world: World,
        trace: Trace,
        office: Office,
        config: ClusterConfig,
        log: MetadataLog,
        replication: ReplicationControl,
    ) -> None:
        self._world = world
        self._trace = trace
        self._office = office
        self._config = config
        self._log = log
        self._replication = replication
        self._sessions: dict[int, _Session] = {}
        self._check_us = max(MILLISECOND_US, config.broker_session_timeout_us // SESSION_CHECKS)
        # Whoever takes over has started long ago.
        starts_in_us = CONTROLLER_START_US if not log.offset else 0
        office.call_in(starts_in_us + self._check_us, self._fence_one_stale_broker)

    def take_over(self, before: ClusterControl) -> None:
        """Begin with what the log says of brokers: each that is not fenced has a whole session to show itself.

        Kafka: ClusterControlManager.activate. Which process registered, and at what offset, is in the log.
        """
        now_us = self._world.now_us
        for broker, known in before._sessions.items():
            session = _Session(known.incarnation, now_us, known.registered_at_offset)
            session.is_heard_of = not self._log.brokers[broker].is_fenced
            self._sessions[broker] = session

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
            if self._is_valid(session):
                # The process before may still be alive for all the controller knows: even if it was let go.
                return BrokerRegistration(Code.DUPLICATE_BROKER_REGISTRATION, -1, -1)
        now_us = self._world.now_us
        broker_epoch = log.offset + 1
        if known is not None and not known.is_fenced:
            # Nobody looked since that session ended: the registration itself fences it (RegisterBrokerRecord.fenced).
            self._trace.emit(BrokerFenced(now_us, broker))
        self._trace.emit(BrokerRegistered(now_us, broker, broker_epoch))
        log.put(
            BrokerState(
                broker,
                message.host,
                message.endpoints,
                message.rack,
                broker_epoch,
                is_fenced=True,
                log_dirs=message.log_dirs,
            )
        )
        if known is not None:
            # The life before was over in good order if its file names the registration that is known of it.
            is_clean = message.previous_broker_epoch == known.broker_epoch
            if is_clean or not self._config.eligible_leader_replicas:
                self._replication.broker_fenced(broker)
            else:
                self._replication.broker_forgot(broker)
        log.commit()
        self._sessions[broker] = _Session(message.incarnation, now_us, log.offset)
        return BrokerRegistration(Code.NONE, broker_epoch, log.offset)

    def unregister(self, broker: int) -> None:
        """Forget a broker; its replicas stay assigned, and are offline. Raises RefusedError for one that nobody knows.

        Kafka asks no more (ReplicationControlManager.unregisterBroker): who is alive is told STALE_BROKER_EPOCH from then on, leads
        nothing, and registers again only when its process starts anew.
        """
        known = self._log.brokers.get(broker)
        if known is None:
            raise RefusedError(Code.BROKER_ID_NOT_REGISTERED, f"Broker ID {broker} is not currently registered")
        if not known.is_fenced:
            self._trace.emit(BrokerFenced(self._world.now_us, broker))
        self._trace.emit(BrokerUnregistered(self._world.now_us, broker, known.broker_epoch))
        self._log.put(RemovedBroker(broker, known.broker_epoch))
        self._replication.broker_fenced(broker)
        self._log.commit()
        del self._sessions[broker]

    def _is_valid(self, session: _Session) -> bool:
        """BrokerHeartbeatTracker.hasValidSession: it counts from the last heartbeat, whatever that brought about."""
        ends_us = session.last_contact_us + self._config.broker_session_timeout_us
        return session.is_heard_of and self._world.now_us < ends_us

    def heartbeat(self, message: BrokerHeartbeat) -> HeartbeatAnswer:
        """Note that a broker lives, unfence it once it has the metadata up to its registration, let it go when it may."""
        if not self._log.is_registered(message.broker, message.broker_epoch):
            return HeartbeatAnswer(Code.STALE_BROKER_EPOCH, is_fenced=True)
        known = self._log.brokers[message.broker]
        session = self._sessions[message.broker]
        session.last_contact_us = self._world.now_us
        session.is_heard_of = True
        before = _control_state(known, session)
        state = next_control_state(before, self._beat(session, message))
        if state is not before:
            self._enter(state, known)
        self._take_offline(message)
        session.metadata_offset = message.metadata_offset
        is_over = state is BrokerControlState.SHUTDOWN_NOW
        return HeartbeatAnswer(Code.NONE, is_over or state is BrokerControlState.FENCED, should_shut_down=is_over)

    def _take_offline(self, message: BrokerHeartbeat) -> None:
        """Count on no replica in a log directory that failed (ReplicationControlManager.handleDirectoriesOffline)."""
        known = self._log.brokers[message.broker]
        failed = tuple(one for one in known.log_dirs if one in message.offline_log_dirs)
        if failed:
            left = tuple(one for one in known.log_dirs if one not in failed)
            self._log.put(replace(known, log_dirs=left))
            self._replication.directories_offline(message.broker, failed)
            self._log.commit()

    def _beat(self, session: _Session, message: BrokerHeartbeat) -> Beat:
        asked_at = session.controlled_shutdown_offset
        is_leaving = message.wants_shut_down
        return Beat(
            is_caught_up=message.metadata_offset >= session.registered_at_offset,
            wants_shut_down=is_leaving,
            has_leaderships=is_leaving and self._replication.has_leaderships(message.broker),
            is_known_everywhere=asked_at is not None and asked_at <= self._lowest_active_offset(),
        )

    def _lowest_active_offset(self) -> int:
        """How far the last of the brokers in service is with the metadata; the end of the log without any."""
        return min(
            (session.metadata_offset for broker, session in self._sessions.items() if self._log.is_active(broker)),
            default=self._log.offset,
        )

    def _enter(self, state: BrokerControlState, known: BrokerState) -> None:
        match state:
            case BrokerControlState.FENCED | BrokerControlState.SHUTDOWN_NOW:
                if not known.is_fenced:
                    self._fence(known)
            case BrokerControlState.UNFENCED:
                self._unfence(known)
            case BrokerControlState.CONTROLLED_SHUTDOWN:
                self._begin_controlled_shutdown(known)

    def _begin_controlled_shutdown(self, known: BrokerState) -> None:
        """Let others lead what it led, and count it in no ISR any more (handleBrokerInControlledShutdown)."""
        self._trace.emit(ControlledShutdownBegan(self._world.now_us, known.broker))
        self._log.put(replace(known, is_in_controlled_shutdown=True))
        self._replication.broker_fenced(known.broker)
        self._log.commit()
        self._sessions[known.broker].controlled_shutdown_offset = self._log.offset

    def _unfence(self, known: BrokerState) -> None:
        broker = known.broker
        self._trace.emit(BrokerUnfenced(self._world.now_us, broker))
        self._log.put(replace(known, is_fenced=False))
        self._replication.broker_unfenced()
        self._log.commit()

    def _fence_one_stale_broker(self) -> None:
        """Fence the broker that was silent for longest, if for a whole session; look again soon if there was one.

        Kafka: ReplicationControlManager.maybeFenceOneStaleBroker, a PeriodicTask. So a session ends up to an eighth late, and
        brokers that are missed together are fenced one after the other.
        """
        now_us, config = self._world.now_us, self._config
        stale = [
            (session.last_contact_us, broker)
            for broker, session in self._sessions.items()
            if session.last_contact_us + config.broker_session_timeout_us <= now_us
            and not self._log.brokers[broker].is_fenced
        ]
        again_us = self._check_us
        if stale:
            _, broker = min(stale)
            self._fence(self._log.brokers[broker])
            again_us = min(again_us, FENCE_NEXT_US)
        self._office.call_in(again_us, self._fence_one_stale_broker)

    def _fence(self, known: BrokerState) -> None:
        # A broker that is fenced while it waits to be let go is let go with its next heartbeat.
        self._sessions[known.broker].controlled_shutdown_offset = None
        self._trace.emit(BrokerFenced(self._world.now_us, known.broker))
        self._log.put(replace(known, is_fenced=True))
        self._replication.broker_fenced(known.broker)
        self._log.commit()


def _control_state(known: BrokerState, session: _Session) -> BrokerControlState:
    if session.controlled_shutdown_offset is not None:
        return BrokerControlState.CONTROLLED_SHUTDOWN
    return BrokerControlState.FENCED if known.is_fenced else BrokerControlState.UNFENCED
