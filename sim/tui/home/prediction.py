"""What somebody says of a story before it is told: which promises hold; and how right that was."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sim.judges.guarantees import State, Verdict
from sim.tui.home.memory import Ending


class Said(NamedTuple):
    """One promise: what was said of it, and what came of it."""

    verdict: Verdict
    holds: bool
    """By the word of whoever predicts."""

    @property
    def is_right(self) -> bool:
        """Whether it came as they said; of what a run does not show, nobody can be right."""
        return self.verdict.state is (State.HOLDS if self.holds else State.VIOLATED)

    @property
    def is_shown(self) -> bool:
        """Whether the run shows enough to say."""
        return self.verdict.state is not State.INCONCLUSIVE


class Prediction:
    """One word for each promise that the run is about. At first all hold: whoever thinks otherwise says so."""

    def __init__(self, verdicts: Sequence[Verdict]) -> None:
        self._verdicts = tuple(verdicts)
        self._holds = [True] * len(self._verdicts)
        self.is_made = False
        """Whether it was said for good: from then on it changes no more, and the ending may be told."""

    @property
    def said(self) -> tuple[Said, ...]:
        return tuple(Said(verdict, holds) for verdict, holds in zip(self._verdicts, self._holds, strict=True))

    def change(self, place: int) -> bool:
        """Say the contrary of one promise. Returns whether that is still possible."""
        if self.is_made or not 0 <= place < len(self._holds):
            return False
        self._holds[place] = not self._holds[place]
        return True

    def make(self) -> Ending:
        """Say it for good; gives how right it was."""
        self.is_made = True
        shown = [one for one in self.said if one.is_shown]
        return Ending(right=sum(one.is_right for one in shown), of=len(shown))
