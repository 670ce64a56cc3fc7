"""SyncGroup 0 to 5: the answer may wait for the leader's (KafkaApis.handleSyncGroupRequest)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.sync_group import SyncGroupRequest, SyncGroupResponse
from sim.cluster.broker.handlers.groups import error_instead
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_PROTOCOL_SINCE = 5
"""From then on type and name of the protocol are told, so that a member of another is found out (KIP-559)."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, at once or when the leader has assigned."""
    wanted = request.decode(SyncGroupRequest)
    error = error_instead(broker, request)
    if error is None and request.version >= _PROTOCOL_SINCE and None in {wanted.protocol_type, wanted.protocol_name}:
        error = Code.INCONSISTENT_GROUP_PROTOCOL
    if error is None and not broker.rights.allows(request, Operation.READ, ResourceKind.GROUP, wanted.group_id):
        error = Code.GROUP_AUTHORIZATION_FAILED
    if error is not None:
        _answer(request, SyncGroupResponse(error_code=error))
        return
    broker.groups.sync(wanted, partial(request.work, _answer, request))


def _answer(request: Request, response: SyncGroupResponse) -> None:
    request.respond(response)
