"""A machine's power: while it is off nothing that arrives is answered, and whoever sends goes on sending."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    IsRepeated = Callable[[], bool]
    Repeat = Callable[[], object]


class Power:
    """Whether a machine has power, and what its peers' TCP sends again until it has.

    As after a cut (`LinkState.CUT`), what is repeated arrives with the power, not at the next of TCP's growing intervals.
    """

    __slots__ = ("_missed", "is_on")

    def __init__(self) -> None:
        self._missed: list[tuple[IsRepeated, Repeat]] = []
        self.is_on = True

    def miss(self, is_repeated: IsRepeated, repeat: Repeat) -> None:
        """A packet arrived in vain. `repeat` sends it again, if `is_repeated` says that its sender still does."""
        # Who gave up meanwhile sends no more: an outage of days keeps nothing of the attempts in it.
        self._missed = [(wanted, again) for wanted, again in self._missed if wanted()]
        self._missed.append((is_repeated, repeat))

    def come_back(self) -> None:
        """Power is on: whoever waits for an answer sends again."""
        self.is_on = True
        missed, self._missed = self._missed, []
        for is_repeated, repeat in missed:
            if is_repeated():
                repeat()
