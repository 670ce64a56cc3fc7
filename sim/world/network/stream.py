"""An ordered stream between two hosts, as TCP gives it: opened, closed from either end, or reset; its sockets have a size."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.world.network.outbox import Outbox, Payload, size_of

if TYPE_CHECKING:
    from sim.world.network.link import Link
    from sim.world.network.power import Power

Deliver = Callable[[Callable[..., object], tuple[Any, ...]], object]
"""Calls a function with arguments on the host of an end: at once, later or never, as its process allows."""

HEADER_BYTES = 40
"""TCP and IPv4 headers of one packet, counted against the bandwidth."""

CLOSED_BY_PEER = "closed by peer"
CONNECTION_RESET = "connection reset"


class Peer(NamedTuple):
    """Who opened a stream: the client's address and port, so to speak."""

    host: str
    connection: int
    """The opener's own number for it; unique per opening host."""
    certificate: str = ""
    """The distinguished name in the certificate that it showed, where TLS was spoken and one was asked for."""


class EndState(Enum):
    """What one end's kernel knows."""

    OPEN = auto()
    FINISHED = auto()
    """This process sends no more (shutdown of the write side), and reads on. Behind what its kernel has taken goes a FIN."""
    PEER_CLOSED = auto()
    """The peer's FIN arrived. This end may go on sending; a peer that closed answers with a reset, one that finished reads it."""
    CLOSED = auto()
    """This process closed it. What its kernel has taken is still sent, then a FIN."""
    OVER = auto()
    """Reset, closed from both ends, or forgotten with the machine's power."""


_SENDING = (EndState.OPEN, EndState.PEER_CLOSED)
_READING = (EndState.OPEN, EndState.FINISHED)
_SENDS_OR_READS = (*_READING, EndState.PEER_CLOSED)
_ENDED_BY_US = (EndState.FINISHED, EndState.CLOSED)


class Endpoint:
    """One end of a stream. What it carries is bytes (Kafka's protocol) or a frozen message between brokers.

    Set `on_received` and `on_closed` as soon as you are handed one; messages arrive whole and in order, bytes in order. What
    reached a host's kernel is read by its process even if the stream broke afterwards, also across a pause.
    """

    __slots__ = ("_deliver", "_inbox", "_is_muted", "_is_stalled", "_link", "_on_written", "_outbox", "_power", "_siblings",
                 "_state", "_told", "_unread", "is_open", "number", "on_closed", "on_received", "opener", "peer")  # fmt: skip

    def __init__(
        self,
        *,
        number: int,
        deliver: Deliver,
        siblings: dict[int, Endpoint],
        link: Link,
        power: Power,
        outbox: Outbox,
        opener: Peer,
        told: Callable[[bytes], object] | None = None,
    ) -> None:
        """`siblings` are the ends on the same host by number: this one stands among them until it is over or closed.

        `power` is that host's. `told` hears of all bytes that this process sends.
        """
        self._deliver = deliver
        self._told = told
        self._power = power
        self._siblings = siblings
        self._link = link
        self._outbox = outbox
        self._state = EndState.OPEN
        self._is_stalled = False
        self._is_muted = False
        # What the process has yet to hear, while it does not listen.
        self._inbox: deque[tuple[Callable[[Any], object], Any]] = deque()
        self._unread = 0
        self._on_written: Callable[[], object] | None = None
        self.number = number
        self.opener = opener
        self.peer: Endpoint | None = None
        self.is_open = True
        """Whether this process still holds its end: false once it closed it or was told of its end."""
        self.on_received: Callable[[Any], object] = _ignore
        self.on_closed: Callable[[str], object] = _ignore
        siblings[number] = self

    @property
    def peer_host(self) -> str:
        """The host at the other end."""
        return self._link.target

    # -- what the process does -----------------------------------------------------------------------------------------

    @property
    def is_broken(self) -> bool:
        """Whether writing fails: a reset has arrived, even if the process has not read so far."""
        return self._state not in _SENDING

    @property
    def is_heard(self) -> bool:
        """Whether the peer still listens, as far as this kernel knows."""
        return self._state is EndState.OPEN

    @property
    def has_unread(self) -> bool:
        """Whether something waits while this end is muted."""
        return bool(self._inbox)

    def send(self, payload: object, *, size_bytes: int | None = None) -> None:
        """Send one payload; lost if the stream is over. A message that is not bytes needs its nominal `size_bytes`.

        What neither the peer's buffer nor this kernel's has room for waits in this process, and is lost if it closes.
        """
        if self._state not in _SENDING or self._is_stalled:
            return
        if isinstance(payload, bytes):
            packed: Payload = payload
            size = len(payload)
            if self._told is not None:
                self._told(payload)
        elif size_bytes is None:
            msg = f"a {type(payload).__name__} needs size_bytes"
            raise ValueError(msg)
        else:
            packed = (payload, size_bytes)
            size = size_bytes
        if self._outbox.may_leave(size):
            assert self.peer is not None
            self._link.carry(size + HEADER_BYTES, self._is_repeated, self.peer.arrive, packed)
        else:
            self._outbox.put(packed)
            self._pump()

    def when_written(self, then: Callable[[], object]) -> None:
        """Call `then` once the kernel has taken everything, or writing has failed; at once if so now."""
        if self._outbox.is_written or self.is_broken:
            then()
        else:
            self._on_written = then

    def mute(self) -> None:
        """Read nothing more for now: it stays in the kernel, and fills its buffer."""
        self._is_muted = True

    def unmute(self) -> None:
        """Read on, first what waits."""
        self._is_muted = False
        while self._inbox and not self._is_muted:
            hear, what = self._inbox.popleft()
            hear(what)

    def finish(self) -> None:
        """Send no more, and read on: the peer hears of the end behind everything sent so far. Twice does nothing."""
        if self._state is EndState.OPEN:
            self._state = EndState.FINISHED
            self._pump()

    def close(self) -> None:
        """Close in good order: what the kernel took still arrives, then the peer hears of the end. Twice does nothing.

        With something unread it is a reset instead (RFC 2525, 2.17), and what the kernel has yet to send is gone.
        """
        self.is_open = False
        self._inbox.clear()
        if self._state not in _SENDS_OR_READS:
            return
        if self._unread:
            self._send_reset()
            self._be_over()
            return
        self._outbox.forget_unwritten()
        self._siblings.pop(self.number, None)
        self._state = EndState.CLOSED
        self._pump()

    def reset(self) -> None:
        """Break the stream from this end: told at once here, at the other end behind whatever was sent before."""
        if self._state in _SENDS_OR_READS:
            self._send_reset()
            self.arrive_reset(CONNECTION_RESET)

    def stall(self) -> None:
        """Lose whatever this end sends from now on, without telling either side."""
        self._is_stalled = True

    def vanish(self) -> None:
        """Be gone without a word: this end's machine lost its power."""
        self.is_open = False
        self._inbox.clear()
        self._be_over()

    # -- what arrives at the kernel ------------------------------------------------------------------------------------

    def arrive(self, payload: Payload) -> None:
        """A payload reached this host's kernel; its process reads it now, or later."""
        if self._state in _READING:
            self._unread += 1
            self._deliver(self._hear, (self._read, payload))
        else:
            self._arrive_in_vain()

    def arrive_end(self, reason: str) -> None:
        """The peer closed its end; the process hears of it after what came before."""
        if self._state is EndState.OPEN:
            self._state = EndState.PEER_CLOSED
            self._deliver(self._hear, (self._end, reason))
        elif self._state is EndState.FINISHED:
            self._be_over()
            self._deliver(self._hear, (self._end, reason))
        elif self._state is EndState.CLOSED:
            self._be_over()

    def arrive_reset(self, reason: str) -> None:
        """The stream is broken: writing fails from now on, and the process hears of it after what came before."""
        if self._state is EndState.OVER:
            return
        self._be_over()
        if self.is_open:
            self._deliver(self._hear, (self._end, reason))
            self._written()

    def arrive_room(self, size_bytes: int) -> None:
        """The peer has read so much (an ACK that opens the window): send on."""
        if self._state is not EndState.OVER:
            self._outbox.unread_bytes -= size_bytes
            self._pump()

    def _arrive_in_vain(self) -> None:
        peer = self.peer
        assert peer is not None
        if not self._power.is_on:
            self._power.missed.add(peer._is_repeated, peer._send_again)
            return
        # Nobody reads this any more, or the machine is back and knows nothing of the stream: a reset is the answer.
        if peer._state in _SENDS_OR_READS:
            self._send_reset()
        if self._state is EndState.CLOSED:
            self._be_over()

    def _send_reset(self) -> None:
        assert self.peer is not None
        self._link.carry(HEADER_BYTES, _no, self.peer.arrive_reset, CONNECTION_RESET)

    def _send_again(self) -> None:
        assert self.peer is not None
        self._link.carry(HEADER_BYTES, self._is_repeated, self.peer.arrive, b"")

    def _pump(self) -> None:
        """Send what there is room for; behind the last of it, the end."""
        outbox, peer = self._outbox, self.peer
        assert peer is not None
        while (part := outbox.next_part()) is not None:
            self._link.carry(size_of(part) + HEADER_BYTES, self._is_repeated, peer.arrive, part)
        if self._state in _ENDED_BY_US and not outbox.waiting:
            self._link.carry(HEADER_BYTES, _yes, peer.arrive_end, CLOSED_BY_PEER)
        if outbox.is_written:
            self._written()

    def _written(self) -> None:
        if self._on_written is not None:
            then, self._on_written = self._on_written, None
            self._deliver(then, ())

    def _be_over(self) -> None:
        self._state = EndState.OVER
        self._outbox.clear()
        self._siblings.pop(self.number, None)

    def _is_repeated(self) -> bool:
        """Whether this end's TCP still repeats what was lost."""
        return self._state in _SENDS_OR_READS

    # -- what the process hears ----------------------------------------------------------------------------------------

    def _hear(self, hear: Callable[[Any], object], what: object) -> None:
        if self._is_muted or self._inbox:
            self._inbox.append((hear, what))
        else:
            hear(what)

    def _read(self, payload: Payload) -> None:
        self._unread -= 1
        sender = self.peer
        assert sender is not None
        message: Any
        message, size = (payload, len(payload)) if isinstance(payload, bytes) else payload
        outbox = sender._outbox
        if outbox.waiting:
            self._link.carry(HEADER_BYTES, self._is_repeated, sender.arrive_room, size)
        else:
            # Nobody waits for this room: an ACK would change nothing.
            outbox.unread_bytes -= size
        if self.is_open and message is not None:
            self.on_received(message)

    def _end(self, reason: str) -> None:
        if self.is_open:
            self.is_open = False
            self.on_closed(reason)
        if self._state is EndState.PEER_CLOSED:
            self._be_over()


def _ignore(_: object) -> None:
    return None


def _yes() -> bool:
    return True


def _no() -> bool:
    return False
