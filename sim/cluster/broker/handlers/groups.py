"""What requests about groups have in common: who asks, and rules of faults that answer in place of the coordinator."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.api import ApiKey
from sim.cluster.coordinators.groups.classic_member import Caller
from sim.cluster.features import GROUP
from sim.cluster.security.acls.kinds import Operation, ResourceKind

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker


def caller_of(request: Request) -> Caller:
    """Give who asks; its address as Java writes one. No client id is as good as an empty one."""
    return Caller(request.client_id or "", f"/{request.client}", request.version)


def group_error(broker: ServingBroker, request: Request, operation: Operation, group: str) -> Code | None:
    """Give the error that a request about one group is answered with, if any: a fault's, or that it is not allowed."""
    error = error_instead(broker, request)
    if error is None and not broker.rights.allows(request, operation, ResourceKind.GROUP, group):
        return Code.GROUP_AUTHORIZATION_FAILED
    return error


def error_instead(broker: ServingBroker, request: Request) -> Code | None:
    """Give the error that a fault answers with, if any."""
    if not broker.tampering:
        return None
    return broker.tampering.error_instead(ApiKey(request.api), request.client, None)


def consumer_protocol_error(broker: ServingBroker, request: Request) -> Code | None:
    """Give the error that a request of the consumer protocol is answered with, if any.

    Kafka: KafkaApis.isConsumerGroupProtocolEnabled.
    """
    error = error_instead(broker, request)
    if error is None and not broker.image.features.get(GROUP.name):
        return Code.UNSUPPORTED_VERSION
    return error
