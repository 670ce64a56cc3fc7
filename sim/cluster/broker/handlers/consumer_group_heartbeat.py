"""ConsumerGroupHeartbeat 0 to 1: a member by the consumer protocol (KafkaApis.handleConsumerGroupHeartbeat)."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.consumer_group_heartbeat import (
    ConsumerGroupHeartbeatRequest,
    ConsumerGroupHeartbeatResponse,
)
from sim.cluster.broker.handlers.groups import caller_of, consumer_protocol_error
from sim.cluster.coordinators.context import told_as
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker
    from sim.cluster.coordinators.groups.classic_member import Caller
    from sim.cluster.coordinators.shard import CoordinatorError


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer, when what the heartbeat changed is committed."""
    wanted = request.decode(ConsumerGroupHeartbeatRequest)
    error = consumer_protocol_error(broker, request)
    if error is None:
        error = _unauthorized(broker, request, wanted)
    if error is not None:
        _answer(request, ConsumerGroupHeartbeatResponse(error_code=error))
        return
    broker.groups.consumer_heartbeat(
        _caller(broker, request),
        wanted,
        partial(request.work, _answer, request),
        partial(request.work, _refuse, request),
    )


def _caller(broker: ServingBroker, request: Request) -> Caller:
    """Give who asks, and of topics that a regular expression matches which it may see."""
    if not broker.rights.is_enforced:
        return caller_of(request)
    return caller_of(request)._replace(may_describe=partial(_may_describe, broker, request))


def _may_describe(broker: ServingBroker, request: Request, topic: str) -> bool:
    return broker.rights.allows(request, Operation.DESCRIBE, ResourceKind.TOPIC, topic)


def _unauthorized(broker: ServingBroker, request: Request, wanted: ConsumerGroupHeartbeatRequest) -> Code | None:
    rights = broker.rights
    if not rights.allows(request, Operation.READ, ResourceKind.GROUP, wanted.group_id):
        return Code.GROUP_AUTHORIZATION_FAILED
    names = wanted.subscribed_topic_names or ()
    if rights.refused(request, Operation.DESCRIBE, ResourceKind.TOPIC, names):
        return Code.TOPIC_AUTHORIZATION_FAILED
    return None


def _answer(request: Request, response: ConsumerGroupHeartbeatResponse) -> None:
    request.respond(response)


def _refuse(request: Request, error: CoordinatorError) -> None:
    _answer(request, ConsumerGroupHeartbeatResponse(error_code=told_as(error.code), error_message=error.text))
