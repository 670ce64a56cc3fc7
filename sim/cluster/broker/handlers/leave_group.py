"""LeaveGroup 0 to 5: members of a classic group go, several at once since version 3 (KafkaApis.handleLeaveGroupRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.leave_group import LeaveGroupRequest, LeaveGroupResponse, MemberIdentity, MemberResponse
from sim.cluster.broker.handlers.groups import group_error
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_SEVERAL_SINCE = 3


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(LeaveGroupRequest)
    members = wanted.members if request.version >= _SEVERAL_SINCE else (MemberIdentity(wanted.member_id),)
    error = group_error(broker, request, Operation.READ, wanted.group_id)
    if error is not None:
        _refuse(request, members, error)
        return
    broker.groups.leave(
        wanted.group_id,
        members,
        partial(request.work, _answer, request),
        partial(request.work, _refuse, request, members),
    )


def _refuse(request: Request, members: tuple[MemberIdentity, ...], code: Code) -> None:
    if code is not Code.UNKNOWN_MEMBER_ID:
        _answer(request, LeaveGroupResponse(error_code=code))
        return
    # There is no such group: none of them is a member.
    told = tuple(MemberResponse(member.member_id, member.group_instance_id, code) for member in members)
    _answer(request, LeaveGroupResponse(members=told))


def _answer(request: Request, response: LeaveGroupResponse) -> None:
    if request.version < _SEVERAL_SINCE:
        # Its one member's error is the whole answer's.
        codes = [one.error_code for one in response.members if response.error_code == Code.NONE]
        response = LeaveGroupResponse(error_code=codes[0] if codes else response.error_code)
    request.respond(response)
