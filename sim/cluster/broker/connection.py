"""One client's connection: whole frames out of the stream, one request at a time, answers in order.

Kafka's SocketServer mutes a channel while its request is worked on, so what follows waits in the kernel. What arrived before
the client went away is processed up to the first answer that cannot be delivered (kafka.md 5.1, 5.2).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from producer.errors import MalformedError, UnsupportedVersionError
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.frames import FrameReader
from sim.cluster.broker.arrivals import Arrivals
from sim.cluster.broker.authentication import ConnectionAuthentication
from sim.cluster.broker.request import Request
from sim.cluster.broker.tampering import AfterDrop, DropResponse
from sim.cluster.broker.throttling import throttled
from sim.cluster.security.principal import ANONYMOUS, USER, Principal
from sim.trace.events import HandlerFailed, RequestReceived, RequestRejected, ResponseDropped, ResponseSent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from producer.records import TopicPartition
    from sim.cluster.broker.request import Handler
    from sim.cluster.broker.serving import ServingBroker
    from sim.world.network import Endpoint

_Message = TypeVar("_Message", bound=tuple[Any, ...])

_SECRET_APIS = (ApiKey.SASL_HANDSHAKE, ApiKey.SASL_AUTHENTICATE, ApiKey.ALTER_USER_SCRAM_CREDENTIALS)
"""Of requests to these no event tells more than that they came."""

_BARE_TOKEN = api.RequestHeader(ApiKey.SASL_AUTHENTICATE, 0, 0, None)
"""What stands for the header of a token that has none."""

API_NAMES: dict[int, str] = {key: key.title for key in ApiKey}
"""As events name them: Kafka's own spelling."""


class ClientConnection:
    """The broker's end of a client's stream."""

    __slots__ = (
        "_arrivals",
        "_authentication",
        "_broker",
        "_endpoint",
        "_frames",
        "_handlers",
        "_held_until_us",
        "_is_busy",
        "_nonsense",
        "_reader",
        "client",
        "is_open",
        "listener",
        "number",
        "principal",
    )

    def __init__(
        self, broker: ServingBroker, endpoint: Endpoint, handlers: Mapping[int, Handler], listener: int
    ) -> None:
        """`listener` is its place among the cluster's."""
        self._broker = broker
        self._endpoint = endpoint
        self._handlers = handlers
        self._reader = FrameReader(broker.config.socket_request_bytes_max)
        self._frames: deque[bytes] = deque()
        self._is_busy = False
        self._held_until_us = 0
        self._nonsense: MalformedError | None = None
        """What follows the frames that are queued."""
        self._arrivals = Arrivals(broker, endpoint, deliver=self._arrived, end=self._peer_closed)
        self.client, self.number, certified = endpoint.opener
        self.is_open = True
        self.listener = listener
        self.principal: Principal = Principal(USER, certified) if certified else ANONYMOUS
        """Who is at the other end, as far as that was proved."""
        self._authentication: ConnectionAuthentication | None = None
        asked = broker.config.listeners[listener]
        if asked.protocol.uses_sasl:
            self.principal = ANONYMOUS
            self._authentication = ConnectionAuthentication(broker, self, asked)
            self._reader.frame_bytes_max = broker.config.authentication.sasl_receive_bytes_max
        endpoint.on_received = self.received
        endpoint.on_closed = self._arrivals.take_end
        broker.idle_connections.begin(endpoint.number, self.close)

    @property
    def broker_id(self) -> int:
        """At whose end this is."""
        return self._broker.broker_id

    def received(self, data: bytes) -> None:
        """Take bytes off the stream."""
        self._broker.idle_connections.used(self._endpoint.number)
        frames: list[bytes] = []
        try:
            frames = self._reader.feed(data)
            if self._reader.is_malformed:
                self._reader.feed(b"")
        except MalformedError as error:
            # What came before it is worked off first, as by Kafka, which reads one request at a time.
            self._nonsense = error
        if self._arrivals.is_plain:
            self._frames.extend(frames)
        else:
            for payload in frames:
                self._arrivals.take(payload)
        if not self._is_busy:
            self._next()

    def _arrived(self, payload: bytes) -> None:
        """A request came off its way; one that was detained comes by itself."""
        self._frames.append(payload)
        if not self._is_busy:
            self._next()

    def _peer_closed(self, _reason: str) -> None:
        # Heard behind whatever had arrived before, which was worked off: there is nothing left to do.
        self.close()

    def close(self) -> None:
        """Close, and forget what is queued."""
        self._frames.clear()
        self._arrivals.stop()
        self._is_busy = True
        self.is_open = False
        self._broker.idle_connections.forget(self._endpoint.number)
        self._endpoint.close()

    def _reject(self, reason: str) -> None:
        """End the connection of who sent what no request is (SocketServer closes it on InvalidRequestException)."""
        broker = self._broker
        broker.trace.emit(RequestRejected(broker.world.now_us, broker.broker_id, self.client, self.number, reason))
        self.close()

    def _next(self) -> None:
        if self._broker.is_closing:
            return
        if not self._frames:
            if self._nonsense is not None:
                self._end_at_nonsense(str(self._nonsense))
            return
        self._is_busy = True
        self._endpoint.mute()
        payload = self._frames.popleft()
        if self._authentication is not None and self._authentication.takes(payload):
            return
        broker = self._broker
        try:
            header, position = api.decode_request_header(payload)
        except MalformedError as error:
            self._reject(str(error))
            return
        handler = self._handlers.get(header.api_key)
        if handler is None:
            self._reject(f"API {header.api_key} version {header.api_version}, which no broker here answers")
            return
        request = Request(self, header, payload, position)
        self.tell_received(header)
        if header.api_key == ApiKey.PRODUCE:
            # Takes its time on the disk, and again between append and answer.
            self.work(request, handler, broker, request)
        else:
            request.busy_us = broker.config.request_handling_us
            broker.host.call_in(request.busy_us, self.work, request, handler, broker, request)

    def _end_at_nonsense(self, reason: str) -> None:
        if self._authentication is not None and self._authentication.takes_nonsense(reason):
            self._is_busy = True
            self._endpoint.mute()
        else:
            self._reject(reason)

    def tell_received(self, header: api.RequestHeader) -> None:
        """Let the trace know of a request on which work begins."""
        broker = self._broker
        broker.trace.emit(
            RequestReceived(
                broker.world.now_us,
                broker.broker_id,
                API_NAMES[header.api_key],
                self.client,
                self.number,
                header.correlation_id,
                header.client_id or "",
            )
        )

    # -- of the authentication -----------------------------------------------------------------------------------------

    def authenticated(self, principal: Principal) -> None:
        """It is proved who is there: requests may be long from now on."""
        self.principal = principal
        self._reader.frame_bytes_max = self._broker.config.socket_request_bytes_max

    def reply(self, header: api.RequestHeader | None, frame: bytes) -> None:
        """Answer a request of the authentication; a bare token has no header."""
        if header is None:
            self._endpoint.send(frame)
            self._endpoint.when_written(self._written)
        else:
            self.answer(Request(self, header, b"", 0), frame, ())

    def stumble(self, header: api.RequestHeader | None, error: Exception) -> None:
        """A bug of ours at a request of the authentication ends the connection, and is told."""
        self._fail(Request(self, header or _BARE_TOKEN, b"", 0), error)

    def close_behind(self, frame: bytes | None) -> None:
        """Send a last answer, if there is one, and close."""
        if self.is_open:
            if frame is not None:
                self._endpoint.send(frame)
            self.close()

    # -- of the handlers -----------------------------------------------------------------------------------------------

    def work(self, request: Request, step: Callable[..., object], *args: Any) -> None:
        """Take one step of a request's work; what the step raises ends this connection."""
        if request.has_failed:
            return
        try:
            step(*args)
        except (MalformedError, UnsupportedVersionError) as complaint:
            self._reject(str(complaint))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is ours, and others are served meanwhile
            self._fail(request, error)

    def _fail(self, request: Request, error: Exception) -> None:
        request.has_failed = True
        self.close()
        self._report(request, error)

    def _report(self, request: Request, error: Exception) -> None:
        broker = self._broker
        is_secret = request.api in _SECRET_APIS
        broker.trace.emit(
            HandlerFailed(
                broker.world.now_us,
                broker.broker_id,
                API_NAMES[request.api],
                request.version,
                self.client,
                self.number,
                request.correlation_id,
                _told(error, is_secret=is_secret),
                "" if is_secret else request.payload.hex(),
            )
        )

    def answer(self, request: Request, frame: bytes, partitions: Iterable[TopicPartition]) -> None:
        """Send an answer, unless a rule says otherwise; then work on the next request."""
        tampering = self._broker.tampering
        if tampering:
            action = tampering.on_response(ApiKey(request.api), self.client, partitions)
            if isinstance(action, DropResponse):
                self._drop(request, action)
                return
            if action is not None:
                self._broker.host.call_in(action.delay_us, self._send, request, frame)
                return
        self._send(request, frame)

    def _send(self, request: Request, frame: bytes) -> None:
        endpoint = self._endpoint
        if endpoint.is_heard:
            self._trace(ResponseSent, request)
        endpoint.send(frame)
        endpoint.when_written(self._written)

    def _written(self) -> None:
        """The kernel has taken the answer, for all this broker can know; unless writing failed.

        Then the connection is closed, and whatever had arrived behind that request is forgotten (Selector.close, NOTIFY_ONLY).
        """
        self._broker.idle_connections.used(self._endpoint.number)
        if self._endpoint.is_broken:
            self.close()
        else:
            self.done()

    def _drop(self, request: Request, action: DropResponse) -> None:
        self._trace(ResponseDropped, request)
        if action.then is AfterDrop.STALL:
            self._endpoint.stall()
        else:
            self._endpoint.reset()
        self.done()

    def _trace(self, event: type[ResponseSent | ResponseDropped], request: Request) -> None:
        broker = self._broker
        broker.trace.emit(
            event(
                broker.world.now_us,
                broker.broker_id,
                API_NAMES[request.api],
                self.client,
                self.number,
                request.correlation_id,
            )
        )

    def done(self) -> None:
        """The request is over; begin the next, unless the client is to wait for that."""
        if self._held_until_us and self._is_held():
            return
        if self._frames or self._nonsense is not None or self._endpoint.has_unread:
            # Not from within the answer: a thousand queued requests must not nest a thousand calls deep.
            self._broker.host.call_in(0, self._resume)
        else:
            self._is_busy = False
            self._endpoint.unmute()

    def within_quotas(self, request: Request, message: _Message) -> _Message:
        """Let an answer tell its client how long to wait, where somebody has a quota on the broker's time."""
        return throttled(self._broker, request, message) if self._broker.quotas.request.is_enabled else message

    def hold_back(self, lasts_us: int) -> None:
        """Begin with nothing for so long: the client exceeded a quota (Kafka's SocketServer: a muted channel)."""
        self._held_until_us = self._broker.world.now_us + lasts_us

    def _is_held(self) -> bool:
        if not self.is_open:
            return True
        wait_us = self._held_until_us - self._broker.world.now_us
        self._held_until_us = 0
        if wait_us > 0:
            self._broker.host.call_in(wait_us, self.done)
        return wait_us > 0

    def _resume(self) -> None:
        if not self.is_open:
            return
        self._is_busy = False
        self._next()
        if not self._is_busy:
            self._endpoint.unmute()


def _told(error: Exception, *, is_secret: bool) -> str:
    """Class, text and place of an exception, since nobody will see its traceback; no text where it may quote a secret."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    where = "" if place is None else f" ({place.tb_frame.f_globals.get('__name__')}, line {place.tb_lineno})"
    return f"{type(error).__name__}: {'(not told)' if is_secret else error}{where}"
