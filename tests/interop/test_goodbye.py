"""A member says goodbye while too few replicas of its coordinator's log are in sync: Apache Kafka writes it down, and it holds once they are back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from producer.errors import Code
from producer.wire.api import ApiKey
from producer.wire.messages.consumer_group_describe import ConsumerGroupDescribeRequest
from producer.wire.messages.consumer_group_heartbeat import ConsumerGroupHeartbeatRequest
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.incremental_alter_configs import (
    AlterableConfig,
    AlterConfigsResource,
    IncrementalAlterConfigsRequest,
)
from producer.wire.messages.metadata import MetadataRequest, MetadataRequestTopic
from sim.serve.server import Serving
from sim.serve.stage import Stage
from tests.interop.apache_kafka import ApacheKafka
from tests.interop.asking import TOPIC, ask
from tests.serve.served import Served

OFFSETS = "__consumer_offsets"
MIN_ISR = "min.insync.replicas"
LEAVES = -1
LEAVER, HEIR = "A" * 22, "B" * 22
PARTITIONS = 2
REBALANCE_MS = 30_000
WAIT_S_MAX, SOON_S = 60, 15
COMMIT_S = 5
"""offsets.commit.timeout.ms: how long a coordinator waits for replicas."""
SETTINGS = (
    ("broker.session.timeout.ms", "1000"),
    ("broker.heartbeat.interval.ms", "200"),
    ("offsets.topic.num.partitions", "1"),
)


class Seen(NamedTuple):
    """What became of the goodbye."""

    told: str
    waited: bool
    """Whether the answer came when the coordinator had waited for replicas as long as it does."""
    members_then: list[str]
    """As the coordinator describes its group while replicas are missing: what is committed."""
    state_later: str
    """And when they are back."""
    partitions_of_heir: int


class Group:
    """One group of a cluster, whose brokers listen at those ports, by id."""

    def __init__(self, ports: Mapping[int, int], topic: str) -> None:
        self._ports = ports
        self._topic = topic
        self.name = f"group of {topic}"
        wanted = FindCoordinatorRequest(key_type=0, coordinator_keys=(self.name,))
        self.coordinator = until(
            lambda: [
                one.node_id
                for one in ask(self._any, ApiKey.FIND_COORDINATOR, wanted, 6).coordinators
                if one.error_code == Code.NONE
            ]
        )[0]

    @property
    def _any(self) -> int:
        return next(iter(self._ports.values()))

    @property
    def port(self) -> int:
        """The coordinator's."""
        return self._ports[self.coordinator]

    def in_sync(self) -> int:
        """How many replicas of its log are; none as long as the topic, new perhaps, is not known there."""
        wanted = MetadataRequest((MetadataRequestTopic(name=OFFSETS),), allow_auto_topic_creation=False)
        return sum(len(one.isr_nodes) for one in ask(self.port, ApiKey.METADATA, wanted, 12).topics[0].partitions)

    def require(self, replicas: int) -> None:
        """Let its log need so many."""
        resource = AlterConfigsResource(TOPIC, OFFSETS, (AlterableConfig(MIN_ISR, 0, str(replicas)),))
        told = ask(self.port, ApiKey.INCREMENTAL_ALTER_CONFIGS, IncrementalAlterConfigsRequest((resource,)), 1)
        assert told.responses[0].error_code == Code.NONE, told

    def beat(self, member: str, epoch: int) -> Any:
        """Send a heartbeat: a first one with everything that a member says, others with nothing new."""
        wanted = ConsumerGroupHeartbeatRequest(self.name, member, epoch)
        if epoch == 0:
            wanted = wanted._replace(
                rebalance_timeout_ms=REBALANCE_MS, subscribed_topic_names=(self._topic,), topic_partitions=()
            )
        return ask(self.port, ApiKey.CONSUMER_GROUP_HEARTBEAT, wanted, 1)

    def join(self, member: str) -> tuple[int, int]:
        """Let a member join until it is given partitions; how many, and in which epoch."""

        def given() -> list[tuple[int, int]]:
            told = self.beat(member, 0)
            topics = () if told.assignment is None else told.assignment.topic_partitions
            count = sum(len(topic.partitions) for topic in topics)
            return [(count, told.member_epoch)] if count else []

        found: tuple[int, int] = until(given)[0]
        return found

    def describe(self) -> Any:
        return ask(self.port, ApiKey.CONSUMER_GROUP_DESCRIBE, ConsumerGroupDescribeRequest((self.name,)), 1).groups[0]


def until(asked: Callable[[], Any], *, within_s: float = WAIT_S_MAX) -> Any:
    """Ask until there is something to say."""
    until_s = time.monotonic() + within_s
    while not (found := asked()):
        assert time.monotonic() < until_s, f"nothing within {within_s} s"
        time.sleep(0.1)
    return found


def seen(group: Group, *, stop: Callable[[int], object], start: Callable[[int], object]) -> Seen:
    """Stage it: a broker that does not coordinate is down, and its replica is needed."""
    until(lambda: group.in_sync() == 3)
    count, epoch = group.join(LEAVER)
    assert count == PARTITIONS
    follower = group.coordinator % 3 + 1
    group.require(3)
    with ThreadPoolExecutor(max_workers=1) as other:
        stopping = other.submit(stop, follower)
        # On a busy machine that takes longer than a session.
        while not (stopping.done() and group.in_sync() == 2):
            told = group.beat(LEAVER, epoch)
            assert told.error_code == Code.NONE, told
            time.sleep(0.5)
        stopping.result()

    began_s = time.monotonic()
    told = group.beat(LEAVER, LEAVES)
    waited = time.monotonic() - began_s >= COMMIT_S
    members_then = [one.member_id for one in group.describe().members]
    start(follower)
    until(lambda: group.in_sync() == 3)
    # Sooner than any session is over.
    later = until(lambda: [one for one in (group.describe(),) if not one.members], within_s=SOON_S)[0]
    heir, _ = group.join(HEIR)
    group.require(2)
    return Seen(Code(told.error_code).name, waited, members_then, later.group_state, heir)


def test_a_goodbye_holds_once_replicas_are_back_as_in_a_served_cluster(kafka: ApacheKafka) -> None:
    kafka.admin.create_topic("goodbye", partitions=PARTITIONS)
    ports = {one: kafka.nodes[one].listeners["PLAINTEXT"] for one in kafka.broker_ids}
    there = seen(Group(ports, "goodbye"), stop=kafka.stop, start=kafka.start)

    with Served(Stage(topics=(f"goodbye:{PARTITIONS}:3",), settings=SETTINGS), Serving(port=0)) as served:
        ports = {one: served.address(one)[1] for one in (1, 2, 3)}
        here = seen(
            Group(ports, "goodbye"),
            stop=lambda broker: served.strike(f"crash b{broker}"),
            start=lambda broker: served.strike(f"restart b{broker}"),
        )

    assert there == Seen(Code.COORDINATOR_NOT_AVAILABLE.name, True, [LEAVER], "Empty", PARTITIONS)
    assert here == there
