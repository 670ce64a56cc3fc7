"""One request of a client, and the way back, as a handler of its API sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode, encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.records import TopicPartition
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.security.principal import Principal

    Handler = Callable[[ServingBroker, "Request"], object]
    """How a broker answers an API."""

_Message = TypeVar("_Message", bound=tuple[Any, ...])


class WayBack(Protocol):
    """The connection that a request came by."""

    client: str
    number: int
    listener: int
    principal: Principal

    @property
    def broker_id(self) -> int:
        """At whose end this is."""
        ...

    def work(self, request: Request, step: Callable[..., object], *args: Any) -> None:
        """Take one step of a request's work; what the step raises ends this connection."""
        ...

    def answer(self, request: Request, frame: bytes, partitions: Iterable[TopicPartition]) -> None:
        """Send an answer, unless a rule says otherwise; then work on the next request."""
        ...

    def within_quotas(self, request: Request, message: _Message) -> _Message:
        """Let an answer tell its client how long to wait, where somebody has a quota on the broker's time."""
        ...

    def hold_back(self, lasts_us: int) -> None:
        """Begin with nothing for so long: the client exceeded a quota (Kafka's SocketServer: a muted channel)."""
        ...

    def done(self) -> None:
        """The request is over; begin the next, unless the client is to wait for that."""
        ...

    def close(self) -> None:
        """Close, and forget what is queued."""
        ...


class Request:
    """One request and the way back. A handler ends in exactly one of `answer`, `respond`, `no_answer`, `never_answer` and `refuse`."""

    __slots__ = ("_connection", "api", "body", "busy_us", "client_id", "correlation_id", "has_failed", "is_measured", "payload",
                 "version")  # fmt: skip

    def __init__(self, connection: WayBack, header: api.RequestHeader, payload: bytes, position: int) -> None:
        """`payload` is header and body; the body begins at `position`."""
        self._connection = connection
        self.payload = payload
        self.api = header.api_key
        self.version = header.api_version
        self.correlation_id = header.correlation_id
        self.client_id = header.client_id
        """What the client calls itself; `client` is where it is."""
        self.body = payload[position:]
        self.has_failed = False
        self.busy_us = 0
        """What a thread of the broker worked on it, for quotas on that; one that takes longer than most says so."""
        self.is_measured = False
        """Whether that was counted, or is not to be."""

    def decode(self, message: type[_Message]) -> _Message:
        """Read the body. Raises MalformedError, and UnsupportedVersionError for a version that is not spoken here."""
        api.check_version(ApiKey(self.api), self.version)
        return decode(message, self.body, self.version)

    @property
    def client(self) -> str:
        """The client's host."""
        return self._connection.client

    @property
    def principal(self) -> Principal:
        """On whose behalf it is asked."""
        return self._connection.principal

    @property
    def broker(self) -> int:
        """Whom it asks."""
        return self._connection.broker_id

    @property
    def listener(self) -> int:
        """By which listener it came: its place among the cluster's."""
        return self._connection.listener

    @property
    def connection(self) -> int:
        """The client's own number of the connection."""
        return self._connection.number

    def work(self, step: Callable[..., object], *args: Any) -> None:
        """Take one step of the work. Whatever calls back later (a disk, a timer, a partition) does so through here.

        An exception, then, ends this connection and neither the world nor the connection of whoever set the step off.
        """
        self._connection.work(self, step, *args)

    def answer(self, body: bytes, *, version: int | None = None, partitions: Iterable[TopicPartition] = ()) -> None:
        """Answer with this body, about these partitions; `version` if it is another than the request's."""
        frame = api.encode_response(self.api, self.version if version is None else version, self.correlation_id, body)
        self._connection.answer(self, frame, partitions)

    def respond(self, message: tuple[Any, ...], *, partitions: Iterable[TopicPartition] = ()) -> None:
        """Answer with this message, about these partitions, in the request's version; who exceeds a quota is told to wait."""
        message = self._connection.within_quotas(self, message)
        self.answer(encode(message, self.version), partitions=partitions)

    def hold_back(self, lasts_us: int) -> None:
        """Let nothing more be read of this connection for so long, from now on."""
        self._connection.hold_back(lasts_us)

    def no_answer(self) -> None:
        """Be done without a word: acks=0."""
        self._connection.done()

    def never_answer(self) -> None:
        """Be stuck, as a handler of Kafka's that lost its request is: nothing more is read, and the client waits."""

    def refuse(self) -> None:
        """Close the connection: the only way to tell an error to a client that gets no answer."""
        self._connection.close()
