"""Heartbeat 0 to 4: a member of a classic group is alive (KafkaApis.handleHeartbeatRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.heartbeat import HeartbeatRequest, HeartbeatResponse
from sim.cluster.broker.handlers.groups import group_error
from sim.cluster.security.acls.kinds import Operation

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    wanted = request.decode(HeartbeatRequest)
    error = group_error(broker, request, Operation.READ, wanted.group_id)
    if error is not None:
        _refuse(request, error)
        return
    broker.groups.heartbeat(wanted, partial(request.work, _answer, request), partial(request.work, _refuse, request))


def _answer(request: Request, response: HeartbeatResponse) -> None:
    request.respond(response)


def _refuse(request: Request, code: Code) -> None:
    # While the group is read back nobody is missed: its members need not know.
    told = Code.NONE if code is Code.COORDINATOR_LOAD_IN_PROGRESS else code
    _answer(request, HeartbeatResponse(error_code=told))
