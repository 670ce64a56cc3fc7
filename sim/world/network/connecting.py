"""The way of one attempt to open a stream: wanted until its opener gives it up, and carried as one packet."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sim.world.network.host import Host, HostName
from sim.world.network.stream import Endpoint, Peer


class Connecting:
    """An attempt to open a stream; `abandon` it when the opener no longer waits."""

    __slots__ = ("is_wanted",)

    def __init__(self) -> None:
        self.is_wanted = True

    def abandon(self) -> None:
        """Give up: neither callback will be called, and a stream that opens all the same is closed."""
        self.is_wanted = False

    def still_wanted(self) -> bool:
        return self.is_wanted


class Knock(NamedTuple):
    """The packet that asks for a stream (TCP's SYN), and what its opener wants to hear."""

    source: Host
    incarnation: int
    """Of the source when it knocked: nobody holds the near end of one that is gone."""
    target: HostName
    attempt: Connecting
    on_open: Callable[[Endpoint], object]
    on_failed: Callable[[str], object]
    opener: Peer
    port: int

    def is_repeated(self) -> bool:
        """Whether its kernel still knocks: nobody gave up, and the process that wanted it lives."""
        return self.attempt.is_wanted and self.incarnation == self.source.incarnation

    def fail(self, reason: str) -> None:
        """Tell the opener, now, on its own host."""
        self.source.deliver(self.incarnation, self._failed, (reason,))

    def open(self, endpoint: Endpoint) -> None:
        """Hand the opener its end, now, on its own host."""
        self.source.deliver(self.incarnation, self._opened, (endpoint,))

    def _failed(self, reason: str) -> None:
        if self.attempt.is_wanted:
            self.on_failed(reason)

    def _opened(self, endpoint: Endpoint) -> None:
        if not self.attempt.is_wanted:
            endpoint.close()
            return
        self.on_open(endpoint)
