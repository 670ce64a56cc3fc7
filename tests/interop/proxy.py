"""The wire between one producer and Apache Kafka, in our hands: hold Produce requests back, lose an answer, refuse to connect.

The producer knows the brokers by the proxy's addresses alone: metadata, and where coordinators are, is rewritten on its way. The leader's address in the answer
to a Produce request (KIP-951) is not: leaders must stay where they are.
"""

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from producer.wire.api import (
    ApiKey,
    RequestHeader,
    decode_request_header,
    encode_response,
    read_correlation_id,
    response_body,
)
from producer.wire.codec import decode, encode
from producer.wire.frames import FrameReader, frame
from producer.wire.messages import find_coordinator, metadata, produce

WAIT_S_MAX = 30
READ_BYTES = 1 << 16
UNREAD_BYTES_MAX = 1 << 16
UNLIMITED = 1 << 30
HOST = "127.0.0.1"


@dataclass(eq=False)
class Connection:
    """One connection of the producer, and the one to the broker that it believes to talk to."""

    client: socket.socket
    broker: socket.socket
    broker_port: int
    asked: dict[int, RequestHeader] = field(default_factory=dict)
    """Requests without an answer, by correlation id."""
    waiting: deque[tuple[RequestHeader, bytes]] = field(default_factory=deque)
    """Requests that did not pass yet."""

    @property
    def held(self) -> int:
        """How many Produce requests wait."""
        return sum(header.api_key == ApiKey.PRODUCE for header, _ in self.waiting)

    def cut(self) -> None:
        self.waiting.clear()
        close(self.client)
        close(self.broker)


class Proxy:
    """Listens on a port of its own for each broker; passes everything on until told otherwise."""

    def __init__(self, broker_ports: Iterable[int]) -> None:
        self._changed = threading.Condition()
        self._connections: list[Connection] = []
        self._allowed = UNLIMITED
        """Produce requests that may pass."""
        self._patience_ms: int | None = None
        self._reads = True
        self._loses_next: ApiKey | None = None
        """The API whose next answer is lost."""
        self._refuses_next = False
        self._lost = 0
        self._listeners: dict[int, socket.socket] = {}
        """By the port of the broker behind it; one that is refused has none."""
        self._ports: dict[int, int] = {}
        """A broker's port -> ours."""
        for broker_port in broker_ports:
            self.accept(broker_port)

    @property
    def bootstrap(self) -> str:
        return ",".join(f"{HOST}:{port}" for port in self._ports.values())

    # -- faults --------------------------------------------------------------------------------------------------------

    def hold(self) -> None:
        """Let no further Produce request pass."""
        with self._changed:
            self._allowed = 0

    def let_pass(self, count: int) -> None:
        """Let so many Produce requests pass, those that are held first."""
        with self._changed:
            self._allowed += count
            for connection in self._connections:
                with contextlib.suppress(OSError):  # a connection that was lost ends by itself
                    self._pass_on(connection)

    def release(self) -> None:
        """Hold nothing back any more."""
        self.let_pass(UNLIMITED)

    def stop_reading(self) -> None:
        """Read nothing more of what the producer writes, on any connection, and take connections all the same.

        The kernel would read on for us, and ever more as it finds memory: it may only with a buffer of this size.
        """
        with self._changed:
            self._reads = False
            for one in [*self._listeners.values(), *(connection.client for connection in self._connections)]:
                with contextlib.suppress(OSError):  # one that was cut
                    one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, UNREAD_BYTES_MAX)

    def read_on(self) -> None:
        """Read again."""
        with self._changed:
            self._reads = True
            self._changed.notify_all()

    @property
    def connections(self) -> int:
        """How many connections the producer has made, in all."""
        with self._changed:
            return len(self._connections)

    def hurry(self, patience_ms: int) -> None:
        """From now on let brokers wait no longer for followers: where the producer asks them to wait as long as it waits itself,
        which of the two gives up first is chance."""
        with self._changed:
            self._patience_ms = patience_ms

    def lose_next_answer(self, api: ApiKey = ApiKey.PRODUCE) -> None:
        """Cut the connection in place of the next answer to such a request."""
        with self._changed:
            self._loses_next = api

    def lose_next_answer_and_refuse(self) -> None:
        """Do as `lose_next_answer`, and from that moment on refuse every connection, to any broker."""
        with self._changed:
            self._loses_next, self._refuses_next = ApiKey.PRODUCE, True

    def refuse(self, broker_port: int) -> None:
        """Cut every connection to a broker, and refuse further ones."""
        with self._changed:
            self._refuse([broker_port])

    def accept(self, broker_port: int) -> None:
        """Take connections to a broker, under the same port as ever."""
        if broker_port in self._listeners:
            return
        listener = socket.create_server((HOST, self._ports.get(broker_port, 0)))
        self._listeners[broker_port] = listener
        self._ports[broker_port] = listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(listener, broker_port), daemon=True).start()

    def wait_held(self, count: int) -> None:
        """Wait until that many Produce requests have come and may not pass."""
        self._wait(lambda: sum(one.held for one in self._connections) >= count, f"{count} Produce requests to be held")

    def wait_lost(self, count: int = 1) -> None:
        """Wait until that many answers are lost."""
        self._wait(lambda: self._lost >= count, f"{count} answers to be lost")

    def close(self) -> None:
        """Cut everything, and take no more connections."""
        with self._changed:
            self._refuse(list(self._listeners))

    # -- what passes ---------------------------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket, broker_port: int) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return  # closed
            try:
                broker = socket.create_connection((HOST, broker_port))
            except OSError:
                client.close()
                continue
            connection = Connection(client, broker, broker_port)
            with self._changed:
                self._connections.append(connection)
                if self._listeners.get(broker_port) is not listener:
                    connection.cut()  # refused while it was being accepted
            for pump in (self._carry_requests, self._carry_answers):
                threading.Thread(target=self._pump, args=(pump, connection), daemon=True).start()

    def _pump(self, pump: Callable[[Connection], None], connection: Connection) -> None:
        with contextlib.suppress(OSError):
            pump(connection)
        # One side ended: so does the other.
        with self._changed:
            connection.cut()

    def _carry_requests(self, connection: Connection) -> None:
        for payload in frames_of(self._heard(connection.client)):
            header, _ = decode_request_header(payload)
            with self._changed:
                connection.asked[header.correlation_id] = header
                connection.waiting.append((header, payload))
                self._pass_on(connection)
                self._changed.notify_all()

    def _heard(self, stream: socket.socket) -> Iterator[bytes]:
        """What the producer writes, as long as somebody reads it."""
        for data in chunks_of(stream):
            yield data
            with self._changed:
                self._changed.wait_for(lambda: self._reads)

    def _pass_on(self, connection: Connection) -> None:
        """Send what may pass, in order: what came behind a request that is held waits too."""
        while connection.waiting:
            header, payload = connection.waiting[0]
            if header.api_key == ApiKey.PRODUCE:
                if not self._allowed:
                    return
                self._allowed -= 1
                payload = self._hurried(payload, header)
            connection.waiting.popleft()
            connection.broker.sendall(frame(payload))

    def _carry_answers(self, connection: Connection) -> None:
        for payload in frames_of(chunks_of(connection.broker)):
            header = connection.asked.pop(read_correlation_id(payload))
            if self._is_to_be_lost(header):
                return
            if header.api_key == ApiKey.METADATA:
                connection.client.sendall(self._renamed(payload, header))
            elif header.api_key == ApiKey.FIND_COORDINATOR:
                connection.client.sendall(self._renamed_coordinators(payload, header))
            else:
                connection.client.sendall(frame(payload))

    def _hurried(self, payload: bytes, header: RequestHeader) -> bytes:
        """A Produce request in which the broker is given as long as it is to have."""
        if self._patience_ms is None:
            return payload
        version = header.api_version
        _, position = decode_request_header(payload)
        request = decode(produce.ProduceRequest, payload[position:], version)._replace(timeout_ms=self._patience_ms)
        return payload[:position] + encode(request, version)

    def _is_to_be_lost(self, header: RequestHeader) -> bool:
        with self._changed:
            is_lost = header.api_key == self._loses_next
            if is_lost:
                self._loses_next = None
            self._lost += is_lost
            if is_lost and self._refuses_next:
                self._refuses_next = False
                self._refuse(list(self._listeners))
            self._changed.notify_all()
        return is_lost

    def _refuse(self, broker_ports: Iterable[int]) -> None:
        for broker_port in broker_ports:
            listener = self._listeners.pop(broker_port, None)
            if listener is not None:
                close(listener)
            for connection in self._connections:
                if connection.broker_port == broker_port:
                    connection.cut()

    def _renamed(self, payload: bytes, header: RequestHeader) -> bytes:
        """Metadata in which each broker has the proxy's port."""
        api, version = ApiKey.METADATA, header.api_version
        response = decode(metadata.MetadataResponse, response_body(api, version, payload), version)
        brokers = tuple(one._replace(port=self._ports[one.port]) for one in response.brokers)
        body = encode(response._replace(brokers=brokers), version)
        return encode_response(api, version, header.correlation_id, body)

    def _renamed_coordinators(self, payload: bytes, header: RequestHeader) -> bytes:
        """Coordinators, one or several, each with the proxy's port; where there is none, there is no port either."""
        api, version = ApiKey.FIND_COORDINATOR, header.api_version
        response = decode(find_coordinator.FindCoordinatorResponse, response_body(api, version, payload), version)
        found = tuple(one._replace(port=self._ports.get(one.port, one.port)) for one in response.coordinators)
        port = self._ports.get(response.port, response.port)
        body = encode(response._replace(coordinators=found, port=port), version)
        return encode_response(api, version, header.correlation_id, body)

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        with self._changed:
            assert self._changed.wait_for(holds, WAIT_S_MAX), f"waited {WAIT_S_MAX} s for {what}"


def chunks_of(stream: socket.socket) -> Iterator[bytes]:
    """What a socket brings, until it ends."""
    while data := stream.recv(READ_BYTES):
        yield data


def frames_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Each whole message in what comes."""
    reader = FrameReader()
    for data in chunks:
        yield from reader.feed(data)


def close(one: socket.socket) -> None:
    """Close a socket that another thread reads: closed alone it would not wake that thread."""
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
