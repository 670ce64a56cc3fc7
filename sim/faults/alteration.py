"""A setting of a topic or of brokers is altered while the cluster runs, as with Kafka's configuration tool (IncrementalAlterConfigs)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Self

from sim.cluster.controller.configuration_control import check_broker_setting
from sim.cluster.metadata_states import EVERY_BROKER
from sim.cluster.settings import check_setting
from sim.faults.targets import NUMBER, broker_number
from sim.faults.text import FaultTextError

if TYPE_CHECKING:
    from sim.cluster.cluster import Cluster
    from sim.cluster.config import ClusterConfig


@dataclass(frozen=True, slots=True)
class Alter:
    """A setting is changed: set, or deleted so that the next in line holds; a topic's own, one broker's, or all brokers'."""

    PATTERN: ClassVar = re.compile(
        rf"alter (?:topic (?P<topic>[\w.-]+)|(?P<broker>{NUMBER})|brokers) "
        r"(?:set (?P<set>[\w.-]+)=(?P<value>\S+)|delete (?P<deleted>[\w.-]+))"
    )
    EXAMPLE: ClassVar = (
        "alter topic orders set min.insync.replicas=1 | alter topic orders delete max.message.bytes | "
        "alter brokers set unclean.leader.election.enable=true | alter b1 set message.max.bytes=2000"
    )

    setting: str
    """By the name that topics, or brokers, have for it."""
    value: str | None
    """None deletes it."""
    topic: str | None = None
    broker: int | None = None
    """None, and no topic either: all brokers."""
    kind: Literal["alter"] = "alter"

    def __post_init__(self) -> None:
        if self.topic is not None and self.broker is not None:
            raise FaultTextError(f"alter: topic {self.topic!r} and broker {self.broker}, a setting is of one of them")
        try:
            check_setting(self.setting, self.value, is_broker=self.topic is None)
        except ValueError as error:
            raise FaultTextError(str(error)) from error

    @classmethod
    def from_match(cls, match: re.Match[str]) -> Self:
        broker = None if match["broker"] is None else broker_number(match["broker"])
        return cls(match["set"] or match["deleted"], match["value"], match["topic"], broker)

    def __str__(self) -> str:
        whose = (
            f"topic {self.topic}" if self.topic is not None else "brokers" if self.broker is None else f"b{self.broker}"
        )
        what = f"delete {self.setting}" if self.value is None else f"set {self.setting}={self.value}"
        return f"alter {whose} {what}"

    def refusal(self, config: ClusterConfig) -> str:
        """Say why a cluster of that kind never allows it; empty if it may."""
        if self.topic is None:
            try:
                check_broker_setting(self.broker or EVERY_BROKER, self.setting, self.value, config)
            except ValueError as error:
                return f"is refused by Kafka: {error}"
        return ""

    def resolved(self, cluster: Cluster) -> Self:  # noqa: ARG002 - every fault is asked
        """Nothing here depends on the moment."""
        return self

    def inject(self, cluster: Cluster) -> None:
        """Alter it now. Raises ValueError if the cluster forbids it."""
        if self.topic is not None:
            cluster.alter_topic(self.topic, self.setting, self.value)
        else:
            cluster.alter_broker(self.broker, self.setting, self.value)
