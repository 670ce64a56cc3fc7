"""What a broker's two kinds of fetchers have in common: one connection to one host, one Fetch in flight, one armed timer."""

from __future__ import annotations

from abc import abstractmethod
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.cluster.broker.surroundings import Surroundings
    from sim.world.network import Endpoint
    from sim.world.network.connecting import Connecting


class FetcherState(Enum):
    IDLE = "idle"
    """No connection; nothing to fetch, or not begun, or over."""
    CONNECTING = "connecting"
    READY = "ready"
    """Connected, no Fetch in flight: nothing to ask for, everything pauses."""
    FETCHING = "fetching"
    """A Fetch is at the other end, or its answer is being written to the disk."""
    BACKING_OFF = "backing off"
    """The connection was lost, or given up."""


# Asked for with each Fetch; to find a member in its enumeration takes Python 3.11 five times as long.
IDLE, CONNECTING, READY = FetcherState.IDLE, FetcherState.CONNECTING, FetcherState.READY
FETCHING, BACKING_OFF = FetcherState.FETCHING, FetcherState.BACKING_OFF


class Fetcher:
    """The connection of one fetcher, and how long it waits on it. The rest is told by whoever fetches."""

    __slots__ = ("_armed", "_attempt", "_broker", "_endpoint", "_since_us", "_timeout_us", "state")

    def __init__(self, broker: Surroundings, timeout_us: int) -> None:
        """`timeout_us` is how long to wait for a connection, and for the answer to a Fetch."""
        self._broker = broker
        self._timeout_us = timeout_us
        self._attempt: Connecting | None = None
        self._endpoint: Endpoint | None = None
        self._since_us = 0
        self._armed = False
        self.state = IDLE

    @abstractmethod
    def _ready(self) -> None:
        """The connection is open."""

    @abstractmethod
    def _received(self, endpoint: Endpoint, answer: Any) -> None:
        """Something came on a connection, perhaps a former one."""

    @abstractmethod
    def _failed(self, _reason: str) -> None:
        """The connection broke, could not be opened, or was silent for too long."""

    def _connect_to(self, host: str) -> None:
        self._wait_in(CONNECTING)
        self._attempt = self._broker.connect(host, on_open=self._opened, on_failed=self._failed)

    def _opened(self, endpoint: Endpoint) -> None:
        self._attempt = None
        self._endpoint = endpoint
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = self._failed
        self._ready()

    def _close(self, state: FetcherState) -> None:
        if self._attempt is not None:
            self._attempt.abandon()
            self._attempt = None
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None
        self.state = state

    def _wait_in(self, state: FetcherState) -> None:
        self.state = state
        self._since_us = self._broker.world.now_us
        if not self._armed:
            self._armed = True
            self._broker.host.call_in(self._timeout_us, self._check_timeout)

    @property
    def _left_us(self) -> int:
        """How much longer to wait."""
        return self._since_us + self._timeout_us - self._broker.world.now_us

    def _check_timeout(self) -> None:
        """One armed timer, whatever the number of Fetches."""
        self._armed = False
        if self.state is not CONNECTING and self.state is not FETCHING:
            return
        if self._left_us > 0:
            self._armed = True
            self._broker.host.call_in(self._left_us, self._check_timeout)
        else:
            self._failed("timeout")
