"""For each event of a trace the events that brought it about, found in one pass and kept in two flat arrays."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from sim.trace import events as cluster
from sim.tui.view_model.causality import brokers, clients, controllers, readers, requests, transactions
from sim.tui.view_model.causality.memory import Memory, Rules

RULES: Rules = {
    **clients.RULES,
    **requests.RULES,
    **brokers.RULES,
    **controllers.RULES,
    **transactions.RULES,
    **readers.RULES,
}
"""What brings an event about, by its type; what is missing is its own beginning."""

LOOKED_BACK_MAX = 20_000
"""How many events before one are searched for the previous step of the same thing."""
_FAULTS = frozenset({cluster.FaultInjected, cluster.FaultRefused})


class Causes:
    """Every event's causes. They lie before it, so that each way back ends."""

    __slots__ = ("_causes", "_events", "_is_struck", "_starts")

    def __init__(self, events: Sequence[Any]) -> None:
        """Go through the trace once."""
        self._events = events
        self._causes = array("i")
        self._starts = array("i", [0])
        self._is_struck = bytearray(len(events))
        memory = Memory()
        causes, starts, is_struck = self._causes, self._starts, self._is_struck
        append, rule_of = causes.append, RULES.get
        for number, event in enumerate(events):
            kind = type(event)
            rule = rule_of(kind)
            if rule is not None:
                first = len(causes)
                for cause in rule(memory, number, event):
                    if cause >= 0 and cause not in causes[first:]:
                        append(cause)
                        if is_struck[cause]:
                            is_struck[number] = 1
            if kind in _FAULTS:
                is_struck[number] = 1
            starts.append(len(causes))

    def of(self, index: int) -> Sequence[int]:
        """Give what brought an event about, the nearest first; nothing for what begins by itself, as a fault or a send does."""
        return self._causes[self._starts[index] : self._starts[index + 1]]

    def is_struck(self, index: int) -> bool:
        """Whether a fault is among the causes of an event, or of those causes."""
        return bool(self._is_struck[index])

    def is_fault(self, index: int) -> bool:
        """Whether an event is a fault."""
        return type(self._events[index]) in _FAULTS

    def step_before(self, index: int) -> int | None:
        """Give the previous event of the same broker's partition, the same broker or the same client; None if it is far, or none."""
        event = self._events[index]
        names = [name for name in ("broker", "topic", "partition", "client") if name in event._fields]
        if "client" in names:
            names = ["client"]
        wanted = [(name, getattr(event, name)) for name in names]
        if not wanted:
            return None
        for number in range(index - 1, max(index - 1 - LOOKED_BACK_MAX, -1), -1):
            other = self._events[number]
            if all(getattr(other, name, None) == value for name, value in wanted):
                return number
        return None
