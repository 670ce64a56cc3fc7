"""Faults of a broker's answers: swallowed, delayed, or replaced by an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from producer.errors import Code
from sim.faults.tampering import BROKER, TIMES, WHICH, TamperingFault, which_of
from sim.faults.text import DURATION, FaultTextError, duration_text, parse_duration, read_durations

if TYPE_CHECKING:
    from sim.cluster.broker.tampering import Action


@dataclass(frozen=True, slots=True)
class DropResponse(TamperingFault):
    """A broker's answer is lost, although the broker did what it was asked."""

    NEAR: ClassVar = "by"
    PATTERN: ClassVar = re.compile(rf"drop {WHICH}{TIMES} by {BROKER} then (?P<then>reset|stall)")
    EXAMPLE: ClassVar = "drop Produce orders-0 x1 by leader(orders-0) then reset"

    then: Literal["reset", "stall"] = field(default="reset", kw_only=True)
    """Whether the connection breaks, or stays and says nothing more."""
    kind: Literal["drop response"] = field(default="drop response", kw_only=True)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(*which_of(match), then="reset" if match["then"] == "reset" else "stall")

    def __str__(self) -> str:
        return f"drop {self.which} x{self.times} {self.near} then {self.then}"

    def action(self) -> Action:
        from sim.cluster.broker import tampering

        return tampering.DropResponse(tampering.AfterDrop(self.then))


@dataclass(frozen=True, slots=True)
class DelayResponse(TamperingFault):
    """A broker's answer leaves late, and so does everything behind it on that connection."""

    NEAR: ClassVar = "by"
    PATTERN: ClassVar = re.compile(rf"delay {WHICH}{TIMES} by {BROKER} for (?P<delay>{DURATION})")
    EXAMPLE: ClassVar = "delay Produce orders-0 x1 by leader(orders-0) for 300ms"

    by_us: int = field(kw_only=True)
    kind: Literal["delay response"] = field(default="delay response", kw_only=True)

    def __post_init__(self) -> None:
        TamperingFault.__post_init__(self)
        read_durations(self)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(*which_of(match), by_us=parse_duration(match["delay"]))

    def __str__(self) -> str:
        return f"delay {self.which} x{self.times} {self.near} for {duration_text(self.by_us)}"

    def action(self) -> Action:
        from sim.cluster.broker import tampering

        return tampering.DelayResponse(self.by_us)


@dataclass(frozen=True, slots=True)
class AnswerWithError(TamperingFault):
    """A broker answers with an error of Kafka's table, instead of processing or after the append."""

    NEAR: ClassVar = "by"
    PATTERN: ClassVar = re.compile(rf"answer {WHICH} (?P<code>[A-Z_]+){TIMES} by {BROKER}(?P<after> after append)?")
    EXAMPLE: ClassVar = "answer Produce orders-0 NOT_ENOUGH_REPLICAS x1 by leader(orders-0)"

    code: str = field(kw_only=True)
    """Kafka's name of the error."""
    after_append: bool = field(default=False, kw_only=True)
    kind: Literal["answer with error"] = field(default="answer with error", kw_only=True)

    def __post_init__(self) -> None:
        TamperingFault.__post_init__(self)
        if self.code not in Code.__members__:
            raise FaultTextError(
                f"{self.code!r} is not one of Kafka's errors: expected a name such as NOT_ENOUGH_REPLICAS"
            )

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(*which_of(match), code=match["code"], after_append=match["after"] is not None)

    def __str__(self) -> str:
        after = " after append" if self.after_append else ""
        return f"answer {self.which} {self.code} x{self.times} {self.near}{after}"

    def action(self) -> Action:
        from sim.cluster.broker import tampering

        return tampering.AnswerError(Code[self.code], is_after_append=self.after_append)
