"""One client of a gateway and the broker behind it, in virtual time: two streams, one session. What either sends is worked off in its order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from producer.wire.record_batch import decode_records, read_header
from sim.gateway.core.enforcement import UnavailableError
from sim.gateway.core.session import Session, SessionError
from sim.trace.events import GatewayCrossed, GatewayPassed, GatewaySessionBroken
from sim.world.network.stream import CLOSED_BY_PEER
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from producer.wire.api import RequestHeader
    from producer.wire.messages.produce import ProduceRequest
    from sim.gateway.core.enforcement import Enforcement, Steps
    from sim.world.kernel import Call, World
    from sim.world.network import Endpoint, Host, Network
    from sim.world.network.connecting import Connecting

    Story = Generator[simpy.Event, Any, None]
    Address = tuple[str, int]

CONNECT_US_MAX = 10 * SECOND_US
"""How long a broker may take to accept (socket.connection.setup.timeout.ms)."""


class Gate(Protocol):
    """The life of a gateway that a client came to, and which knows where brokers are told to be."""

    enforcement: Enforcement
    host: Host
    world: World
    network: Network

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        """Give the gateway's own address for a broker."""
        ...

    def emit(self, event: object) -> object:
        """Put an event into the trace."""
        ...

    def answered(self, question: object) -> Generator[simpy.Event, Any, Any]:
        """Answer what a decision has to know, as part of a story. Raises UnavailableError."""
        ...

    def dismiss(self, crossing: Crossing) -> None:
        """Both of its streams are closed, and nothing is asked for it any more."""
        ...


class _Sent(NamedTuple):
    """What a side sent; nothing means that it sends no more."""

    is_client: bool
    data: bytes


class Crossing:
    """Begins with a client's stream; the one to the broker is opened then."""

    def __init__(self, gate: Gate, client: Endpoint, upstream: tuple[Address, ...], number: int) -> None:
        """`upstream` are tried in their order; `number` is the gateway's for the connection to a broker."""
        self._gate = gate
        self._client = client
        self._broker: Endpoint | None = None
        self._number = number
        self._name = client.peer_host
        self._session = Session(gate.enforcement, gate, client_host=self._name, on_passed=self._passed)
        self._backlog: deque[_Sent] = deque()
        self._work: simpy.Process | None = None
        self.is_over = False
        """Whether both of its streams are closed, or about to be."""
        self._attempt: Connecting | None = None
        self._alarm: Call | None = None
        self._upstream = deque(upstream)
        client.on_received = lambda data: self._sent(is_client=True, data=data)
        client.on_closed = lambda reason: self._closed(is_client=True, reason=reason)
        # Nothing is read that has nowhere to go.
        client.mute()
        gate.emit(
            GatewayCrossed(gate.world.now_us, gate.host.name, number, client.opener.host, client.opener.connection)
        )
        self._reach()

    # -- the way to the broker -----------------------------------------------------------------------------------------

    def _reach(self) -> None:
        if not self._upstream:
            self.end()
            return
        place = self._gate.network.place_at(self._upstream.popleft())
        self._attempt = self._gate.network.connect(
            self._gate.host,
            place.host,
            port=place.port,
            connection=self._number,
            on_open=self._reached,
            on_failed=lambda _reason: self._not_reached(),
        )
        self._alarm = self._gate.host.call_in(CONNECT_US_MAX, self._not_reached)

    def _reached(self, broker: Endpoint) -> None:
        self._disarm()
        if self.is_over:
            broker.close()
            return
        self._broker = broker
        broker.on_received = lambda data: self._sent(is_client=False, data=data)
        broker.on_closed = lambda reason: self._closed(is_client=False, reason=reason)
        self._client.unmute()

    def _not_reached(self) -> None:
        self._disarm()
        if not self.is_over:
            self._reach()

    def _disarm(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if self._attempt is not None:
            self._attempt.abandon()
            self._attempt = None

    @property
    def _streams(self) -> tuple[Endpoint, ...]:
        return (self._client,) if self._broker is None else (self._client, self._broker)

    # -- what either side sends ----------------------------------------------------------------------------------------

    def _closed(self, *, is_client: bool, reason: str) -> None:
        if is_client and reason == CLOSED_BY_PEER and self._broker is not None:
            self._sent(is_client=True, data=b"")
        else:
            self.end()

    def _sent(self, *, is_client: bool, data: bytes) -> None:
        self._backlog.append(_Sent(is_client, data))
        if self._work is None:
            self._go_on()

    def _go_on(self) -> None:
        """Work the backlog off; what has to be asked first goes on in a story, and neither side is read meanwhile."""
        while self._backlog and not self.is_over:
            sent = self._backlog.popleft()
            steps = (self._session.client_sent if sent.is_client else self._session.broker_sent)(sent.data)
            try:
                question = next(steps)
            except StopIteration:
                self._pass_on(sent)
            except SessionError as error:
                self._break(str(error))
            else:
                for stream in self._streams:
                    stream.mute()
                self._work = self._gate.world.story(self._ask(sent, steps, question))
                return

    def _ask(self, sent: _Sent, steps: Steps[None], question: object) -> Story:
        try:
            while True:
                try:
                    told = yield from self._gate.answered(question)
                except UnavailableError as error:
                    question = steps.throw(error)
                else:
                    question = steps.send(told)
        except StopIteration:
            self._pass_on(sent)
        except SessionError as error:
            self._break(str(error))
        self._work = None
        if self.is_over:
            self._gate.dismiss(self)
            return
        for stream in self._streams:
            stream.unmute()
        self._go_on()

    def _pass_on(self, sent: _Sent) -> None:
        """Send what there is for both."""
        if self.is_over:
            return
        assert self._broker is not None, "nothing is read before there is a broker"
        for_broker, for_client = self._session.take()
        if for_broker:
            self._broker.send(for_broker)
        if for_client:
            self._client.send(for_client)
        if self._session.is_over:
            self.end()
        elif not sent.data:
            # The client sends no more; the broker hears it, and answers on.
            self._broker.finish()

    def _passed(self, header: RequestHeader, asked: ProduceRequest, passed: ProduceRequest) -> None:
        """Tell of each batch that goes on."""
        gate = self._gate
        came = {(topic.name, one.index): one.records for topic in asked.topic_data for one in topic.partition_data}
        for topic in passed.topic_data:
            for part in topic.partition_data:
                if not part.records:
                    continue
                batch = read_header(part.records)
                changed: tuple[Any, ...] = ()
                if came[topic.name, part.index] != part.records:
                    changed = tuple([(one.key, one.value, one.headers) for one in decode_records(part.records)])
                gate.emit(
                    GatewayPassed(
                        gate.world.now_us,
                        gate.host.name,
                        self._number,
                        header.correlation_id,
                        self._name,
                        topic.name,
                        part.index,
                        batch.crc,
                        batch.record_count,
                        changed,
                    )
                )

    # -- its end -------------------------------------------------------------------------------------------------------

    def _break(self, why: str) -> None:
        self._gate.emit(GatewaySessionBroken(self._gate.world.now_us, self._gate.host.name, self._name, why))
        self.end()

    def end(self) -> None:
        """Close both; what was handed to their sockets is still sent. Twice does nothing."""
        if self.is_over:
            return
        self._leave()
        for stream in self._streams:
            stream.close()
        # What it asked is still answered, if the gateway lives so long.
        if self._work is None:
            self._gate.dismiss(self)

    def kill(self) -> None:
        """Its process is gone, and its kernel closes the streams."""
        self._leave()
        if self._work is not None:
            self._gate.world.end_story(self._work)

    def _leave(self) -> None:
        self.is_over = True
        self._backlog.clear()
        self._disarm()
