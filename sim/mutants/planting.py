"""How a bug is planted: a subclass takes its parent's place in a cluster or an engine that was just assembled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from producer.engine.idempotence import Idempotence
    from sim.clients.drivers import SimProducer
    from sim.cluster.broker.partition import Partition
    from sim.cluster.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Mutant:
    """One planted bug: what is wrong, and who takes whose place."""

    name: str
    what: str
    """What it does wrong, in one line."""
    partition: type[Partition] | None = None
    """Stands in for every broker's `Partition`."""
    idempotence: type[Idempotence] | None = None
    """Stands in for the engine's `Idempotence`; an engine without idempotence has no place for it."""
    falls_under: Mapping[str, str] = field(default_factory=dict)
    """Producer properties that a search needs to meet the bug within thousands of schedules."""

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Let each life of each broker keep its replicas in this bug's way."""
        if self.partition is None:
            return
        for broker in cluster.brokers.values():
            assert not broker.is_running, f"b{broker.broker_id} runs already: a bug is planted before the start"
            broker.partition_type = self.partition

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Let the engine number its batches in this bug's way."""
        engine = producer._engine
        sound = engine._idempotence
        if self.idempotence is None or sound is None:
            return
        planted = self.idempotence(pipelines_fresh=sound.pipelines_fresh)
        planted.identity = sound.identity
        engine._idempotence = planted
        for numbers in (engine._drain, engine._sender, engine._verdicts):
            numbers.idempotence = planted
