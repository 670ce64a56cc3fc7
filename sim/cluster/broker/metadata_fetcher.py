"""A broker's own copy of the metadata log: fetched from the controller, one Fetch at a time, and applied a little later.

Kafka: KafkaRaftClient as an observer over KafkaNetworkChannel, MetadataLoader, BrokerMetadataPublisher. Whoever was away for
longer than a Fetch may take finds its Fetch timed out, whatever lies in the socket: it connects anew, after a pause. That is
why a leader that was deposed while it stood still leads on for a while (kafka.md 5.7: 69 to 193 ms).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import backoff_us
from sim.cluster.broker.fetcher import BACKING_OFF, FETCHING, IDLE, Fetcher
from sim.cluster.messages import NOMINAL_BYTES, MetadataFetch, NotController
from sim.cluster.metadata_states import MetadataDelta
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.surroundings import Surroundings
    from sim.world.network import Endpoint

RECONNECT_BACKOFF_US = 50 * MILLISECOND_US
RECONNECT_BACKOFF_MAX_US = 500 * MILLISECOND_US
"""Of this connection, whatever the configuration says (KafkaRaftManager.buildNetworkClient)."""


class MetadataFetcher(Fetcher):
    """One stream to the controller for the metadata alone."""

    __slots__ = ("_apply", "_failures", "_offset")

    def __init__(self, broker: Surroundings, apply: Callable[[MetadataDelta], object]) -> None:
        """`apply` is called with each change when it is time to act on it."""
        super().__init__(broker, broker.config.controller_quorum_request_timeout_us)
        self._apply = apply
        self._failures = 0
        self._offset = 0

    def begin(self) -> None:
        """Fetch from now on."""
        self._connect()

    def end(self) -> None:
        """Fetch nothing any more."""
        self._close(IDLE)

    # -- the connection ------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._connect_to(self._broker.controller_host)

    def _ready(self) -> None:
        self._failures = 0
        self._fetch()

    def _failed(self, _reason: str, leader: str = "") -> None:
        self._broker.look_for_controller(leader)
        self._close(BACKING_OFF)
        self._failures += 1
        broker = self._broker
        chance = broker.world.chance(f"broker/b{broker.broker_id}/reconnect")
        pause_us = backoff_us(RECONNECT_BACKOFF_US, RECONNECT_BACKOFF_MAX_US, self._failures, chance)
        # Kafka's client looks again every so often, and connects when it may.
        tick_us = broker.config.controller_quorum_retry_backoff_us
        broker.host.call_in(-(-pause_us // tick_us) * tick_us, self._go_on)

    def _go_on(self) -> None:
        if self.state is BACKING_OFF:
            self._connect()

    # -- fetching ------------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        assert self._endpoint is not None
        self._wait_in(FETCHING)
        self._endpoint.send(MetadataFetch(self._broker.broker_id, self._offset), size_bytes=NOMINAL_BYTES)

    def _received(self, endpoint: Endpoint, answer: MetadataDelta | NotController) -> None:
        if endpoint is not self._endpoint:
            return
        if isinstance(answer, NotController):
            self._failed("not the active controller", answer.leader)
            return
        if self._left_us <= 0:
            # A process that goes on first sees the time that went by: the wait for its sockets, interrupted and over, gives
            # none that is ready, and the request counts as timed out (EPollSelectorImpl, NetworkClient).
            self._failed("timeout")
            return
        if answer.offset > self._offset:
            self._offset = answer.offset
            self._broker.host.call_in(self._broker.config.metadata_apply_us, self._apply, answer)
        self._fetch()
