"""Requests about groups, raw: who coordinates, members who join and sync, positions committed and fetched."""

from __future__ import annotations

from typing import Any

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.find_coordinator import FindCoordinatorRequest
from producer.wire.messages.heartbeat import HeartbeatRequest
from producer.wire.messages.join_group import JoinGroupRequest, JoinGroupRequestProtocol
from producer.wire.messages.leave_group import LeaveGroupRequest, MemberIdentity
from producer.wire.messages.offset_commit import (
    OffsetCommitRequest,
    OffsetCommitRequestPartition,
    OffsetCommitRequestTopic,
)
from producer.wire.messages.offset_fetch import (
    OffsetFetchRequest,
    OffsetFetchRequestGroup,
    OffsetFetchRequestTopics,
)
from producer.wire.messages.sync_group import SyncGroupRequest, SyncGroupRequestAssignment
from tests.unit.sim.raw_client import ORDERS, Lab, RawConnection

OFFSETS = "__consumer_offsets"
GROUP = "shop"
NOT_YET = (Code.COORDINATOR_NOT_AVAILABLE, Code.COORDINATOR_LOAD_IN_PROGRESS, Code.NOT_COORDINATOR)
RANGE = (JoinGroupRequestProtocol("range", b"\x00\x00\x00\x00\x00\x01\x00\x06orders\x00\x00\x00\x00"),)
"""A subscription to `orders`, in the words of consumers."""
TRIES_MAX = 400


class GroupRequests:
    """What is asked of a group's coordinator, on one line."""

    line: RawConnection

    # -- members -------------------------------------------------------------------------------------------------------

    def join(self, member_id: str = "", *, line: RawConnection | None = None, version: int = 9, **how: Any) -> Any:
        """Join, and wait for the answer."""
        line = line or self.line
        return line.wait(self.send_join(member_id, line=line, version=version, **how))

    def send_join(
        self,
        member_id: str = "",
        *,
        line: RawConnection,
        version: int = 9,
        instance: str | None = None,
        protocols: Any = RANGE,
        kind: str = "consumer",
        session_ms: int = 30_000,
        rebalance_ms: int = 30_000,
        group: str = GROUP,
    ) -> int:
        wanted = JoinGroupRequest(group, session_ms, rebalance_ms, member_id, instance, kind, protocols)
        return line.send(ApiKey.JOIN_GROUP, wanted, version)

    def new_member(self, **how: Any) -> Any:
        """Join without an id, then with the one that was given. Gives the second answer."""
        return self.join(self.join("", **how).member_id, **how)

    def sync(self, generation: int, member_id: str, assigned: dict[str, bytes] | None = None, **how: Any) -> Any:
        line = how.pop("line", None) or self.line
        return line.wait(self.send_sync(generation, member_id, assigned, line=line, **how))

    def send_sync(
        self,
        generation: int,
        member_id: str,
        assigned: dict[str, bytes] | None = None,
        *,
        line: RawConnection,
        instance: str | None = None,
        protocol: str = "range",
    ) -> int:
        assignments = tuple(SyncGroupRequestAssignment(*one) for one in (assigned or {}).items())
        wanted = SyncGroupRequest(GROUP, generation, member_id, instance, "consumer", protocol, assignments)
        return line.send(ApiKey.SYNC_GROUP, wanted, 5)

    def living(self, **how: Any) -> Any:
        """A member alone in a stable group. Gives its JoinGroup answer."""
        joined = self.new_member(**how)
        synced = self.sync(
            joined.generation_id, joined.member_id, {joined.member_id: b"all"}, protocol=joined.protocol_name
        )
        assert synced.error_code == Code.NONE
        return joined

    def beat(
        self, generation: int, member_id: str, *, line: RawConnection | None = None, instance: str | None = None
    ) -> Code:
        wanted = HeartbeatRequest(GROUP, generation, member_id, instance)
        return Code((line or self.line).call(ApiKey.HEARTBEAT, wanted).error_code)

    def leave(self, *members: MemberIdentity, line: RawConnection | None = None) -> Any:
        return (line or self.line).call(ApiKey.LEAVE_GROUP, LeaveGroupRequest(GROUP, members=members))

    # -- positions -----------------------------------------------------------------------------------------------------

    def commit(self, offset: int, *, line: RawConnection | None = None, **how: Any) -> Code:
        """Commit one position, and wait for the answer."""
        line = line or self.line
        answer = line.wait(self.send_commit(offset, line=line, **how))
        return Code(answer.topics[0].partitions[0].error_code)

    def send_commit(
        self,
        offset: int,
        *,
        line: RawConnection,
        generation: int = -1,
        member_id: str = "",
        metadata: str | None = "",
        tp: TopicPartition = ORDERS,
        group: str = GROUP,
        version: int = 9,
        retention_ms: int = -1,
        topic_id: bytes = bytes(16),
    ) -> int:
        part = OffsetCommitRequestPartition(tp.partition, offset, -1, metadata)
        topic = OffsetCommitRequestTopic(tp.topic, topic_id, (part,))
        wanted = OffsetCommitRequest(group, generation, member_id, None, retention_ms, (topic,))
        return line.send(ApiKey.OFFSET_COMMIT, wanted, version)

    def position(
        self,
        line: RawConnection | None = None,
        *,
        tp: TopicPartition = ORDERS,
        group: str = GROUP,
        is_stable: bool = False,
    ) -> tuple[Code, int]:
        """Fetch one position: the group's error, and the offset, -1 for none."""
        asked = OffsetFetchRequestTopics(tp.topic, partition_indexes=(tp.partition,))
        wanted = OffsetFetchRequest(groups=(OffsetFetchRequestGroup(group, topics=(asked,)),), require_stable=is_stable)
        told = (line or self.line).call(ApiKey.OFFSET_FETCH, wanted, 9).groups[0]
        offset = told.topics[0].partitions[0].committed_offset if told.topics else -1
        return Code(told.error_code), offset


class GroupLab(Lab, GroupRequests):
    """A cluster that coordinates a group, whose coordinator was asked for and is there."""

    def __init__(self, *topics: Any, **config: Any) -> None:
        super().__init__(*topics, **({"group_initial_rebalance_delay_us": 0, "offsets_topic_partitions": 4} | config))
        self.coordinator = self.found()
        self.run(0.5)
        self.line = self.client.connect(self.coordinator)

    def found(self, group: str = GROUP, *, broker: int = 1) -> int:
        """Ask a broker until it names who coordinates."""
        for _ in range(TRIES_MAX):
            connection = self.client.connect(broker)
            if connection.is_open:
                wanted = FindCoordinatorRequest(coordinator_keys=(group,))
                told = connection.call(ApiKey.FIND_COORDINATOR, wanted).coordinators[0]
                if told.error_code == Code.NONE:
                    node: int = told.node_id
                    return node
            self.run(0.1)
        raise AssertionError(f"nobody coordinates {group}")

    def loaded(self, *, broker: int, group: str = GROUP) -> RawConnection:
        """Wait until another broker coordinates the group and has read it back; give a line to it."""
        for _ in range(TRIES_MAX):
            connection = self.client.connect(self.found(group, broker=broker))
            if connection.is_open and self.position(connection, group=group)[0] not in NOT_YET:
                # What it read is committed when its followers have fetched from it.
                self.run(1)
                return connection
            self.run(0.1)
        raise AssertionError(f"nobody has read {group} back")
