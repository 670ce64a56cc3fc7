"""What the engine asks of chance: two draws, injected by whoever runs it, so that a run can be repeated."""

from __future__ import annotations

from typing import Protocol


class Chance(Protocol):
    """A stream of random numbers; `random.Random` is one, and so is a named stream of the simulator."""

    def random(self) -> float:
        """Draw from [0.0, 1.0)."""
        ...

    def randrange(self, stop: int, /) -> int:
        """Draw from 0 .. stop - 1."""
        ...
