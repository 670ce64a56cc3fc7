"""Where a reader in virtual time puts what it cannot read: a record of the dead-letter topic, acknowledged before it reads on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from producer.config.config import ProducerConfig
from producer.dead_letters.failures import UnreadableRecordError
from producer.dead_letters.letter import dead_letter
from producer.dead_letters.policy import DeadLetterPolicy
from producer.errors import Outcome
from producer.records import Record
from sim.clients.drivers import SimProducer
from sim.clients.virtual_driver import Gate
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Generator

    import simpy

    from producer.errors import ProducerError
    from sim.clients.consumer import ConsumedRecord
    from sim.clients.virtual_driver import SomeCluster


class SimDeadLetters:
    """A producer of dead letters, a client of its own beside the reader's."""

    def __init__(self, cluster: SomeCluster, name: str) -> None:
        """Add a host called `name`."""
        servers = ",".join(f"{host}:{port}" for host, port in cluster.bootstrap)
        self._world = cluster.world
        self._epoch_us = cluster.epoch_us
        self._policy = DeadLetterPolicy()
        self._producer = SimProducer(
            cluster,
            ProducerConfig.from_properties({"bootstrap.servers": servers}),
            name=name,
            is_measured=False,
            tell=self._told,
        )
        self._heard = Gate(cluster.world)
        self._count = 0
        self._outcomes: dict[int, Outcome] = {}

    def put(self, record: ConsumedRecord, error: ProducerError) -> Generator[simpy.Event, Any, bool]:
        """Write the dead letter of a record. Gives False if it is not there for certain: then the record is to be read again."""
        was = Record(record.topic, record.value, record.key, record.partition, record.headers, record.timestamp_ms)
        found = UnreadableRecordError(record.topic, record.partition, record.offset, error)
        now_ms = (self._epoch_us + self._world.now_us) // MILLISECOND_US
        letter = dead_letter(was, found, to=self._policy.topic_for(record.topic), failed_at_ms=now_ms)
        self._count += 1
        number = self._count
        yield from self._producer.send(letter, number)
        while number not in self._outcomes:
            yield from self._heard.wait()
        return self._outcomes.pop(number) is Outcome.ACKNOWLEDGED

    def leave(self) -> None:
        """Write nothing more, and leave the network."""
        self._producer.leave()

    def _told(self, number: int, outcome: Outcome) -> None:
        self._outcomes[number] = outcome
        # Nobody is called from within the engine.
        self._world.call_in(0, self._heard.open)
