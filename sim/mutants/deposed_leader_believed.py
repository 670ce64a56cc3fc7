"""A client that forgets leader epochs with the cluster, and then believes a leader that was deposed (Java's own way)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.clients.drivers import SimProducer


def _forget(producer: SimProducer) -> None:
    producer._engine._client.metadata.view._last_seen.is_lasting = False


DEPOSED_LEADER_BELIEVED = Mutant(
    "deposed_leader_believed",
    "after a rebootstrap a leader is believed that was deposed long ago",
    in_producer=_forget,
)
