"""Broker epochs: each registration takes a higher one than any before, so that an old life is told from a new one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.judges.invariants.invariant import Invariant
from sim.trace.events import BrokerRegistered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.judges.invariants.chronicle import Chronicle


class BrokerEpochs(Invariant):
    """Remembers the newest registration of all."""

    NAME = "broker epochs"
    PROMISE = "each registration of a broker takes a higher broker epoch than any before"

    def __init__(self, chronicle: Chronicle) -> None:
        super().__init__(chronicle)
        self._newest = -1

    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        return {BrokerRegistered: self._registered}

    def _registered(self, event: BrokerRegistered) -> None:
        if event.broker_epoch <= self._newest:
            self.breach(
                f"b{event.broker} registers with broker epoch {event.broker_epoch}, and {self._newest} was there"
            )
        self._newest = event.broker_epoch

    def look(self) -> None:
        for broker, known in self.chronicle.registered().items():
            if known > self._newest:
                self.breach(f"b{broker} has broker epoch {known}, which no registration gave it")
