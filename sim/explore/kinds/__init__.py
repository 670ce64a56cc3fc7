"""The kinds of faults that a search draws. To add one: a `Kind` in the `KINDS` of its room, or a room of its own below.

A kind names the classes of fault that it draws; a test holds that each class there is belongs to one. Where a kind chooses,
the simplest comes first, since that is where Hypothesis shrinks to.
"""

from __future__ import annotations

from sim.explore.kinds import (
    answers,
    applications,
    brokers,
    clocks,
    controllers,
    disks,
    failovers,
    gaps,
    gateways,
    governance,
    groups,
    leadership,
    links,
    log_directories,
    orderly,
    proposals,
    raw_clients,
    reading,
    requests,
    schemas,
    settings,
    splits,
    transactions,
)
from sim.explore.kinds.kind import CLASSES, GOVERNANCE, SCHEMAS, TRANSACTIONS, Choices, FaultClass, Kind, moment

__all__ = [
    "ALL_KINDS",
    "CLASSES",
    "GOVERNANCE",
    "KINDS",
    "SCHEMAS",
    "TRANSACTIONS",
    "Choices",
    "FaultClass",
    "Kind",
    "kinds_of",
    "moment",
]

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        *links.KINDS,
        *splits.KINDS,
        *answers.KINDS,
        *gaps.KINDS,
        *requests.KINDS,
        *leadership.KINDS,
        *brokers.KINDS,
        *failovers.KINDS,
        *proposals.KINDS,
        *clocks.KINDS,
        *controllers.KINDS,
        *disks.KINDS,
        *log_directories.KINDS,
        *orderly.KINDS,
        *settings.KINDS,
        *applications.KINDS,
        *reading.KINDS,
        *raw_clients.KINDS,
        *groups.KINDS,
    )
}
"""Every kind by its name, the simplest rooms first; those of transactions and of schemas left out, for which most stories have no place."""

ALL_KINDS: dict[str, Kind] = {
    **KINDS,
    **{kind.name: kind for kind in (*transactions.KINDS, *schemas.KINDS, *governance.KINDS, *gateways.KINDS)},
}
"""What a search of stories in transactions, in schemas, or with rights, quotas and a gateway may draw: each its own."""


def kinds_of(classes: str) -> tuple[Kind, ...]:
    """The kinds of the classes given, such as `NC`."""
    return tuple(kind for kind in ALL_KINDS.values() if kind.fault_class in classes)
