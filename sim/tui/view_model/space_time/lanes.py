"""The lanes of a picture of messages: who is in a run, and which of them somebody wants to see, first, or as one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sim.trace import events as cluster

CLIENT, BROKER, CONTROLLER = "clients", "brokers", "controller"
"""The kinds of lanes; collapsed, those of a kind are one lane of this name."""
KINDS = (CLIENT, BROKER, CONTROLLER)
THE_CONTROLLER = "controller"


class Lane(NamedTuple):
    """One lifeline."""

    name: str
    """A client, `b1`, or `controller`; the kind, for a collapsed one."""
    kind: str


class LaneChoice(NamedTuple):
    """What somebody wants to see of all lanes."""

    hidden: frozenset[str] = frozenset()
    """Names of lanes that are not drawn, with all that only they have a part in."""
    pinned: tuple[str, ...] = ()
    """Names of lanes that stand first, and stay where there is room for few."""
    collapsed: frozenset[str] = frozenset()
    """Kinds whose lanes are one."""

    def toggled(self, what: str, lane: Lane) -> LaneChoice:
        """Hide, pin or collapse a lane, or take that back."""
        match what:
            case "hidden":
                return self._replace(hidden=self.hidden ^ {lane.name})
            case "pinned":
                kept = tuple(name for name in self.pinned if name != lane.name)
                return self._replace(pinned=kept if lane.name in self.pinned else (*kept, lane.name))
            case "collapsed":
                return self._replace(collapsed=self.collapsed ^ {lane.kind})
            case _:
                raise AssertionError(what)


ALL = LaneChoice()


class Lanes:
    """Everybody in a run: clients in the order of their first words, then brokers, then the controller."""

    __slots__ = ("_brokers", "_clients", "_events", "_seen", "everybody", "senders")

    def __init__(self, events: Sequence[Any]) -> None:
        """Go through the trace once."""
        self._events = events
        self._seen = 0
        self._clients: dict[str, None] = {}
        self._brokers: set[int] = set()
        self.senders: set[str] = set()
        """Clients that send records, or mean to: their lanes are there even where they do nothing."""
        self.everybody: tuple[Lane, ...] = ()
        self.grow()

    def grow(self) -> None:
        """Go on with the events that are new."""
        for number in range(self._seen, len(self._events)):
            event = self._events[number]
            kind = type(event)
            if kind is cluster.RequestReceived:
                self._clients[event.client] = None
                self._brokers.add(event.broker)
            elif kind is cluster.BrokerStarted:
                self._brokers.add(event.broker)
            elif kind is cluster.PhaseBegan or kind is cluster.ApplicationStarted:
                self._clients[event.client] = None
                self.senders.add(event.client)
        self._seen = len(self._events)
        self.everybody = (
            *(Lane(name, CLIENT) for name in self._clients),
            *(Lane(f"b{broker}", BROKER) for broker in sorted(self._brokers)),
            Lane(THE_CONTROLLER, CONTROLLER),
        )

    def shown(self, choice: LaneChoice = ALL, *, most: int | None = None, near: str = "") -> tuple[Lane, ...]:
        """Give the lanes that are drawn, the pinned ones first; where there is room for few, those around the lane `near`."""
        lanes: dict[str, Lane] = {}
        for lane in self.everybody:
            one = Lane(lane.kind, lane.kind) if lane.kind in choice.collapsed else lane
            if one.name not in choice.hidden:
                lanes[one.name] = one
        pinned = [lanes[name] for name in choice.pinned if name in lanes]
        others = [lane for lane in lanes.values() if lane not in pinned]
        if most is None or len(lanes) <= most:
            return (*pinned, *others)
        room = max(most - len(pinned), 0)
        place = next((at for at, lane in enumerate(others) if lane.name == near), 0)
        begin = min(max(place - room // 2, 0), max(len(others) - room, 0))
        return (*pinned[:most], *others[begin : begin + room])
