"""A group and a transactional id with a coordinator each, for positions that a transaction commits."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.offset_fetch import OffsetFetchRequest, OffsetFetchRequestGroup, OffsetFetchRequestTopics
from sim.cluster.coordinators.keys import partition_for
from sim.cluster.topic_config import TopicConfig
from tests.unit.sim.group_client import GROUP, NOT_YET, OFFSETS, GroupRequests
from tests.unit.sim.raw_client import ORDERS, RawConnection
from tests.unit.sim.transaction_client import TransactionLab

OFFSETS_TOPIC = TopicConfig(OFFSETS, 4, replicas=((2, 3, 4),) * 4, cleanup_policy=("compact",))
"""Broker 2 coordinates the group, broker 1 the transaction."""
HOME = TopicPartition(OFFSETS, partition_for(GROUP, 4))


class Group(GroupRequests):
    """Requests about the group, to whoever coordinates it."""

    def __init__(self, line: RawConnection) -> None:
        self.line = line


class OffsetsLab(TransactionLab):
    """A group and a transactional id, each with a coordinator of its own."""

    def __init__(self, **config: Any) -> None:
        orders = TopicConfig("orders", 2, replicas=((3, 2, 4),) * 2)
        config = {"group_initial_rebalance_delay_us": 0, "offsets_topic_partitions": 4} | config
        super().__init__(OFFSETS_TOPIC, orders, **config)
        self.group = Group(self.client.connect(2))
        self.pid, self.epoch = self.identity()

    def add_group(self) -> None:
        assert self.add_offsets(self.pid, self.epoch) is Code.NONE

    def write(self, offset: int, **how: Any) -> Code:
        """Commit a position in the transaction."""
        return self.commit_offset(self.group.line, self.pid, self.epoch, offset, **how)

    def told(self, *, is_stable: bool = False, tp: TopicPartition = ORDERS) -> tuple[Code, int]:
        """What a consumer is told of the group's position in a partition."""
        asked = OffsetFetchRequestTopics(tp.topic, partition_indexes=(tp.partition,))
        wanted = OffsetFetchRequest(groups=(OffsetFetchRequestGroup(GROUP, topics=(asked,)),), require_stable=is_stable)
        told = self.group.line.call(ApiKey.OFFSET_FETCH, wanted, 9).groups[0]
        assert told.error_code == Code.NONE
        partition = told.topics[0].partitions[0]
        return Code(partition.error_code), partition.committed_offset

    def finish(self, *, is_commit: bool, client_version: int = 2) -> None:
        self.pid, self.epoch = self.ended(self.pid, self.epoch, is_commit=is_commit, client_version=client_version)

    def next_coordinator(self, broker: int) -> None:
        """Wait until that broker coordinates the group, and has read it back."""
        for _ in range(400):
            self.group = Group(self.client.connect(broker))
            if self.group.line.is_open and self.group.position()[0] not in NOT_YET:
                self.run(1)
                return
            self.run(0.1)
        raise AssertionError(f"broker {broker} does not coordinate {GROUP}")
