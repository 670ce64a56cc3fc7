"""A planted bug, as a run takes it, and how one is looked up by its name.

The bugs lie in `sim.mutants`, which nothing imports: the look-up alone loads them, and only when a run, a search or a witness
names one.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.clients.drivers import SimProducer
    from sim.cluster.cluster import Cluster

HOME = "sim.mutants"
"""The package whose `MUTANTS` has them by name."""


class UnknownBugError(ValueError):
    """No planted bug has that name; the message gives those there are."""


class PlantedBug(Protocol):
    """A deliberate bug: it takes one collaborator's place in a cluster, or in a producer, just made."""

    @property
    def name(self) -> str: ...

    def plant_in_cluster(self, cluster: Cluster) -> None:
        """Take a place in every broker, before the first of them starts."""
        ...

    def plant_in_producer(self, producer: SimProducer) -> None:
        """Take a place in the engine, before the first record."""
        ...


class NamedBug(PlantedBug, Protocol):
    """A planted bug that can be looked up."""

    @property
    def falls_under(self) -> Mapping[str, str]:
        """Producer properties that a search needs to meet it within thousands of schedules."""
        ...


def planted_bug(name: str) -> NamedBug:
    """Find a planted bug. Raises UnknownBugError with the nearest name."""
    known: Mapping[str, NamedBug] = import_module(HOME).MUTANTS
    if name not in known:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
        raise UnknownBugError(f"unknown planted bug {name!r}: {hint}")
    return known[name]
