"""The office of the active controller: on one host, for one epoch. What was to be done later ends with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.controller.progress import FetchProgress
    from sim.world.kernel import Call
    from sim.world.network import Host

WITHOUT_QUORUM_US = 100 * MILLISECOND_US
"""How often whoever leads without a majority looks whether it may decide again."""


class Office:
    """Where the controller's timers run. Nothing that they do can be committed without a majority: it waits."""

    __slots__ = ("_can_commit", "_host", "_is_held", "epoch", "voters")

    def __init__(
        self,
        host: Host,
        epoch: int,
        voters: FetchProgress[str],
        *,
        is_held: Callable[[], bool],
        can_commit: Callable[[], bool],
    ) -> None:
        self._host = host
        self._is_held = is_held
        self._can_commit = can_commit
        self.epoch = epoch
        self.voters = voters
        """How far the other controllers are, by their Fetches."""

    @property
    def host_name(self) -> str:
        """Where it is."""
        return self._host.name

    def call_in(self, delay_us: int, function: Callable[..., object], *args: Any) -> Call:
        """Call `function(*args)` later, as long as this office is held."""
        return self._host.call_in(delay_us, self._run, function, args)

    def _run(self, function: Callable[..., object], args: tuple[Any, ...]) -> None:
        if not self._is_held():
            return
        if self._can_commit():
            function(*args)
        else:
            self._host.call_in(WITHOUT_QUORUM_US, self._run, function, args)
