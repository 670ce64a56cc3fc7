"""What a kind of fault is to a search: its name, its class, which faults it draws, and how it chooses among them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Protocol, TypeVar

from sim.faults.schedule import After
from sim.faults.words import When

if TYPE_CHECKING:
    from sim.explore.course import Course
    from sim.faults.schedule import Entry

T = TypeVar("T")

MS_US = 1_000
S_US = 1_000_000

DELAYS_US = (0, 0, 0, 0, 100, 300, MS_US, 5 * MS_US, 50 * MS_US, 500 * MS_US, 3 * S_US, 12 * S_US)
"""From a point in the protocol to the fault: mostly none."""
LASTS_US = (MS_US, 5 * MS_US, 50 * MS_US, 200 * MS_US, S_US, 3 * S_US, 11 * S_US, 16 * S_US, 35 * S_US, 125 * S_US)
"""Below a round trip, a back-off, a broker's session (9 s), a request's time (30 s), a record's (120 s); and beyond each."""
TIMES = (1, 1, 1, 2, 3, 5)

FaultClass = Literal["N", "C", "D", "E", "A", "R", "T", "S", "G"]
CLASSES: dict[FaultClass, str] = {
    "N": "the network",
    "C": "crashes with the disk kept, clean stops, pauses, slow disks, log directories that fail, wrong clocks, leaders that move, the ISR",
    "D": "disks that lose what they held, or hold something else",
    "A": "applications that die, stand still, come back or are replaced",
    "R": "raw clients that send what no producer would, also under the id of one",
    "E": "what takes a promise with it: topics that grow, brokers that deny what they know",
}
"""What each class is; `NC` is what the default configuration must stand."""
TRANSACTIONS: FaultClass = "T"
"""The protocol of transactions: apart, for only a search of stories in transactions draws it."""


SCHEMAS: FaultClass = "S"
"""Schema registries, and versions of applications and readers: apart as well, for stories in schemas."""


GOVERNANCE: FaultClass = "G"
"""Rights and quotas that change, and a gateway's process: apart, for stories whose cluster has an authorizer, quotas, or a gateway before it."""


class Choices(Protocol):
    """Where the choices come from: a random stream, or Hypothesis."""

    def number(self, lowest: int, highest: int) -> int:
        """Choose an int, both ends included."""
        ...

    def one_of(self, options: Sequence[T]) -> T:
        """Choose one; the first is the simplest."""
        ...


class Kind(NamedTuple):
    """One kind of fault."""

    name: str
    fault_class: FaultClass
    faults: tuple[type[Any], ...]
    """Every class of fault that it draws."""
    draw: Callable[[Choices, Course, When], tuple[Entry, ...]]
    """Give one fault, or one and its end: held and opened, paused and resumed; none if the course has no place for it."""
    breaks: frozenset[str] = frozenset()
    """Promises that Kafka itself does not keep under such a fault: a wide search does not count them."""
    is_of_groups: bool = False
    """Whether it is drawn only where somebody reads as a member of a group."""
    is_of_gateway: bool = False
    """Whether it is drawn only where a gateway stands before the brokers."""

    def has_place_in(self, course: Course) -> bool:
        """Whether a search draws it there. Those left out take no part in the swarm, so what others draw stays as it is."""
        return (not self.is_of_groups or bool(course.members)) and (not self.is_of_gateway or course.has_gateway)


def moment(choices: Choices, course: Course) -> When:
    """Choose a point in the protocol, and how long after it."""
    point = choices.one_of(course.points)
    nth = choices.number(point.first, point.last)
    return When(After(point.event, nth, point.where, choices.one_of(DELAYS_US)))
