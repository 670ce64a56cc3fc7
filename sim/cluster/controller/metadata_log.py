"""What was decided: brokers, topics and partitions as they stand, and every change pushed to the brokers that listen.

Kafka's __cluster_metadata log, of which only the last record of each thing is kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.messages import (
    NOMINAL_BYTES,
    BrokerSettings,
    BrokerState,
    MetadataDelta,
    PartitionState,
    TopicState,
)

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.world.network import Endpoint

Thing = BrokerState | TopicState | PartitionState | BrokerSettings


class MetadataLog:
    """Every change is `put`, and each group of them ends in `commit`, which sends it to each listener in order."""

    __slots__ = ("_listeners", "_pending", "_things", "brokers", "offset", "partitions", "settings", "topics")

    def __init__(self) -> None:
        self._things: dict[object, tuple[int, Thing]] = {}
        self._pending: list[Thing] = []
        self._listeners: dict[int, Endpoint] = {}
        self.offset = 0
        """The end of the log."""
        self.brokers: dict[int, BrokerState] = {}
        self.topics: dict[str, TopicState] = {}
        self.partitions: dict[TopicPartition, PartitionState] = {}
        self.settings: dict[int, BrokerSettings] = {}

    def is_active(self, broker: int) -> bool:
        """Whether that broker may lead and be in sync: registered, not fenced, and not about to stop."""
        known = self.brokers.get(broker)
        return known is not None and known.is_active

    def is_registered(self, broker: int, broker_epoch: int) -> bool:
        """Whether that is the broker's last registration."""
        known = self.brokers.get(broker)
        return known is not None and known.broker_epoch == broker_epoch

    def settings_of(self, broker: int) -> tuple[tuple[str, str], ...]:
        """What was set for that broker, or for all of them."""
        known = self.settings.get(broker)
        return () if known is None else known.settings

    # -- changes -------------------------------------------------------------------------------------------------------

    def put(self, thing: Thing) -> None:
        """Change one thing; `commit` tells of it."""
        match thing:
            case BrokerState():
                self.brokers[thing.broker] = thing
            case TopicState():
                self.topics[thing.name] = thing
            case PartitionState():
                self.partitions[thing.tp] = thing
            case BrokerSettings():
                self.settings[thing.broker] = thing
        self._pending.append(thing)

    def commit(self) -> None:
        """End one change of metadata: write it to the log, and push it to every broker that listens."""
        if not self._pending:
            return
        self.offset += len(self._pending)
        delta = _delta(self.offset, self._pending)
        for thing in self._pending:
            key = _key(thing)
            # Out and in again: the dict stays in the order of the last change.
            self._things.pop(key, None)
            self._things[key] = (self.offset, thing)
        self._pending = []
        for broker in sorted(self._listeners):
            self._listeners[broker].send(delta, size_bytes=NOMINAL_BYTES * (1 + len(delta.partitions)))

    def delta_since(self, offset: int) -> MetadataDelta:
        """Give what changed after that offset."""
        return _delta(self.offset, [thing for changed_at, thing in self._things.values() if changed_at > offset])

    # -- listeners -----------------------------------------------------------------------------------------------------

    def listen(self, broker: int, endpoint: Endpoint) -> None:
        """Push later changes to that broker on this stream."""
        self._listeners[broker] = endpoint

    def forget(self, endpoint: Endpoint) -> None:
        """The stream is over."""
        for broker, listener in self._listeners.items():
            if listener is endpoint:
                del self._listeners[broker]
                return


def _key(thing: Thing) -> object:
    match thing:
        case BrokerState():
            return thing.broker
        case TopicState():
            return thing.name
        case PartitionState():
            return thing.tp
        case BrokerSettings():
            return "settings", thing.broker


def _delta(offset: int, things: list[Thing]) -> MetadataDelta:
    last: dict[object, Thing] = {_key(thing): thing for thing in things}
    changed = tuple(last.values())
    return MetadataDelta(
        offset,
        tuple(thing for thing in changed if isinstance(thing, BrokerState)),
        tuple(thing for thing in changed if isinstance(thing, TopicState)),
        tuple(thing for thing in changed if isinstance(thing, PartitionState)),
        tuple(thing for thing in changed if isinstance(thing, BrokerSettings)),
    )
