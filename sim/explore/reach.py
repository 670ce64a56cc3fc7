"""What a campaign reached: of every fault there is, whether it was drawn, whether it struck, and whether that mattered.

A fault mattered if the run is another one without it: with something in its place, at the same moment, that does nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from sim.explore.kinds import KINDS
from sim.faults import DropResponse
from sim.trace.events import FaultInjected, FaultRefused

if TYPE_CHECKING:
    from sim.explore.kinds import Kind
    from sim.faults import Fault
    from sim.faults.schedule import Schedule
    from sim.judges.report import Report

TRIED_ONE_IN = 10
"""In one schedule of so many, one fault is left out to see whether it mattered."""
TRIED_AT_THE_END = 3
"""How many of those that struck are left out at the end, of what has not mattered by then."""

_NOTHING = DropResponse(None, "SaslHandshake")
"""Nobody in a simulated cluster asks for that."""


def label(kind: Kind, fault: Fault | type[Any]) -> str:
    """Name a fault as a kind draws it: `pause`, and `resume (pause)` for its end."""
    name = next(one.default for one in fields(fault) if one.name == "kind")
    return str(name) if name == kind.name else f"{name} ({kind.name})"


def labels(kinds: Iterable[Kind] = tuple(KINDS.values())) -> Iterator[str]:
    """Name every fault that these kinds draw."""
    return (label(kind, fault_type) for kind in kinds for fault_type in kind.faults)


def struck(report: Report, schedule: Schedule) -> tuple[int, ...]:
    """Give the places of those that had an effect on the cluster: their moment came, and they were not refused."""
    missed = {one.entry for one in (*report.unfired, *report.refused)}
    return tuple(place for place in range(len(schedule)) if place not in missed)


def without(schedule: Schedule, place: int) -> Schedule:
    """Let nothing happen in the place of one fault; repairs and the story's end stay when they are."""
    return tuple(replace(entry, fault=_NOTHING) if at == place else entry for at, entry in enumerate(schedule))


def is_same(one: Report, other: Report) -> bool:
    """Whether two runs went the same way, the attempts of their faults left out."""
    return _course_of(one) == _course_of(other)


def _course_of(report: Report) -> list[Any]:
    return [event for event in report.trace if type(event) not in {FaultInjected, FaultRefused}]


class Tried(NamedTuple):
    """One fault that struck and was then left out."""

    label: str
    has_mattered: bool


class Struck(NamedTuple):
    """One fault that struck: which, and where."""

    label: str
    number: int
    """Of the schedule."""
    place: int
    """In it."""


@dataclass(slots=True)
class Reached:
    """What became of one fault over a campaign."""

    drawn: int = 0
    struck: int = 0
    tried: int = 0
    """How often it was left out."""
    mattered: int = 0


@dataclass(slots=True)
class Reach:
    """The account of a campaign, by label, in the order of the kinds."""

    faults: dict[str, Reached] = field(default_factory=lambda: {name: Reached() for name in labels()})
    examples: dict[str, list[Struck]] = field(default_factory=dict)
    """The first that struck, for those that have not mattered."""

    @classmethod
    def of(cls, kinds: Iterable[Kind]) -> Reach:
        """Begin an account of the faults of these kinds."""
        return cls({name: Reached() for name in labels(kinds)})

    def count(self, drawn: Iterable[str], struck_places: Iterable[Struck], tried: Iterable[Tried]) -> None:
        """Take what one schedule showed."""
        for name in drawn:
            self.faults[name].drawn += 1
        for one in struck_places:
            self.faults[one.label].struck += 1
            known = self.examples.setdefault(one.label, [])
            if len(known) < TRIED_AT_THE_END:
                known.append(one)
        for name, has_mattered in tried:
            self.faults[name].tried += 1
            self.faults[name].mattered += has_mattered

    @property
    def never_drawn(self) -> tuple[str, ...]:
        return tuple(name for name, one in self.faults.items() if not one.drawn)

    @property
    def never_struck(self) -> tuple[str, ...]:
        """Those that were drawn and always came too late, or were refused."""
        return tuple(name for name, one in self.faults.items() if one.drawn and not one.struck)

    @property
    def never_mattered(self) -> tuple[str, ...]:
        """Those that struck, and were never missed when they were left out."""
        return tuple(name for name, one in self.faults.items() if one.struck and not one.mattered)

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values."""
        return {
            "never_drawn": list(self.never_drawn),
            "never_struck": list(self.never_struck),
            "never_mattered": list(self.never_mattered),
            "faults": {
                name: {"drawn": one.drawn, "struck": one.struck, "left_out": one.tried, "mattered": one.mattered}
                for name, one in self.faults.items()
            },
        }
