"""How partitions are shared out by the coordinator itself: one assignor a file (group.consumer.assignors)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.cluster.coordinators.groups.consumer.assignors import range as by_range
from sim.cluster.coordinators.groups.consumer.assignors import uniform

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.cluster.coordinators.groups.consumer.assignment import Assignment
    from sim.cluster.coordinators.groups.consumer.assignors.group_spec import GroupSpec

DEFAULT_ASSIGNOR = "uniform"

ASSIGNORS: Mapping[str, Callable[[GroupSpec], dict[str, Assignment]]] = {
    DEFAULT_ASSIGNOR: uniform.assign,
    "range": by_range.assign,
}
"""By the names under which members ask for them, the default first. Each gives what every member shall have, by its id."""
