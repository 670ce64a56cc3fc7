"""A broker's line to the controller: registration, heartbeats, AlterPartition, replicas' directories, producer ids.

Kafka: BrokerLifecycleManager, AlterPartitionManager, RPCProducerIdManager over NodeToControllerChannelManager.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Protocol

from producer.errors import Code
from sim.cluster.envelope import Envelope, EnvelopeAnswer
from sim.cluster.messages import (
    NO_EPOCH,
    NOMINAL_BYTES,
    AllocateProducerIds,
    AlterPartition,
    AlterPartitionAnswer,
    AssignReplicasToDirs,
    AssignReplicasToDirsAnswer,
    BrokerHeartbeat,
    BrokerRegistration,
    CreateTopic,
    HeartbeatAnswer,
    NotController,
    ProducerIdBlock,
    RegisterBroker,
)
from sim.cluster.metadata_states import Address
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from producer.records import TopicPartition
    from sim.cluster.broker.surroundings import Surroundings
    from sim.cluster.topic_config import TopicConfig
    from sim.world.kernel import Call
    from sim.world.network import Endpoint
    from sim.world.network.connecting import Connecting

SHUTDOWN_RETRY_US = 50 * MILLISECOND_US
"""From the first answer to a broker that asked to stop until it asks again."""


class Audience(Protocol):
    """Who acts on the controller's word."""

    def progressed(self) -> None:
        """This broker is registered."""
        ...

    def heartbeat_answered(self, answer: HeartbeatAnswer) -> None:
        """Hear what the controller makes of this broker."""
        ...

    def isr_answered(self, answer: AlterPartitionAnswer) -> bool:
        """Hand the controller's answer to its partition. Returns whether to ask again."""
        ...

    def replicas_assigned(self, answer: AssignReplicasToDirsAnswer) -> None:
        """Hear which replicas' directories the controller knows now."""
        ...

    def producer_ids_received(self, block: ProducerIdBlock) -> None:
        """Take the next block."""
        ...

    def failure_not_told(self) -> None:
        """The controller did not hear of a failed log directory in time."""
        ...

    def line_opened(self) -> None:
        """There is another line to the controller: whatever has no answer is asked again."""
        ...

    def envelope_answered(self, message: EnvelopeAnswer) -> None:
        """Hear what became of a client's request."""
        ...


class ControllerLink:
    """One stream at a time; opened anew, after a pause, when it breaks or the controller falls silent."""

    def __init__(self, broker: Surroundings, audience: Audience) -> None:
        self._broker = broker
        self._audience = audience
        self._attempt: Connecting | None = None
        self._endpoint: Endpoint | None = None
        self._timer: Call | None = None
        self._is_heartbeat_out = False
        self._is_heartbeat_wanted = False
        self._alterations: dict[TopicPartition, AlterPartition] = {}
        self._assignments: AssignReplicasToDirs | None = None
        self._offline_log_dirs: dict[bytes, bool] = {}
        self._told_offline: tuple[bytes, ...] = ()
        self._asks_for_ids = False
        self._registered_at_offset: int | None = None
        self._wants_shut_down = False
        self._has_heard_of_shutdown = False
        self._is_over = False
        self.broker_epoch = NO_EPOCH
        self.previous_broker_epoch = NO_EPOCH
        """Of the life before, if that ended in good order."""
        self.log_dirs: tuple[bytes, ...] = ()
        """The ids of the directories that worked when this process began."""

    def open(self) -> None:
        """Connect, and register on the first connection of this process."""
        self._arm(self._broker.config.broker_heartbeat_us, self._silent)
        self._attempt = self._broker.connect(self._broker.controller_host, on_open=self._opened, on_failed=self._lost)

    @property
    def is_caught_up(self) -> bool:
        """Whether this broker has applied the metadata up to its own registration."""
        offset = self._registered_at_offset
        return offset is not None and self._broker.image.offset >= offset

    def heartbeat(self) -> None:
        """Tell the controller that this broker lives: now, or as soon as the last one is answered.

        The next one follows broker.heartbeat.interval.ms after the answer, so that each broker beats at moments of its own.
        """
        if self._is_heartbeat_out:
            self._is_heartbeat_wanted = True
        elif self.broker_epoch != NO_EPOCH and self._endpoint is not None:
            self._is_heartbeat_out = True
            self._told_offline = tuple(self._offline_log_dirs)
            # As long as a heartbeat may wait for its answer, too (BrokerServer: the channel's retry time-out).
            self._arm(self._broker.config.broker_heartbeat_us, self._silent)
            self._send(
                BrokerHeartbeat(
                    self._broker.broker_id,
                    self.broker_epoch,
                    self._broker.image.offset,
                    self._wants_shut_down,
                    self._told_offline,
                )
            )

    def ask_to_shut_down(self) -> None:
        """Ask with this heartbeat and every one after it, until the controller lets this broker go."""
        self._wants_shut_down = True
        self.heartbeat()

    def directory_failed(self, directory_id: bytes) -> None:
        """Tell with this heartbeat and every one after it that a log directory is offline."""
        self._offline_log_dirs[directory_id] = False
        self.heartbeat()
        self._broker.host.call_in(self._broker.config.log_dir_failure_timeout_us, self._check_told, directory_id)

    def _check_told(self, directory_id: bytes) -> None:
        if not self._offline_log_dirs[directory_id]:
            self._audience.failure_not_told()

    def end(self) -> None:
        """Neither ask nor hear anything any more."""
        self._is_over = True
        self._close()

    def alter_partition(self, message: AlterPartition) -> None:
        """Propose an ISR; proposed again after a lost connection."""
        self._alterations[message.tp] = message
        self._send(message)

    def assign_replicas(self, message: AssignReplicasToDirs) -> None:
        """Tell where replicas lie; told again after a lost connection. One at a time."""
        self._assignments = message
        self._send(message)

    def ask_for_producer_ids(self) -> None:
        """Ask for the next block, unless one is on its way."""
        if not self._asks_for_ids:
            self._asks_for_ids = True
            self._send(AllocateProducerIds(self._broker.broker_id, self.broker_epoch))

    def create_topic(self, config: TopicConfig) -> None:
        """Ask for a topic that a client missed; whoever misses it asks again."""
        self._send(CreateTopic(config))

    def forward(self, envelope: Envelope) -> None:
        """Pass a client's request on; without a line it is for whoever asks to pass it on again."""
        self._send(envelope)

    def _send(self, message: object) -> None:
        if self._endpoint is not None:
            self._endpoint.send(message, size_bytes=NOMINAL_BYTES)

    # -- the stream ----------------------------------------------------------------------------------------------------

    def _opened(self, endpoint: Endpoint) -> None:
        self._attempt = None
        self._endpoint = endpoint
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = self._lost
        if self.broker_epoch == NO_EPOCH:
            self._register()
            return
        for message in self._alterations.values():
            self._send(message)
        if self._assignments is not None:
            self._send(self._assignments)
        if self._asks_for_ids:
            self._send(AllocateProducerIds(self._broker.broker_id, self.broker_epoch))
        self._audience.line_opened()
        self.heartbeat()

    def _lost(self, _reason: str) -> None:
        self._close()
        self._broker.host.call_in(self._broker.config.controller_retry_us, self._reopen)

    def _reopen(self) -> None:
        if self._endpoint is None and self._attempt is None and not self._is_over:
            self.open()

    def _close(self) -> None:
        self._is_heartbeat_out = self._is_heartbeat_wanted = False
        self._disarm()
        if self._attempt is not None:
            self._attempt.abandon()
            self._attempt = None
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None

    def _arm(self, delay_us: int, then: Callable[[], object]) -> None:
        """Set the one timer: to the next heartbeat, or to the end of waiting."""
        self._disarm()
        self._timer = self._broker.host.call_in(delay_us, then)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _silent(self) -> None:
        """Nobody answers: not to an attempt to connect, or not to a heartbeat."""
        self._close()
        self.open()

    def _heartbeat_answered(self, answer: HeartbeatAnswer) -> None:
        self._is_heartbeat_out = False
        if answer.code is Code.NONE:
            for directory_id in self._told_offline:
                self._offline_log_dirs[directory_id] = True
        next_us = self._broker.config.broker_heartbeat_us
        if self._wants_shut_down and not self._has_heard_of_shutdown and answer.code is Code.NONE:
            # Whoever waits to go asks again soon, for it may be quick; and from then on at the usual pace.
            self._has_heard_of_shutdown = True
            next_us = SHUTDOWN_RETRY_US
        self._arm(next_us, self.heartbeat)
        if self._is_heartbeat_wanted:
            self._is_heartbeat_wanted = False
            self.heartbeat()
        self._audience.heartbeat_answered(answer)

    # -- what comes back -----------------------------------------------------------------------------------------------

    def _received(self, endpoint: Endpoint, message: object) -> None:
        if endpoint is not self._endpoint:
            return
        match message:
            case NotController():
                # Where the active one is, the line for metadata finds out.
                self._lost("not the active controller")
            case HeartbeatAnswer():
                self._heartbeat_answered(message)
            case AlterPartitionAnswer():
                self._alteration_answered(message)
            case AssignReplicasToDirsAnswer():
                self._assignments = None
                self._audience.replicas_assigned(message)
            case BrokerRegistration():
                self._registered(message)
            case ProducerIdBlock():
                self._asks_for_ids = False
                if message.code is Code.NONE:
                    self._audience.producer_ids_received(message)
            case EnvelopeAnswer():
                self._audience.envelope_answered(message)
            case _:
                msg = f"broker {self._broker.broker_id} was sent a {type(message).__name__}"
                raise AssertionError(msg)

    def _register(self) -> None:
        broker = self._broker
        if self.broker_epoch == NO_EPOCH:
            number, config, host = broker.broker_id, broker.config, broker.host
            self._send(
                RegisterBroker(
                    number,
                    host.incarnation,
                    host.name,
                    tuple([Address(*one) for one in config.endpoints_of(number)]),
                    config.rack_of(number),
                    self.previous_broker_epoch,
                    self.log_dirs,
                )
            )

    def _registered(self, answer: BrokerRegistration) -> None:
        if answer.code is not Code.NONE:
            self._broker.host.call_in(self._broker.config.controller_retry_us, self._register)
            return
        self.broker_epoch = answer.broker_epoch
        self._registered_at_offset = answer.metadata_offset
        self.heartbeat()
        self._audience.progressed()

    def _alteration_answered(self, answer: AlterPartitionAnswer) -> None:
        pending = self._alterations.get(answer.tp)
        if pending is not None and (pending.topic_id, pending.leader_epoch, pending.partition_epoch) == (
            answer.topic_id,
            answer.leader_epoch,
            answer.partition_epoch,
        ):
            del self._alterations[answer.tp]
        # As with any metadata, acting on it takes its time.
        if self._audience.isr_answered(answer) and pending is not None:
            self._broker.host.call_in(self._broker.config.controller_retry_us, self._propose_again, pending)

    def _propose_again(self, message: AlterPartition) -> None:
        if message.tp not in self._alterations:
            self.alter_partition(message)
