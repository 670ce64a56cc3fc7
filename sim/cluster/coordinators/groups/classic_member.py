"""One member of a group by the classic protocol, and the answers that it waits for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from producer.wire.messages.describe_groups import DescribedGroupMember
from producer.wire.messages.join_group import JoinGroupResponse, JoinGroupResponseMember
from producer.wire.messages.sync_group import SyncGroupResponse
from sim.cluster.coordinators.groups.records import MemberMetadata

if TYPE_CHECKING:
    from producer.wire.messages.join_group import JoinGroupRequestProtocol

    JoinReply = Callable[[JoinGroupResponse], object]
    SyncReply = Callable[[SyncGroupResponse], object]


class Caller(NamedTuple):
    """Who asks, beside what its request says (RequestContext)."""

    client_id: str
    client_host: str
    version: int
    """Of the request."""
    may_describe: Callable[[str], bool] | None = None
    """Whether it may describe a topic of that name; None: any."""


class ClassicMember:
    """A member. It waits for at most one answer to a JoinGroup and one to a SyncGroup."""

    __slots__ = ("assignment", "client_host", "client_id", "group_instance_id", "is_new", "join_reply", "member_id",
                 "protocol_type", "protocols", "rebalance_timeout_ms", "session_timeout_ms", "sync_reply")  # fmt: skip

    def __init__(
        self,
        member_id: str,
        group_instance_id: str | None,
        *,
        client_id: str,
        client_host: str,
        rebalance_timeout_ms: int,
        session_timeout_ms: int,
        protocol_type: str,
        protocols: tuple[JoinGroupRequestProtocol, ...],
        assignment: bytes = b"",
    ) -> None:
        self.member_id = member_id
        self.group_instance_id = group_instance_id
        self.client_id = client_id
        self.client_host = client_host
        self.rebalance_timeout_ms = rebalance_timeout_ms
        self.session_timeout_ms = session_timeout_ms
        self.protocol_type = protocol_type
        self.protocols = protocols
        """Most wanted first, each with the member's subscription in its words."""
        self.assignment = assignment
        self.is_new = False
        """Whether it has yet to be in a generation: then it has to be heard of even while it waits."""
        self.join_reply: JoinReply | None = None
        self.sync_reply: SyncReply | None = None

    @property
    def is_awaiting_join(self) -> bool:
        return self.join_reply is not None

    @property
    def is_satisfying_heartbeat(self) -> bool:
        """Whether waiting counts as a sign of life."""
        return not self.is_new and (self.join_reply is not None or self.sync_reply is not None)

    def metadata_of(self, protocol: str) -> bytes:
        """Give its subscription in the words of a protocol that it supports."""
        return next(one.metadata for one in self.protocols if one.name == protocol)

    def vote(self, candidates: frozenset[str]) -> str:
        """Give the protocol of these that it wants most; there is one."""
        return next(one.name for one in self.protocols if one.name in candidates)

    def answer_join(self, response: JoinGroupResponse) -> bool:
        """Answer its JoinGroup. Returns whether there was one."""
        reply, self.join_reply = self.join_reply, None
        if reply is None:
            return False
        reply(response)
        return True

    def answer_sync(self, response: SyncGroupResponse) -> bool:
        """Answer its SyncGroup. Returns whether there was one."""
        reply, self.sync_reply = self.sync_reply, None
        if reply is None:
            return False
        reply(response)
        return True

    # -- as others see it ----------------------------------------------------------------------------------------------

    def for_leader(self, protocol: str) -> JoinGroupResponseMember:
        """Give what the leader needs to assign."""
        return JoinGroupResponseMember(self.member_id, self.group_instance_id, self.metadata_of(protocol))

    def described(self, protocol: str | None) -> DescribedGroupMember:
        """Give what DescribeGroups tells: without a protocol not what it wants."""
        return DescribedGroupMember(
            self.member_id,
            self.group_instance_id,
            self.client_id,
            self.client_host,
            b"" if protocol is None else self.metadata_of(protocol),
            self.assignment,
        )

    def recorded(self, protocol: str, assignment: bytes) -> MemberMetadata:
        """Give what the log keeps."""
        return MemberMetadata(
            self.member_id,
            self.group_instance_id,
            self.client_id,
            self.client_host,
            self.rebalance_timeout_ms,
            self.session_timeout_ms,
            self.metadata_of(protocol),
            assignment,
        )
