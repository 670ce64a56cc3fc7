"""A broker's own copy of the metadata log: fetched from the controller, one Fetch at a time, and applied a little later.

Kafka: KafkaRaftClient as an observer over KafkaNetworkChannel, MetadataLoader, BrokerMetadataPublisher. Whoever was away for
longer than a Fetch may take finds its Fetch timed out, whatever lies in the socket: it connects anew, after a pause. That is
why a leader that was deposed while it stood still leads on for a while (kafka.md 5.7: 69 to 193 ms).
"""

from __future__ import annotations

from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING

from producer.client.backoff import backoff_us
from sim.cluster.messages import NOMINAL_BYTES, MetadataDelta, MetadataFetch, NotController
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.surroundings import Surroundings
    from sim.world.network import Endpoint
    from sim.world.network.connecting import Connecting

RECONNECT_BACKOFF_US = 50 * MILLISECOND_US
RECONNECT_BACKOFF_MAX_US = 500 * MILLISECOND_US
"""Of this connection, whatever the configuration says (KafkaRaftManager.buildNetworkClient)."""


class MetadataFetcherState(Enum):
    IDLE = auto()
    """Not begun, or over."""
    CONNECTING = auto()
    FETCHING = auto()
    """A Fetch is at the controller, which answers when something changes."""
    BACKING_OFF = auto()
    """The connection was lost, or given up."""


class MetadataFetcher:
    """One stream to the controller for the metadata alone."""

    __slots__ = ("_apply", "_armed", "_attempt", "_broker", "_endpoint", "_failures", "_offset", "_since_us", "state")

    def __init__(self, broker: Surroundings, apply: Callable[[MetadataDelta], object]) -> None:
        """`apply` is called with each change when it is time to act on it."""
        self._broker = broker
        self._apply = apply
        self._attempt: Connecting | None = None
        self._endpoint: Endpoint | None = None
        self._failures = 0
        self._offset = 0
        self._since_us = 0
        self._armed = False
        self.state = MetadataFetcherState.IDLE

    def begin(self) -> None:
        """Fetch from now on."""
        self._connect()

    def end(self) -> None:
        """Fetch nothing any more."""
        self._close(MetadataFetcherState.IDLE)

    # -- the connection ------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self._wait_in(MetadataFetcherState.CONNECTING)
        self._attempt = self._broker.connect(self._broker.controller_host, on_open=self._opened, on_failed=self._failed)

    def _opened(self, endpoint: Endpoint) -> None:
        self._attempt = None
        self._endpoint = endpoint
        self._failures = 0
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = self._failed
        self._fetch()

    def _failed(self, _reason: str, leader: str = "") -> None:
        self._broker.look_for_controller(leader)
        self._close(MetadataFetcherState.BACKING_OFF)
        self._failures += 1
        broker = self._broker
        chance = broker.world.chance(f"broker/b{broker.broker_id}/reconnect")
        pause_us = backoff_us(RECONNECT_BACKOFF_US, RECONNECT_BACKOFF_MAX_US, self._failures, chance)
        # Kafka's client looks again every so often, and connects when it may.
        tick_us = broker.config.controller_quorum_retry_backoff_us
        broker.host.call_in(-(-pause_us // tick_us) * tick_us, self._go_on)

    def _go_on(self) -> None:
        if self.state is MetadataFetcherState.BACKING_OFF:
            self._connect()

    def _close(self, state: MetadataFetcherState) -> None:
        if self._attempt is not None:
            self._attempt.abandon()
            self._attempt = None
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None
        self.state = state

    def _wait_in(self, state: MetadataFetcherState) -> None:
        self.state = state
        self._since_us = self._broker.world.now_us
        if not self._armed:
            self._armed = True
            self._broker.host.call_in(self._broker.config.controller_quorum_request_timeout_us, self._check_timeout)

    @property
    def _left_us(self) -> int:
        timeout_us = self._broker.config.controller_quorum_request_timeout_us
        return self._since_us + timeout_us - self._broker.world.now_us

    def _check_timeout(self) -> None:
        """One armed timer, whatever the number of Fetches."""
        self._armed = False
        if self.state not in {MetadataFetcherState.CONNECTING, MetadataFetcherState.FETCHING}:
            return
        if self._left_us > 0:
            self._armed = True
            self._broker.host.call_in(self._left_us, self._check_timeout)
        else:
            self._failed("timeout")

    # -- fetching ------------------------------------------------------------------------------------------------------

    def _fetch(self) -> None:
        assert self._endpoint is not None
        self._wait_in(MetadataFetcherState.FETCHING)
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
