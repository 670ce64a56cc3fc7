"""One direction between two hosts: latency, bandwidth, and the states held and cut."""

from __future__ import annotations

from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.world.network.missed import Missed
from sim.world.units import SECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.world.kernel import Stream, World


class LinkQuality(NamedTuple):
    """What a new link is like; one rack of a data centre by default."""

    latency_us: int = 250
    jitter_us: int = 50
    """Added to each packet: uniform in [0, jitter_us)."""
    bandwidth_bytes_s: int = 125_000_000


class LinkState(Enum):
    OPEN = "open"
    HELD = "held"
    """Packets wait and arrive later, even from a connection that was closed meanwhile."""
    CUT = "cut"
    """Packets are lost; TCP repeats them after the repair, but only for a connection that is still open."""
    REJECTED = "rejected"
    """Packets are sent back: no stream opens, and whoever tries hears so at once."""


# Asked for with each packet; to find a member in its enumeration takes Python 3.11 five times as long.
_OPEN = LinkState.OPEN
_LOSING = (LinkState.CUT, LinkState.REJECTED)


class Link:
    """Carries packets one way, in order. A packet is what to call on arrival, and with what."""

    __slots__ = ("_busy_until_us", "_chance", "_waiting", "_world", "bandwidth_bytes_s", "jitter_us", "latency_us",
                 "source", "state", "target")  # fmt: skip

    def __init__(
        self, world: World, *, source: str, target: str, latency_us: int, jitter_us: int, bandwidth_bytes_s: int
    ) -> None:
        self._world = world
        self._chance: Stream = world.chance(f"network/{source}->{target}")
        self._busy_until_us = 0
        self._waiting = Missed()
        self.source = source
        self.target = target
        self.latency_us = latency_us
        self.jitter_us = jitter_us
        self.bandwidth_bytes_s = bandwidth_bytes_s
        self.state = LinkState.OPEN

    def carry(
        self, size_bytes: int, is_repeated: Callable[[], bool], arrive: Callable[[Any], object], payload: Any
    ) -> None:
        """Bring one packet across, now or when the link opens again: then call `arrive(payload)`.

        `is_repeated` is asked when a cut is repaired: would the sender's TCP still send this packet again?
        """
        if self.state is not _OPEN:
            wait = self._waiting.add if self.loses else self._waiting.keep
            wait(is_repeated, partial(self.carry, size_bytes, is_repeated, arrive, payload))
            return
        world = self._world
        arrival_us = world.now_us + self.latency_us + size_bytes * SECOND_US // self.bandwidth_bytes_s
        if self.jitter_us:
            arrival_us += self._chance.randrange(self.jitter_us)
        # In order: a packet never overtakes the one before it on the same link.
        if arrival_us < self._busy_until_us:
            arrival_us = self._busy_until_us
        else:
            self._busy_until_us = arrival_us
        world.call_at(arrival_us, arrive, payload)

    @property
    def loses(self) -> bool:
        """Whether what is sent now is lost, until it is sent again."""
        return self.state in _LOSING

    def miss(self, is_repeated: Callable[[], bool], repeat: Callable[[], object]) -> None:
        """Something cannot be sent while packets are lost: call `repeat` at the repair, if `is_repeated` says so then."""
        self._waiting.add(is_repeated, repeat)

    def become(self, state: LinkState) -> None:
        """Hold or cut packets from now on, those under way still arrive; or open, and what waited goes on its way."""
        if state is LinkState.OPEN:
            self.open()
        else:
            self.state = state

    def forget_chance(self) -> None:
        """Give the stream of chance back: nothing is sent on this link any more."""
        self._world.forget_chance(self._chance.name)

    def open(self) -> None:
        """Release or repair: what waited goes on its way, in order."""
        was_losing = self.loses
        self.state = LinkState.OPEN
        if was_losing:
            self._waiting.send_again()
        else:
            self._waiting.release()
