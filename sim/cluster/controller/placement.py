"""On which brokers new partitions go: striped over racks, and over the brokers of each (Kafka's StripedReplicaPlacer).

Each partition's replicas begin one rack and one broker further than those of the one before, from a place drawn for each
topic. Whoever is fenced is taken last, and never to lead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from sim.cluster.envelope import RefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from producer.chance import Chance
    from sim.cluster.metadata_states import BrokerState


class _Ring:
    """Brokers of one rack in one state: for every partition that needs them it begins one further."""

    __slots__ = ("_brokers", "_given", "_partition", "_start")

    def __init__(self, brokers: list[int], chance: Chance) -> None:
        self._brokers = brokers
        self._start = chance.randrange(len(brokers)) if brokers else 0
        self._given = 0
        self._partition = 0

    def next(self, partition: int) -> int | None:
        """Give one that this partition was not given yet."""
        if partition != self._partition:
            self._partition = partition
            self._given = 0
            self._start += 1
        if self._given == len(self._brokers):
            return None
        self._given += 1
        return self._brokers[(self._start + self._given - 1) % len(self._brokers)]


class _Rack:
    __slots__ = ("fenced", "in_service")

    def __init__(self, brokers: list[BrokerState], chance: Chance) -> None:
        self.in_service = _Ring(sorted(one.broker for one in brokers if not one.is_fenced), chance)
        self.fenced = _Ring(sorted(one.broker for one in brokers if one.is_fenced), chance)

    def next(self, partition: int) -> int | None:
        broker = self.in_service.next(partition)
        return self.fenced.next(partition) if broker is None else broker


def place(
    brokers: Iterable[BrokerState], chance: Chance, *, partitions: int, replication_factor: int
) -> tuple[tuple[int, ...], ...]:
    """Give the replicas of each partition, who leads first. Raises RefusedError where there are too few brokers."""
    known = list(brokers)
    if replication_factor > len(known):
        raise _refused(replication_factor, f"only {len(known)} brokers are registered")
    if all(one.is_fenced for one in known):
        raise _refused(replication_factor, "all of the brokers are fenced")
    every = sum(1 for one in known if not one.is_fenced)
    placed: list[tuple[int, ...]] = []
    while len(placed) < partitions:
        # After as many partitions as brokers the same would come again: the racks are drawn anew (RackList.shuffle).
        some = min(every, partitions - len(placed)) if every > 1 else partitions
        placed += _round(known, chance, some, replication_factor)
    return tuple(placed)


def _round(known: list[BrokerState], chance: Chance, partitions: int, replicas: int) -> list[tuple[int, ...]]:
    names = sorted({one.rack or "" for one in known})
    racks = [_Rack([one for one in known if (one.rack or "") == name], chance) for name in names]
    start = chance.randrange(len(racks))
    turns = [(start + number) % len(racks) for number in range(partitions)]
    return [_place_one(racks[turn:] + racks[:turn], number, replicas) for number, turn in enumerate(turns)]


def _place_one(racks: list[_Rack], partition: int, count: int) -> tuple[int, ...]:
    """Take the leader from the first rack that has one in service, and then one of each rack in turn."""
    leads, leader = next((rack, broker) for rack in racks if (broker := rack.in_service.next(partition)) is not None)
    replicas = [leader]
    left = [rack for rack in racks if rack is not leads]
    while len(replicas) < count:
        for rack in left:
            broker = rack.next(partition) if len(replicas) < count else None
            if broker is not None:
                replicas.append(broker)
        left = racks
    return tuple(replicas)


def _refused(replication_factor: int, why: str) -> RefusedError:
    text = f"Unable to replicate the partition {replication_factor} time(s): {why}"
    return RefusedError(Code.INVALID_REPLICATION_FACTOR, text)
