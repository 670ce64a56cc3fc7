"""A partition on its way to other replicas: those that come, those that go, and when it has arrived (KIP-455).

Pure. Kafka: PartitionReassignmentReplicas, PartitionReassignmentRevert.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from sim.cluster.metadata_states import PartitionState


class Placement(NamedTuple):
    """On which brokers a partition is, and on which of them only for as long as it moves."""

    replicas: tuple[int, ...]
    """All of them; the preferred leader of the time after the move first."""
    adding: tuple[int, ...] = ()
    removing: tuple[int, ...] = ()

    @property
    def is_moving(self) -> bool:
        return bool(self.adding or self.removing)

    @property
    def original(self) -> tuple[int, ...]:
        """Where the partition was before, and will be if the move is given up."""
        return without(self.replicas, self.adding)

    @property
    def target(self) -> tuple[int, ...]:
        """Where it is to be."""
        return without(self.replicas, self.removing)


class Arrived(NamedTuple):
    """A move that is over: the replicas, and who of them is in sync."""

    replicas: tuple[int, ...]
    isr: tuple[int, ...]


def placement_of(state: PartitionState) -> Placement:
    """Give where a partition is."""
    return Placement(state.replicas, state.adding_replicas, state.removing_replicas)


def towards(state: PartitionState, target: tuple[int, ...]) -> Placement:
    """Begin a move, or turn one that is under way: whoever is there now goes unless it is wanted."""
    now = state.replicas
    removing = tuple(sorted(set(now) - set(target)))
    adding = tuple(sorted(set(target) - set(now)))
    return Placement((*target, *removing), adding, removing)


def arrived(placement: Placement, isr: tuple[int, ...]) -> Arrived | None:
    """Say where a move ends: as soon as everybody who is to stay is in sync."""
    if not placement.is_moving:
        return None
    staying = without(isr, placement.removing)
    replicas = placement.target
    if not staying or not replicas or not set(replicas).issubset(staying):
        return None
    return Arrived(replicas, staying)


def without(replicas: tuple[int, ...], gone: tuple[int, ...]) -> tuple[int, ...]:
    """Give those that are left."""
    return tuple(replica for replica in replicas if replica not in gone)
