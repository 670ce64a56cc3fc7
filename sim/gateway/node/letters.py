"""The dead letters of a gateway in virtual time: one life's own producer, on the gateway's host."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.errors import Outcome
from sim.clients.drivers import SimProducer
from sim.clients.virtual_driver import Gate
from sim.gateway.core.enforcement import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import simpy

    from producer.config.config import ProducerConfig
    from producer.records import Record
    from sim.clients.virtual_driver import SomeCluster
    from sim.world.network import Host


class Letters:
    """Writes dead letters, and waits until they are acknowledged."""

    def __init__(
        self,
        cluster: SomeCluster,
        config: ProducerConfig,
        host: Host,
        *,
        name: str,
        first_connection: int,
        numbers: Iterator[int],
    ) -> None:
        """`name` is the producer's in the trace, `numbers` are those of its records there."""
        self._numbers = numbers
        self._open: dict[int, Outcome | None] = {}
        self._heard = Gate(cluster.world)
        self._producer = SimProducer(
            cluster,
            config,
            name=name,
            is_measured=False,
            tell=self._told,
            host=host,
            first_connection=first_connection,
        )

    def bury(self, letters: tuple[Record, ...]) -> Generator[simpy.Event, Any, None]:
        """Write them, as part of a story. Raises UnavailableError where they do not lie there, or not surely."""
        mine = [next(self._numbers) for _ in letters]
        for number, letter in zip(mine, letters, strict=True):
            self._open[number] = None
            yield from self._producer.send(letter, number)
        while any(self._open[number] is None for number in mine):
            yield from self._heard.wait()
        outcomes = [self._open.pop(number) for number in mine]
        if any(outcome is not Outcome.ACKNOWLEDGED for outcome in outcomes):
            msg = "dead letters: they could not be written"
            raise UnavailableError(msg)

    def kill(self) -> None:
        """The process is gone."""
        self._producer.kill()

    def _told(self, number: int, outcome: Outcome) -> None:
        self._open[number] = outcome
        self._heard.open()
