"""Timers of one coordinator, by name: to set one again moves it (Kafka's CoordinatorTimer). What they do is a write operation."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.world.kernel import Call
    from sim.world.network import Host


class Timers:
    """Each fires once, and none after `cancel_all`."""

    __slots__ = ("_host", "_set")

    def __init__(self, host: Host) -> None:
        self._host = host
        self._set: dict[tuple[str, ...], tuple[Call, object]] = {}

    def schedule(self, name: tuple[str, ...], delay_us: int, action: Callable[[], object]) -> None:
        """Call `action` after that time, and not what was scheduled under the name before."""
        self.cancel(name)
        token = object()
        call = self._host.call_in(max(delay_us, 0), self._fire, name, token, action)
        self._set[name] = call, token

    def __contains__(self, name: tuple[str, ...]) -> bool:
        """Whether one of that name is still to fire."""
        return name in self._set

    def cancel(self, name: tuple[str, ...]) -> None:
        """Let it not fire."""
        known = self._set.pop(name, None)
        if known is not None:
            known[0].cancel()

    def cancel_all(self) -> None:
        """Let none fire."""
        for call, _ in self._set.values():
            call.cancel()
        self._set.clear()

    def _fire(self, name: tuple[str, ...], token: object, action: Callable[[], object]) -> None:
        # A process that stood still finds timers that what lay in its sockets has moved or cancelled since.
        known = self._set.get(name)
        if known is not None and known[1] is token:
            del self._set[name]
            action()
