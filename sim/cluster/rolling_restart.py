"""An operator who restarts brokers one after the other, and waits each time until nothing is missing (Kafka's operations page)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker import Broker
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.world.kernel import World

LOOK_EVERY_US = 100 * MILLISECOND_US
"""How often the operator looks whether a broker is back."""


class RollingRestart:
    """One broker at a time: asked to stop, started again, awaited until every replica that it has is in sync."""

    def __init__(
        self, world: World, metadata: MetadataLog, brokers: tuple[Broker, ...], ended: Callable[[], object]
    ) -> None:
        """Begin with the first of them; `ended` is called once the last one is back."""
        self._world = world
        self._metadata = metadata
        self._left = list(brokers)
        self._ended = ended
        self._is_given_up = False
        self._next()

    def give_up(self) -> None:
        """Restart no further broker."""
        self._is_given_up = True

    def _next(self) -> None:
        broker = self._left.pop(0)
        if broker.process is None:
            broker.start_again()
        elif broker.is_stopping:
            broker.start_when_stopped()
        else:
            broker.stop(starts_again=True)
        self._world.call_in(LOOK_EVERY_US, self._look, broker)

    def _look(self, broker: Broker) -> None:
        if self._is_given_up:
            return
        if not self._is_back(broker):
            self._world.call_in(LOOK_EVERY_US, self._look, broker)
        elif self._left:
            self._next()
        else:
            self._ended()

    def _is_back(self, broker: Broker) -> bool:
        number = broker.broker_id
        if broker.is_stopping or broker.process is None or not self._metadata.is_active(number):
            return False
        # The controller may not have missed yet a broker that has died meanwhile: what it says is of this life.
        if not self._metadata.is_registered(number, broker.process.broker_epoch):
            return False
        return all(number in state.isr for state in self._metadata.partitions.values() if number in state.replicas)
