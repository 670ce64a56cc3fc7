"""One client of a gateway and the broker behind it: two sockets, and what either sends is worked off in its order."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, Any, Protocol, cast

from producer.errors import ProducerError
from sim.gateway.core.enforcement import Enforcement, UnavailableError
from sim.gateway.core.session import Session, SessionError
from sim.gateway.tcp.certificate import principal_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from concurrent.futures import Executor

    from sim.gateway.core.enforcement import Steps
    from sim.gateway.tcp.address import Address

LOG = logging.getLogger(__name__)

CONNECT_S_MAX = 10.0
"""How long a broker may take to accept (socket.connection.setup.timeout.ms)."""
UNREAD_BYTES_MAX = 1_048_576
"""How much waits for a side that does not read before the other is read no more."""


class Answering(Enforcement, Protocol):
    """An enforcement that answers what its decisions have to know."""

    may_block: bool
    """Whether that may take a while; then it is called from several threads."""

    def answer(self, question: object) -> Any:
        """Answer. Raises UnavailableError, or another error that the decision knows."""
        ...


class Gate(Protocol):
    """The gateway that a client came to, and which knows where brokers are told to be."""

    enforcement: Answering
    upstream_tls: ssl.SSLContext | None
    threads: Executor | None
    """Where is decided, if that may take a while."""
    refusals: int

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        """Give the gateway's own address for a broker."""
        ...

    def admit(self, crossing: Crossing) -> None:
        """A client connected."""
        ...

    def dismiss(self, crossing: Crossing) -> None:
        """Both of its connections are closed."""
        ...


class Crossing:
    """One client and the broker behind it: two sockets, one session. What either sends is worked off in its order."""

    def __init__(self, gateway: Gate, upstream: Callable[[], tuple[Address, ...]]) -> None:
        self._gateway = gateway
        self._upstream = upstream
        self._session: Session
        self._reaching: asyncio.Task[None] | None = None
        self._working: asyncio.Task[None] | None = None
        self._backlog: deque[tuple[Side, bytes]] = deque()
        """What is to be decided, and who sent it; nothing is the end of what it sends."""
        self._is_ending = False
        self.client = Side(self)
        self.broker = Side(self)

    def begins(self, side: Side) -> None:
        """One of the two connections is there."""
        if side is self.broker:
            self.client.release()
            return
        host, *_ = side.transport.get_extra_info("peername")
        self._session = Session(
            self._gateway.enforcement,
            self._gateway,
            client_host=host,
            principal=principal_of(side.transport.get_extra_info("peercert")),
        )
        self._gateway.admit(self)
        # Nothing is read that has nowhere to go.
        side.hold()
        self._reaching = asyncio.get_running_loop().create_task(self._reach(), name=f"a broker for {host}")

    async def _reach(self) -> None:
        loop = asyncio.get_running_loop()
        for address in self._upstream():
            try:
                async with asyncio.timeout(CONNECT_S_MAX):
                    await loop.create_connection(
                        lambda: self.broker,
                        *address,
                        ssl=self._gateway.upstream_tls,
                        server_hostname=address.host if self._gateway.upstream_tls else None,
                    )
            except OSError as error:
                # ssl.SSLError and TimeoutError are OSErrors, too.
                LOG.warning("no way to %s: %s", address, str(error) or type(error).__name__)
            else:
                if self._is_ending:
                    self.broker.transport.close()
                return
        self.end()

    # -- what either side sends ----------------------------------------------------------------------------------------

    def sent(self, side: Side, data: bytes) -> None:
        """Work off what a side sent; nothing means that it sends no more."""
        if self._gateway.threads is None:
            self._passed(side, data, self._taken(side, data))
            return
        self._backlog.append((side, data))
        if self._working is None:
            self._working = asyncio.get_running_loop().create_task(self._work(), name="a gateway's decisions")

    async def _work(self) -> None:
        """Work the backlog off on a thread; neither side is read meanwhile."""
        loop = asyncio.get_running_loop()
        both = (self.client, self.broker)
        for side in both:
            side.hold()
        while self._backlog and not self._is_ending:
            side, data = self._backlog.popleft()
            self._passed(side, data, await loop.run_in_executor(self._gateway.threads, self._taken, side, data))
        self._working = None
        for side in both:
            side.release()

    def _taken(self, side: Side, data: bytes) -> bool:
        """Hand in what a side sent. Whether the session goes on."""
        if self._is_ending:
            return False
        try:
            hand_in = self._session.client_sent if side is self.client else self._session.broker_sent
            answered(hand_in(data), self._gateway.enforcement.answer)
        except (SessionError, OSError) as error:
            self._gateway.refusals += 1
            LOG.warning("a session ends: %s", error)
            return False
        except Exception:
            # Ours, and others are served meanwhile. What was sent goes into no log: there may be secrets in it.
            LOG.exception("a session ends: the gateway failed")
            return False
        return True

    def _passed(self, side: Side, data: bytes, goes_on: bool) -> None:
        """Send what there is for both."""
        if self._is_ending or not goes_on:
            self.end()
            return
        for_broker, for_client = self._session.take()
        if for_broker:
            self.broker.transport.write(for_broker)
        if for_client:
            self.client.transport.write(for_client)
        if self._session.is_over or (not data and side is self.broker):
            self.end()
        elif not data:
            self._finish_at_broker()

    def _finish_at_broker(self) -> None:
        """The client sends no more; the broker hears it, and answers on."""
        if self.broker.is_open and self.broker.transport.can_write_eof():
            self.broker.transport.write_eof()
        else:
            self.end()

    def waits(self, side: Side, *, is_full: bool) -> None:
        """A side does not read, or reads again: the other is read accordingly."""
        other = self.client if side is self.broker else self.broker
        (other.hold if is_full else other.release)()

    def ended(self) -> None:
        """A connection is closed: the other one has no use any more."""
        self.end()
        if not self.client.is_open and not self.broker.is_open:
            self._gateway.dismiss(self)

    def end(self) -> None:
        """Close both; what was handed to their sockets is still sent."""
        self._is_ending = True
        if self._reaching is not None and not self.broker.is_open and self._reaching is not asyncio.current_task():
            self._reaching.cancel()
        for side in (self.broker, self.client):
            if side.is_open:
                side.transport.close()


def answered(steps: Steps[None], answer: Callable[[object], Any]) -> None:
    """Go through what a session has to know, answering each question on this thread."""
    try:
        question = next(steps)
        while True:
            try:
                told = answer(question)
            except (UnavailableError, ProducerError) as error:
                question = steps.throw(error)
            else:
                question = steps.send(told)
    except StopIteration:
        return


class Side(asyncio.Protocol):
    """One of the two sockets."""

    def __init__(self, crossing: Crossing) -> None:
        self._crossing = crossing
        self.transport: asyncio.Transport
        self.is_open = False
        self._is_tls = False
        self._holds = 0
        """For so many reasons nothing is read now."""

    def hold(self) -> None:
        """Read nothing, until it is released as often."""
        self._holds += 1
        if self.is_open and self._holds == 1:
            self.transport.pause_reading()

    def release(self) -> None:
        """Read on, if nothing else is in the way."""
        self._holds -= 1
        if self.is_open and self._holds == 0:
            self.transport.resume_reading()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)
        self.transport.set_write_buffer_limits(UNREAD_BYTES_MAX)
        self.is_open = True
        self._is_tls = transport.get_extra_info("sslcontext") is not None
        self._crossing.begins(self)

    def data_received(self, data: bytes) -> None:
        self._crossing.sent(self, data)

    def eof_received(self) -> bool:
        self._crossing.sent(self, b"")
        # TLS cannot be closed on one side alone.
        return not self._is_tls

    def pause_writing(self) -> None:
        self._crossing.waits(self, is_full=True)

    def resume_writing(self) -> None:
        self._crossing.waits(self, is_full=False)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self.is_open = False
        self._crossing.ended()
