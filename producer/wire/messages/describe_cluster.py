"""DescribeCluster: the brokers, or the controllers, of a cluster (KIP-700, KIP-919)."""

from typing import Annotated, NamedTuple

from producer.wire.messages.operations import OPERATIONS_UNKNOWN
from producer.wire.schema import Boolean, Int8, Int16, Int32, String, since


class DescribeClusterRequest(NamedTuple):
    """Describe the cluster."""

    include_cluster_authorized_operations: Boolean = False
    endpoint_type: Annotated[Int8, since(1)] = 1
    """1 brokers, 2 controllers."""
    include_fenced_brokers: Annotated[Boolean, since(2)] = False
    """List those as well that have registered and may not serve."""


class DescribeClusterBroker(NamedTuple):
    """Where one broker listens."""

    broker_id: Int32 = 0
    host: String = ""
    port: Int32 = 0
    rack: String | None = None
    is_fenced: Annotated[Boolean, since(2)] = False


class DescribeClusterResponse(NamedTuple):
    """The cluster."""

    throttle_time_ms: Int32 = 0
    error_code: Int16 = 0
    error_message: String | None = None
    endpoint_type: Annotated[Int8, since(1)] = 1
    """1 brokers, 2 controllers."""
    cluster_id: String = ""
    controller_id: Int32 = -1
    """-1 where unknown."""
    brokers: tuple[DescribeClusterBroker, ...] = ()
    cluster_authorized_operations: Int32 = OPERATIONS_UNKNOWN
    """A bit field."""
