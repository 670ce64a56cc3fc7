"""DescribeCluster 0 to 2: the brokers as this one knows them (KIP-700, KIP-919, KIP-1073)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.errors import Code
from producer.wire.messages.describe_cluster import (
    DescribeClusterBroker,
    DescribeClusterRequest,
    DescribeClusterResponse,
)
from producer.wire.messages.operations import OPERATIONS_UNKNOWN

if TYPE_CHECKING:
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_BROKERS, _CONTROLLERS = 1, 2


def handle(broker: ServingBroker, request: Request) -> None:
    """Answer."""
    request.respond(_answer(broker, request, request.decode(DescribeClusterRequest)))


def _answer(broker: ServingBroker, request: Request, wanted: DescribeClusterRequest) -> DescribeClusterResponse:
    if wanted.endpoint_type == _CONTROLLERS:
        text = "The controllers were asked for, and this is a broker."
        return DescribeClusterResponse(error_code=Code.MISMATCHED_ENDPOINT_TYPE, error_message=text)
    if wanted.endpoint_type != _BROKERS:
        text = f"Endpoint type {wanted.endpoint_type} is neither brokers (1) nor controllers (2)."
        return DescribeClusterResponse(error_code=Code.UNSUPPORTED_ENDPOINT_TYPE, error_message=text)
    known = [one for _, one in sorted(broker.image.brokers.items())]
    alive = [one for one in known if not one.is_fenced]
    return DescribeClusterResponse(
        cluster_id=broker.config.cluster_id,
        controller_id=alive[0].broker if alive else -1,
        brokers=tuple(
            DescribeClusterBroker(one.broker, *one.endpoints[request.listener], one.rack, one.is_fenced)
            for one in (known if wanted.include_fenced_brokers else alive)
        ),
        cluster_authorized_operations=(
            broker.rights.cluster_operations(request)
            if wanted.include_cluster_authorized_operations
            else OPERATIONS_UNKNOWN
        ),
    )
