"""A broker's own requests to another broker, in Kafka's bytes: one connection for one purpose, one request in flight.

Kafka: InterBrokerSendThread over a NetworkClient of its own (TransactionMarkerChannelManager, AddPartitionsToTxnManager). At
the other end such a broker is a client as any other, so that faults of links and of answers strike it, too.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from producer.wire.api import ApiKey, encode_request, read_correlation_id, response_body
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader
from sim.world.units import MILLISECOND_US, SECOND_US

if TYPE_CHECKING:
    from sim.cluster.broker.surroundings import Surroundings
    from sim.world.kernel import Call
    from sim.world.network import Endpoint
    from sim.world.network.connecting import Connecting

RECONNECT_BACKOFF_US = 50 * MILLISECOND_US
"""From a lost connection to the next attempt, always (the two reconnect back-offs of these NetworkClients)."""
CONNECTION_SETUP_TIMEOUT_US = 10 * SECOND_US
"""socket.connection.setup.timeout.ms of brokers."""
REQUEST_TIMEOUT_US = 30 * SECOND_US
"""request.timeout.ms of brokers: an answer that takes longer is not waited for, and its connection is closed."""


class PeerLinkState(Enum):
    IDLE = auto()
    """No connection, and nothing to ask."""
    CONNECTING = auto()
    READY = auto()
    """Connected, nothing in flight."""
    ASKING = auto()
    """A request is at the other end."""
    BACKING_OFF = auto()
    """The connection was lost, or never came about."""
    ENDED = auto()
    """The process ends."""


class _Asked(NamedTuple):
    api: ApiKey
    version: int
    body: bytes
    answered: Callable[[Any], object]


class PeerLink:
    """The connection to one broker. Whatever is on it when it breaks is answered None, and may have been worked on."""

    __slots__ = ("_attempt", "_broker", "_client_id", "_correlation_id", "_endpoint", "_queue", "_reader", "_target",
                 "_timer", "_turn", "state")  # fmt: skip

    def __init__(self, broker: Surroundings, target: int, client_id: str) -> None:
        """`client_id` is what this broker calls itself."""
        self._broker = broker
        self._target = target
        self._client_id = client_id
        self._queue: deque[_Asked] = deque()
        """The first one is in flight while the state is ASKING."""
        self._attempt: Connecting | None = None
        self._endpoint: Endpoint | None = None
        self._reader = FrameReader()
        self._correlation_id = 0
        self._timer: Call | None = None
        self._turn = 0
        """Counts what the timer was set to, so that one that is not meant any more does nothing."""
        self.state = PeerLinkState.IDLE

    def ask(self, api: ApiKey, request: tuple[Any, ...], version: int, answered: Callable[[Any], object]) -> None:
        """Send a request behind those before. `answered` is called once: with the response, or with None if there is none.

        There is none when the connection cannot be opened, breaks, or is silent for too long; not from within this call.
        """
        self._queue.append(_Asked(api, version, encode(request, version), answered))
        self._step()

    def end(self) -> None:
        """Ask nothing any more; nobody is told."""
        self._close(PeerLinkState.ENDED)
        self._queue.clear()

    def _step(self) -> None:
        """Do what the state allows next."""
        if not self._queue:
            return
        match self.state:
            case PeerLinkState.IDLE:
                self._connect()
            case PeerLinkState.READY:
                self._send()
            case PeerLinkState.CONNECTING | PeerLinkState.ASKING | PeerLinkState.BACKING_OFF | PeerLinkState.ENDED:
                pass

    # -- the connection ------------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        address = self._broker.image.brokers.get(self._target)
        if address is None:
            self._back_off()
            return
        self.state = PeerLinkState.CONNECTING
        self._arm(CONNECTION_SETUP_TIMEOUT_US, self._silent)
        self._attempt = self._broker.connect(address.host, on_open=self._opened, on_failed=self._failed)

    def _opened(self, endpoint: Endpoint) -> None:
        self._disarm()
        self._attempt = None
        self._endpoint = endpoint
        self._reader = FrameReader()
        endpoint.on_received = partial(self._received, endpoint)
        endpoint.on_closed = partial(self._closed, endpoint)
        self.state = PeerLinkState.READY
        self._step()

    def _closed(self, endpoint: Endpoint, reason: str) -> None:
        if endpoint is self._endpoint:
            self._failed(reason)

    def _failed(self, _reason: str) -> None:
        """Nobody answers on this connection any more: whoever waits hears so, and looks again where to ask."""
        self._back_off()
        lost = tuple(self._queue)
        self._queue.clear()
        for asked in lost:
            asked.answered(None)

    def _back_off(self) -> None:
        self._close(PeerLinkState.BACKING_OFF)
        self._arm(RECONNECT_BACKOFF_US, self._go_on)

    def _go_on(self) -> None:
        self.state = PeerLinkState.IDLE
        self._step()

    def _close(self, state: PeerLinkState) -> None:
        self._disarm()
        if self._attempt is not None:
            self._attempt.abandon()
            self._attempt = None
        if self._endpoint is not None:
            self._endpoint.close()
            self._endpoint = None
        self.state = state

    def _arm(self, delay_us: int, then: Callable[[], object]) -> None:
        """Set the one timer: to the end of waiting, or of a pause."""
        self._disarm()
        self._timer = self._broker.host.call_in(delay_us, self._fire, self._turn, then)

    def _disarm(self) -> None:
        self._turn += 1
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _fire(self, turn: int, then: Callable[[], object]) -> None:
        # A process that stood still finds timers that what lay in its sockets has cancelled since.
        if turn == self._turn:
            self._timer = None
            then()

    def _silent(self) -> None:
        self._failed("timeout")

    # -- requests ------------------------------------------------------------------------------------------------------

    def _send(self) -> None:
        assert self._endpoint is not None
        self.state = PeerLinkState.ASKING
        self._correlation_id += 1
        asked = self._queue[0]
        self._arm(REQUEST_TIMEOUT_US, self._silent)
        self._endpoint.send(encode_request(asked.api, asked.version, self._correlation_id, self._client_id, asked.body))

    def _received(self, endpoint: Endpoint, data: bytes) -> None:
        if endpoint is not self._endpoint:
            return
        for payload in self._reader.feed(data):
            self._take(payload)

    def _take(self, payload: bytes) -> None:
        correlation_id = read_correlation_id(payload)
        if self.state is not PeerLinkState.ASKING or correlation_id != self._correlation_id:
            msg = f"broker {self._target} answered request {correlation_id}, asked was {self._correlation_id}"
            raise AssertionError(msg)
        self._disarm()
        self.state = PeerLinkState.READY
        asked = self._queue.popleft()
        body = response_body(asked.api, asked.version, payload)
        asked.answered(decode(asked.api.message("response"), body, asked.version))
        self._step()
