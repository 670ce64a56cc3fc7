"""Faults of a client's requests on their way: detained until their client is long gone, or lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.tampering import BROKER, TIMES, WHICH, TamperingFault, which_of
from sim.faults.text import DURATION, duration_text, parse_duration, read_durations

if TYPE_CHECKING:
    from sim.cluster.broker.tampering import Action


@dataclass(frozen=True, slots=True)
class DetainRequest(TamperingFault):
    """A request is held up on its way, and so is everything behind it on its connection; it arrives although its client is gone."""

    NEAR: ClassVar = "to"
    PATTERN: ClassVar = re.compile(rf"detain {WHICH}{TIMES} to {BROKER} for (?P<delay>{DURATION})")
    EXAMPLE: ClassVar = "detain Produce orders-0 x1 to leader(orders-0) for 40s"

    by_us: int = field(kw_only=True)
    kind: Literal["detain request"] = field(default="detain request", kw_only=True)

    def __post_init__(self) -> None:
        TamperingFault.__post_init__(self)
        read_durations(self)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(*which_of(match), by_us=parse_duration(match["delay"]))

    def __str__(self) -> str:
        return f"detain {self.which} x{self.times} {self.near} for {duration_text(self.by_us)}"

    def action(self) -> Action:
        from sim.cluster.broker import tampering

        return tampering.DetainRequest(self.by_us)


@dataclass(frozen=True, slots=True)
class LoseRequest(TamperingFault):
    """A request never arrives, and nothing behind it on its connection does."""

    NEAR: ClassVar = "to"
    PATTERN: ClassVar = re.compile(rf"lose {WHICH}{TIMES} to {BROKER} then (?P<then>reset|stall)")
    EXAMPLE: ClassVar = "lose Produce orders-0 x1 to leader(orders-0) then stall"

    then: Literal["reset", "stall"] = field(default="stall", kw_only=True)
    """Whether the connection breaks, or stays and says nothing more."""
    kind: Literal["lose request"] = field(default="lose request", kw_only=True)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(*which_of(match), then="reset" if match["then"] == "reset" else "stall")

    def __str__(self) -> str:
        return f"lose {self.which} x{self.times} {self.near} then {self.then}"

    def action(self) -> Action:
        from sim.cluster.broker import tampering

        return tampering.LoseRequest(tampering.AfterDrop(self.then))
