"""JoinGroup 0 to 9: the answer may wait for others who join (KafkaApis.handleJoinGroupRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.join_group import JoinGroupRequest, JoinGroupResponse
from sim.cluster.broker.handlers.groups import caller_of, group_error
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_NULL_PROTOCOL_SINCE = 7


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, at once or when the generation begins."""
    wanted = request.decode(JoinGroupRequest)
    error = group_error(broker, request, Operation.READ, wanted.group_id)
    if error is not None:
        # Who may not ask is told nothing of members, not even of the one that he says he is.
        member_id = "" if error is Code.GROUP_AUTHORIZATION_FAILED else wanted.member_id
        _answer(request, JoinGroupResponse(error_code=error, member_id=member_id))
        return
    broker.groups.join(caller_of(request), wanted, partial(request.work, _answer, request))


def _answer(request: Request, response: JoinGroupResponse) -> None:
    # No protocol is null where that can be said, and empty where it cannot.
    protocol = response.protocol_name or (None if request.version >= _NULL_PROTOCOL_SINCE else "")
    request.respond(response._replace(protocol_name=protocol))
