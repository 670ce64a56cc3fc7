"""A producer with acks=all that asks for acks=1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.mutants.planting import Mutant

if TYPE_CHECKING:
    from sim.clients.drivers import SimProducer


def _plant(producer: SimProducer) -> None:
    sender = producer._engine._sender
    if sender._settings.acks != 0:
        sender._settings = sender._settings._replace(acks=1)


ACKS_ALL_SENT_AS_ONE = Mutant("acks_all_sent_as_one", "acks=all goes out as acks=1", in_producer=_plant)
