"""What faults of requests and of answers have in common: they arm a rule, at one broker or at all, for so many of them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Self

from producer.wire.api import SUPPORTED, ApiKey
from sim.faults.targets import ONE_TARGET, OneTarget, one_broker, parse_one, target_text
from sim.faults.text import PARTITION, FaultTextError, topic_partition

if TYPE_CHECKING:
    from sim.cluster.broker.tampering import Action
    from sim.cluster.cluster import Cluster

ANYBODY = "anybody"
WHICH = rf"(?P<api>[A-Za-z]+)(?: (?P<partition>{PARTITION}))?"
TIMES = r" x(?P<times>\d+)"
BROKER = rf"(?P<broker>{ONE_TARGET}|{ANYBODY})"

API_KEYS = {key.title: key for key in SUPPORTED}
"""Kafka's name of an API that is spoken here, as `Produce` or `InitProducerId` -> its key."""


@dataclass(frozen=True, slots=True)
class TamperingFault(ABC):
    """One of those faults. Raises FaultTextError for what no request or answer can be."""

    NEAR: ClassVar[str]
    """The word before the broker in the fault's line: an answer is spoilt `by` it, a request is on its way `to` it."""

    broker: OneTarget | None
    """None for any broker."""
    api: str = "Produce"
    partition: str | None = None
    """Only requests or answers about it."""
    times: int = 1

    def __post_init__(self) -> None:
        api_key(self.api)
        if self.partition is not None:
            topic_partition(self.partition)
        if self.times < 1:
            raise FaultTextError(f"x{self.times}: a request or an answer is spoilt at least once")

    @abstractmethod
    def action(self) -> Action:
        """What the rule does to a request or an answer."""

    def resolved(self, cluster: Cluster) -> Self:
        """Name the broker at this moment. Raises NotInjectedError if nobody has the role."""
        return replace(self, broker=self._broker_now(cluster))

    def inject(self, cluster: Cluster) -> None:
        """Arm the rule now. Raises NotInjectedError if nobody has the role."""
        from sim.cluster.broker.tampering import Rule

        about = None if self.partition is None else topic_partition(self.partition)
        rule = Rule(self.action(), api=api_key(self.api), partition=about, count=self.times)
        cluster.tamper(self._broker_now(cluster), rule)

    @property
    def which(self) -> str:
        """Which requests or answers are meant, as `Produce orders-0`."""
        return self.api if self.partition is None else f"{self.api} {self.partition}"

    @property
    def near(self) -> str:
        """Whose they are, as `by leader(orders-0)`."""
        return f"{self.NEAR} {ANYBODY if self.broker is None else target_text(self.broker)}"

    def _broker_now(self, cluster: Cluster) -> int | None:
        return None if self.broker is None else one_broker(self.broker, cluster)


def api_key(name: str) -> ApiKey:
    """The key of the API of that name. Raises FaultTextError if none is spoken here."""
    key = API_KEYS.get(name)
    if key is None:
        raise FaultTextError(f"{name!r} is not an API of the cluster: expected one of {', '.join(API_KEYS)}")
    return key


def which_of(match: re.Match[str]) -> tuple[OneTarget | None, str, str | None, int]:
    """Read the broker, the API, the partition and how often."""
    broker = None if match["broker"] == ANYBODY else parse_one(match["broker"])
    return broker, match["api"], match["partition"], int(match["times"])
