"""What an invariant is: a sentence, what it looks at after each event, and how it is checked from nothing."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.judges.invariants.chronicle import Chronicle


class Invariant(ABC):
    """One invariant over one run, in two forms: what each event may have changed, and everything from nothing."""

    NAME: ClassVar[str] = ""
    PROMISE: ClassVar[str] = ""

    def __init__(self, chronicle: Chronicle) -> None:
        self.chronicle = chronicle
        self.disks = chronicle.disks

    @abstractmethod
    def takes(self) -> Mapping[type[Any], Callable[[Any], None]]:
        """By the type of an event: what to check after each one. It looks at what that event changed, and at no more."""

    @abstractmethod
    def look(self) -> None:
        """Check everything there is now, whatever has been looked at before."""

    def breach(self, what: str) -> None:
        """Say that it does not hold now."""
        self.chronicle.breach(self.NAME, what)
