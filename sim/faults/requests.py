"""Faults of a client's requests on their way: detained until their client is long gone, or lost."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.faults.answers import (
    ANYBODY,
    TIMES,
    WHICH,
    about,
    api_key,
    broker_of,
    check_which,
    resolved_broker,
    which_text,
)
from sim.faults.targets import ONE_TARGET, OneTarget, target_text
from sim.faults.text import DURATION, duration_text, parse_duration

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster

_TO = rf" to (?P<broker>{ONE_TARGET}|{ANYBODY})"


def _to_text(broker: OneTarget | None) -> str:
    return f"to {ANYBODY if broker is None else target_text(broker)}"


@dataclass(frozen=True, slots=True)
class DetainRequest:
    """A request is under way for that long, and so is everything behind it on its connection; it arrives although its client is gone."""

    PATTERN: ClassVar = re.compile(rf"detain {WHICH}{TIMES}{_TO} for (?P<delay>{DURATION})")
    EXAMPLE: ClassVar = "detain Produce orders-0 x1 to leader(orders-0) for 40s"

    broker: OneTarget | None
    """None for any broker."""
    by_us: int
    api: str = "Produce"
    partition: str | None = None
    """Only requests about it; of Produce alone."""
    times: int = 1
    kind: Literal["detain request"] = "detain request"

    def __post_init__(self) -> None:
        check_which(self.api, self.partition, self.times)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(
            broker_of(match), parse_duration(match["delay"]), match["api"], match["partition"], int(match["times"])
        )

    def __str__(self) -> str:
        which = which_text(self.api, self.partition)
        return f"detain {which} x{self.times} {_to_text(self.broker)} for {duration_text(self.by_us)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=resolved_broker(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker import tampering

        action = tampering.DetainRequest(self.by_us)
        rule = tampering.Rule(action, api=api_key(self.api), partition=about(self.partition), count=self.times)
        cluster.tamper(resolved_broker(self.broker, cluster), rule)


@dataclass(frozen=True, slots=True)
class LoseRequest:
    """A request never arrives, and nothing behind it on its connection does."""

    PATTERN: ClassVar = re.compile(rf"lose {WHICH}{TIMES}{_TO} then (?P<then>reset|stall)")
    EXAMPLE: ClassVar = "lose Produce orders-0 x1 to leader(orders-0) then stall"

    broker: OneTarget | None
    """None for any broker."""
    api: str = "Produce"
    partition: str | None = None
    """Only requests about it; of Produce alone."""
    then: Literal["reset", "stall"] = "stall"
    """Whether the connection breaks, or stays and says nothing more."""
    times: int = 1
    kind: Literal["lose request"] = "lose request"

    def __post_init__(self) -> None:
        check_which(self.api, self.partition, self.times)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        then: Literal["reset", "stall"] = "reset" if match["then"] == "reset" else "stall"
        return cls(broker_of(match), match["api"], match["partition"], then, int(match["times"]))

    def __str__(self) -> str:
        return f"lose {which_text(self.api, self.partition)} x{self.times} {_to_text(self.broker)} then {self.then}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=resolved_broker(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker import tampering

        action = tampering.LoseRequest(tampering.AfterDrop(self.then))
        rule = tampering.Rule(action, api=api_key(self.api), partition=about(self.partition), count=self.times)
        cluster.tamper(resolved_broker(self.broker, cluster), rule)
