"""An ordered stream between two hosts, as TCP gives it: opened, closed from either end, or reset."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from sim.world.network.link import Link
    from sim.world.network.power import Power

Deliver = Callable[[Callable[..., object], tuple[Any, ...]], object]
"""Calls a function with arguments on the host of an end: at once, later or never, as its process allows."""

HEADER_BYTES = 40
"""TCP and IPv4 headers of one packet, counted against the bandwidth."""


class Peer(NamedTuple):
    """Who opened a stream: the client's address and port, so to speak."""

    host: str
    connection: int
    """The opener's own number for it; unique per opening host."""


class Endpoint:
    """One end of a stream. What it carries is bytes (Kafka's protocol) or a frozen message between brokers.

    Set `on_received` and `on_closed` as soon as you are handed one; payloads arrive whole and in order. What reached
    a host's kernel is read by its process even if the stream broke afterwards, also across a pause.
    """

    __slots__ = ("_deliver", "_has_vanished", "_kernel_open", "_link", "_power", "_siblings", "_stalled", "is_open",
                 "number", "on_closed", "on_received", "opener", "peer")  # fmt: skip

    def __init__(
        self, *, number: int, deliver: Deliver, siblings: dict[int, Endpoint], link: Link, power: Power, opener: Peer
    ) -> None:
        """`siblings` are the open ends on the same host by number: this one stands among them until it is shut.

        `power` is that host's.
        """
        self._deliver = deliver
        self._power = power
        self._has_vanished = False
        self._siblings = siblings
        self._link = link
        self._kernel_open = True
        self._stalled = False
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

    def send(self, payload: object, *, size_bytes: int | None = None) -> None:
        """Send one payload; lost if the stream is over. A message that is not bytes needs its nominal `size_bytes`."""
        if not self._kernel_open or self._stalled:
            return
        size = len(payload) if isinstance(payload, bytes) else size_bytes
        if size is None:
            msg = f"a {type(payload).__name__} needs size_bytes"
            raise ValueError(msg)
        assert self.peer is not None
        self._link.carry(size + HEADER_BYTES, self._is_kernel_open, self.peer.arrive, payload)

    def close(self) -> None:
        """Close in good order: what was sent still arrives, then the peer hears of the end. Twice does nothing."""
        if self._kernel_open:
            assert self.peer is not None
            self._link.carry(HEADER_BYTES, _yes, self.peer.arrive_end, "closed by peer")
        self.is_open = False
        self._shut()

    def reset(self) -> None:
        """Break the stream at both ends now: bytes under way are lost, bytes that arrived are not."""
        for end in (self, self.peer):
            assert end is not None
            end.arrive_end("connection reset")

    def stall(self) -> None:
        """Lose whatever this end sends from now on, without telling either side."""
        self._stalled = True

    def vanish(self) -> None:
        """Be gone without a word: this end's machine lost its power."""
        self._has_vanished = True
        self.is_open = False
        self._shut()

    def arrive(self, payload: object) -> None:
        """A payload reached this host's kernel; a paused process reads it later."""
        if self._kernel_open:
            self._deliver(self._receive, (payload,))
        elif self._has_vanished:
            self._arrive_in_vain()

    def _arrive_in_vain(self) -> None:
        peer = self.peer
        assert peer is not None
        if not self._power.is_on:
            self._power.miss(peer._is_kernel_open, peer._send_again)
        else:
            # The machine is back and knows nothing of this stream: a reset is its answer to whatever comes.
            self._link.carry(HEADER_BYTES, _yes, peer.arrive_end, "connection reset")

    def _send_again(self) -> None:
        assert self.peer is not None
        self._link.carry(HEADER_BYTES, self._is_kernel_open, self.peer.arrive, b"")

    def arrive_end(self, reason: str) -> None:
        """The end of the stream reached this host's kernel; the process hears of it after what came before."""
        if self._kernel_open:
            self._shut()
            self._deliver(self._end, (reason,))

    def _receive(self, payload: object) -> None:
        if self.is_open:
            self.on_received(payload)

    def _end(self, reason: str) -> None:
        if self.is_open:
            self.is_open = False
            self.on_closed(reason)

    def _shut(self) -> None:
        self._kernel_open = False
        self._siblings.pop(self.number, None)

    def _is_kernel_open(self) -> bool:
        return self._kernel_open


def _ignore(_: object) -> None:
    return None


def _yes() -> bool:
    return True
