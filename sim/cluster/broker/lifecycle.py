"""How one life of a broker's process ends in good order: leaderships first, then the network, the logs, a word on the disk.

Kafka: BrokerServer.shutdown, BrokerLifecycleManager.
"""

from __future__ import annotations

from enum import auto
from typing import TYPE_CHECKING, Protocol

from producer.transitions import Symbol, move

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.broker.surroundings import Surroundings


class LifeState(Symbol):
    """Kafka's BrokerState, as far as it matters here."""

    STARTING = auto()
    """Not in service yet: it may lead nothing."""
    RUNNING = auto()
    PENDING_CONTROLLED_SHUTDOWN = auto()
    """It serves on, and waits for the controller to let it go."""
    SHUTTING_DOWN = auto()
    """It serves nobody, and brings its logs to the disk."""


class LifeInput(Symbol):
    UNFENCED = auto()
    """The controller counts on it."""
    ASKED_TO_STOP = auto()
    """SIGTERM."""
    MAY_GO = auto()
    """The controller let it go, or the time to wait for that is over."""


TRANSITIONS: Mapping[tuple[LifeState, LifeInput], LifeState] = {
    (LifeState.STARTING, LifeInput.UNFENCED): LifeState.RUNNING,
    (LifeState.STARTING, LifeInput.ASKED_TO_STOP): LifeState.SHUTTING_DOWN,
    (LifeState.RUNNING, LifeInput.UNFENCED): LifeState.RUNNING,
    (LifeState.RUNNING, LifeInput.ASKED_TO_STOP): LifeState.PENDING_CONTROLLED_SHUTDOWN,
    (LifeState.RUNNING, LifeInput.MAY_GO): LifeState.SHUTTING_DOWN,
    (LifeState.PENDING_CONTROLLED_SHUTDOWN, LifeInput.UNFENCED): LifeState.PENDING_CONTROLLED_SHUTDOWN,
    (LifeState.PENDING_CONTROLLED_SHUTDOWN, LifeInput.MAY_GO): LifeState.SHUTTING_DOWN,
}


class Leaving(Protocol):
    """What a process does on its way out, one step after the other."""

    def prepare_to_leave(self) -> None:
        """Ask the controller to be let go; follow only where this broker is in sync still."""
        ...

    def stop_serving(self) -> None:
        """Hear no client, no broker and no controller any more."""
        ...

    def close_logs(self, then: Callable[[], object]) -> None:
        """Bring everything to the disk and leave word of it; then call back."""
        ...


class Lifecycle:
    """Where this process stands between its start and its end."""

    __slots__ = ("_broker", "_ended", "_leaving", "state")

    def __init__(self, broker: Surroundings, leaving: Leaving) -> None:
        self._broker = broker
        self._leaving = leaving
        self._ended: Callable[[], object] | None = None
        self.state = LifeState.STARTING

    def unfenced(self) -> None:
        """The controller counts on this broker."""
        self._feed(LifeInput.UNFENCED)

    def stop(self, ended: Callable[[], object]) -> None:
        """End in good order, and call `ended` when it is over. Asked once more, nothing changes."""
        if self._ended is not None:
            return
        self._ended = ended
        config = self._broker.config
        if self.state is LifeState.RUNNING and not config.controlled_shutdown:
            self.may_go()
            return
        self._feed(LifeInput.ASKED_TO_STOP)
        if self.state is LifeState.SHUTTING_DOWN:
            self._leave()
            return
        self._leaving.prepare_to_leave()
        self._broker.host.call_in(config.shutdown_timeout_us, self.may_go)

    def may_go(self) -> None:
        """Whoever was to be waited for is not waited for any longer."""
        if self.state is not LifeState.SHUTTING_DOWN:
            self._feed(LifeInput.MAY_GO)
            self._leave()

    def _leave(self) -> None:
        assert self._ended is not None
        self._leaving.stop_serving()
        self._leaving.close_logs(self._ended)

    def _feed(self, given: LifeInput) -> None:
        self.state = move(TRANSITIONS, self.state, given, whose=f"broker {self._broker.broker_id}")
