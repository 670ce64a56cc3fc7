"""Members by the consumer protocol, raw: heartbeats that say what has changed, and what they are told."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest, TopicPartitions
from producer.wire.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from sim.cluster.config_resources import ResourceType
from sim.cluster.setting_changes import Operation
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.group_client import GROUP, GroupLab
from tests.unit.sim.raw_client import RawConnection

ASSIGNMENT_INTERVAL_S = 1.1
"""After this a group may be shared out anew."""


class Member:
    """One member, as a client keeps it: its epoch and what it owns. It lets go of what it is not assigned when told to."""

    def __init__(self, lab: ConsumerGroupLab, member_id: str, **said: Any) -> None:
        self.lab = lab
        self.member_id = member_id
        self.epoch = 0
        self.owned: tuple[int, ...] = ()
        self.assigned: tuple[int, ...] = ()
        self.said: dict[str, Any] = {"topics": ("orders",), "rebalance_ms": 30_000} | said

    def join(self, **change: Any) -> Any:
        """Say everything, as who has nothing yet. Gives the answer, in whose epoch the member is then."""
        self.owned = ()
        return self._take(self.lab.heartbeat(self.member_id, 0, owned=(), **(self.said | change)))

    def beat(self, **change: Any) -> Any:
        """Say what it owns, and nothing else."""
        instance = self.said.get("instance")
        how: dict[str, Any] = {"owned": self.owned, "instance": instance} | change
        return self._take(self.lab.heartbeat(self.member_id, self.epoch, **how))

    def reconcile(self, beats: int = 4) -> tuple[int, ...]:
        """Let go and take as told, for some heartbeats. Gives what it owns then."""
        for _ in range(beats):
            self.beat()
            self.owned = self.assigned
        return self.owned

    def leave(self, epoch: int = -1) -> Any:
        return self.lab.heartbeat(self.member_id, epoch, instance=self.said.get("instance"))

    def _take(self, answer: Any) -> Any:
        if answer.error_code == Code.NONE:
            self.epoch = answer.member_epoch
            if answer.assignment is not None:
                topics = answer.assignment.topic_partitions
                self.assigned = tuple(sorted([number for topic in topics for number in topic.partitions]))
        return answer


class ConsumerGroupLab(GroupLab):
    """A cluster with a topic of some partitions, and with whoever coordinates the group."""

    def __init__(self, *topics: TopicConfig, partitions: int = 4, **config: Any) -> None:
        super().__init__(*(topics or (TopicConfig("orders", partitions=partitions),)), **config)
        self.orders = self.topic_id("orders")

    def topic_id(self, topic: str) -> bytes:
        asked = MetadataRequest(topics=(MetadataRequestTopic(name=topic),))
        found: bytes = self.line.call(ApiKey.METADATA, asked).topics[0].topic_id
        return found

    def heartbeat(
        self,
        member_id: str,
        epoch: int,
        *,
        topics: tuple[str, ...] | None = None,
        regex: str | None = None,
        owned: tuple[int, ...] | None = None,
        rebalance_ms: int = -1,
        instance: str | None = None,
        assignor: str | None = None,
        group: str = GROUP,
        line: RawConnection | None = None,
    ) -> Any:
        """Send a heartbeat, and wait for the answer. `owned` are partitions of orders."""
        said = None if owned is None else (TopicPartitions(self.orders, owned),) if owned else ()
        wanted = ConsumerGroupHeartbeatRequest(
            group, member_id, epoch, instance, None, rebalance_ms, topics, regex, assignor, said
        )
        return (line or self.line).call(ApiKey.CONSUMER_GROUP_HEARTBEAT, wanted)

    def described(self, group: str = GROUP, line: RawConnection | None = None) -> Any:
        wanted = ConsumerGroupDescribeRequest((group,))
        return (line or self.line).call(ApiKey.CONSUMER_GROUP_DESCRIBE, wanted).groups[0]

    def set_for_group(self, setting: str, value: str | None, group: str = GROUP) -> None:
        """Set one of a group's settings, or delete it for None, and let every broker hear of it."""
        operation = Operation.DELETE if value is None else Operation.SET
        resource = AlterConfigsResource(ResourceType.GROUP, group, (AlterableConfig(setting, operation, value),))
        answer = self.line.call(ApiKey.INCREMENTAL_ALTER_CONFIGS, IncrementalAlterConfigsRequest((resource,)))
        assert answer.responses[0].error_code == Code.NONE, answer
        self.run(0.1)

    def assigned(self, line: RawConnection | None = None) -> dict[str, tuple[int, ...]]:
        """Which partitions each member answers for."""
        return {
            member.member_id: tuple(
                sorted([number for topic in member.assignment.topic_partitions for number in topic.partitions])
            )
            for member in self.described(line=line).members
        }


def pair(lab: ConsumerGroupLab, **said: Any) -> tuple[Member, Member]:
    """The first has everything; the second has joined, and is owed its share."""
    first, second = Member(lab, "A", **said), Member(lab, "B", **said)
    first.join()
    first.reconcile(1)
    lab.run(ASSIGNMENT_INTERVAL_S)
    second.join()
    return first, second
