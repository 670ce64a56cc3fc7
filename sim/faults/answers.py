"""Faults of a broker's answers: swallowed, delayed, or replaced by an error."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from producer.errors import Code
from producer.wire.api import SUPPORTED, ApiKey
from sim.faults.targets import ONE_TARGET, OneTarget, one_broker, parse_one, target_text
from sim.faults.text import (
    DURATION,
    PARTITION,
    FaultTextError,
    duration_text,
    parse_duration,
    topic_partition,
)

if TYPE_CHECKING:
    from producer.records import TopicPartition
    from sim.cluster.cluster import Cluster

ANYBODY = "anybody"
WHICH = rf"(?P<api>[A-Za-z]+)(?: (?P<partition>{PARTITION}))?"
TIMES = r" x(?P<times>\d+)"
_BY = rf" by (?P<broker>{ONE_TARGET}|{ANYBODY})"

API_KEYS = {key.title: key for key in SUPPORTED}
"""Kafka's name of an API that is spoken here, as `Produce` or `InitProducerId` -> its key."""


def api_key(name: str) -> ApiKey:
    """The key of the API of that name. Raises FaultTextError if none is spoken here."""
    key = API_KEYS.get(name)
    if key is None:
        raise FaultTextError(f"{name!r} is not an API of the cluster: expected one of {', '.join(API_KEYS)}")
    return key


def check_which(api: str, partition: str | None, times: int) -> None:
    """Raise FaultTextError for what no request or answer can be."""
    api_key(api)
    if partition is not None:
        topic_partition(partition)
    if times < 1:
        raise FaultTextError(f"x{times}: an answer is spoilt at least once")


def which_text(api: str, partition: str | None) -> str:
    """Write which requests or answers are meant, as `Produce orders-0`."""
    return api if partition is None else f"{api} {partition}"


def _by_text(broker: OneTarget | None) -> str:
    return f"by {ANYBODY if broker is None else target_text(broker)}"


def broker_of(match: re.Match[str]) -> OneTarget | None:
    """Read which broker is meant; None for any."""
    return None if match["broker"] == ANYBODY else parse_one(match["broker"])


def about(partition: str | None) -> TopicPartition | None:
    """Read which partition is meant; None for any."""
    return None if partition is None else topic_partition(partition)


def resolved_broker(broker: OneTarget | None, cluster: Cluster) -> int | None:
    """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
    return None if broker is None else one_broker(broker, cluster)


@dataclass(frozen=True, slots=True)
class DropResponse:
    """A broker does what it is asked, but its answer is lost."""

    PATTERN: ClassVar = re.compile(rf"drop {WHICH}{TIMES}{_BY} then (?P<then>reset|stall)")
    EXAMPLE: ClassVar = "drop Produce orders-0 x1 by leader(orders-0) then reset"

    broker: OneTarget | None
    """None for any broker."""
    api: str = "Produce"
    partition: str | None = None
    """Only answers about it."""
    then: Literal["reset", "stall"] = "reset"
    """Whether the connection breaks, or stays and says nothing more."""
    times: int = 1
    kind: Literal["drop response"] = "drop response"

    def __post_init__(self) -> None:
        check_which(self.api, self.partition, self.times)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        then: Literal["reset", "stall"] = "reset" if match["then"] == "reset" else "stall"
        return cls(broker_of(match), match["api"], match["partition"], then, int(match["times"]))

    def __str__(self) -> str:
        return f"drop {which_text(self.api, self.partition)} x{self.times} {_by_text(self.broker)} then {self.then}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=resolved_broker(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker import tampering

        action = tampering.DropResponse(tampering.AfterDrop(self.then))
        rule = tampering.Rule(action, api=api_key(self.api), partition=about(self.partition), count=self.times)
        cluster.tamper(resolved_broker(self.broker, cluster), rule)


@dataclass(frozen=True, slots=True)
class DelayResponse:
    """A broker's answer leaves late, and so does everything behind it on that connection."""

    PATTERN: ClassVar = re.compile(rf"delay {WHICH}{TIMES}{_BY} for (?P<delay>{DURATION})")
    EXAMPLE: ClassVar = "delay Produce orders-0 x1 by leader(orders-0) for 300ms"

    broker: OneTarget | None
    """None for any broker."""
    by_us: int
    api: str = "Produce"
    partition: str | None = None
    """Only answers about it."""
    times: int = 1
    kind: Literal["delay response"] = "delay response"

    def __post_init__(self) -> None:
        check_which(self.api, self.partition, self.times)

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        return cls(
            broker_of(match), parse_duration(match["delay"]), match["api"], match["partition"], int(match["times"])
        )

    def __str__(self) -> str:
        which = which_text(self.api, self.partition)
        return f"delay {which} x{self.times} {_by_text(self.broker)} for {duration_text(self.by_us)}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=resolved_broker(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker import tampering

        action = tampering.DelayResponse(self.by_us)
        rule = tampering.Rule(action, api=api_key(self.api), partition=about(self.partition), count=self.times)
        cluster.tamper(resolved_broker(self.broker, cluster), rule)


@dataclass(frozen=True, slots=True)
class AnswerWithError:
    """A broker answers with an error of Kafka's table, instead of processing or after the append."""

    PATTERN: ClassVar = re.compile(rf"answer {WHICH} (?P<code>[A-Z_]+){TIMES}{_BY}(?P<after> after append)?")
    EXAMPLE: ClassVar = "answer Produce orders-0 NOT_ENOUGH_REPLICAS x1 by leader(orders-0)"

    broker: OneTarget | None
    """None for any broker."""
    code: str
    """Kafka's name of the error."""
    api: str = "Produce"
    partition: str | None = None
    """Only answers about it."""
    times: int = 1
    after_append: bool = False
    kind: Literal["answer with error"] = "answer with error"

    def __post_init__(self) -> None:
        check_which(self.api, self.partition, self.times)
        if self.code not in Code.__members__:
            raise FaultTextError(
                f"{self.code!r} is not one of Kafka's errors: expected a name such as NOT_ENOUGH_REPLICAS"
            )

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        times, after_append = int(match["times"]), match["after"] is not None
        return cls(broker_of(match), match["code"], match["api"], match["partition"], times, after_append)

    def __str__(self) -> str:
        which = which_text(self.api, self.partition)
        after = " after append" if self.after_append else ""
        return f"answer {which} {self.code} x{self.times} {_by_text(self.broker)}{after}"

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=resolved_broker(self.broker, cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker import tampering

        action = tampering.AnswerError(Code[self.code], is_after_append=self.after_append)
        rule = tampering.Rule(action, api=api_key(self.api), partition=about(self.partition), count=self.times)
        cluster.tamper(resolved_broker(self.broker, cluster), rule)
