"""Where clients are told to find each broker: at the gateway, so that nobody goes past it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from producer.wire.api import ApiKey

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from producer.wire.messages.describe_cluster import DescribeClusterResponse
    from producer.wire.messages.fetch import FetchResponse
    from producer.wire.messages.find_coordinator import FindCoordinatorResponse
    from producer.wire.messages.metadata import MetadataResponse
    from producer.wire.messages.produce import ProduceResponse

NOBODY = -1
"""The node id where there is no broker to name."""


class Addresses(Protocol):
    """Which address of the gateway stands for which broker."""

    def told(self, node_id: int, host: str, port: int) -> tuple[str, int]:
        """Give where clients find the broker that listens at `host` and `port`, and remember where that is."""
        ...


def metadata(message: MetadataResponse, addresses: Addresses) -> MetadataResponse:
    """Rewrite Metadata's brokers."""
    return message._replace(brokers=_placed(message.brokers, "node_id", addresses))


def describe_cluster(message: DescribeClusterResponse, addresses: Addresses) -> DescribeClusterResponse:
    """Rewrite DescribeCluster's brokers."""
    return message._replace(brokers=_placed(message.brokers, "broker_id", addresses))


def find_coordinator(message: FindCoordinatorResponse, addresses: Addresses) -> FindCoordinatorResponse:
    """Rewrite the coordinators, one by one or all at once."""
    if message.host and message.node_id != NOBODY:
        host, port = addresses.told(message.node_id, message.host, message.port)
        message = message._replace(host=host, port=port)
    return message._replace(coordinators=_placed(message.coordinators, "node_id", addresses))


def produce(message: ProduceResponse, addresses: Addresses) -> ProduceResponse:
    """Rewrite where the leaders are that a refused batch should have gone to (KIP-951)."""
    return message._replace(node_endpoints=_placed(message.node_endpoints, "node_id", addresses))


def fetch(message: FetchResponse, addresses: Addresses) -> FetchResponse:
    """Rewrite where the leaders are that should have been asked (KIP-951)."""
    return message._replace(node_endpoints=_placed(message.node_endpoints, "node_id", addresses))


def _placed(nodes: tuple[Any, ...], number: str, addresses: Addresses) -> tuple[Any, ...]:
    """Give nodes, each at the gateway's address for it; one without a number or a host stays nowhere."""
    placed: list[Any] = []
    for node in nodes:
        node_id: int = getattr(node, number)
        if node_id == NOBODY or not node.host:
            placed.append(node)
        else:
            host, port = addresses.told(node_id, node.host, node.port)
            placed.append(node._replace(host=host, port=port))
    return tuple(placed)


REWRITTEN: Mapping[int, Callable[[Any, Addresses], Any]] = {
    ApiKey.METADATA: metadata,
    ApiKey.DESCRIBE_CLUSTER: describe_cluster,
    ApiKey.FIND_COORDINATOR: find_coordinator,
    ApiKey.PRODUCE: produce,
    ApiKey.FETCH: fetch,
}
"""The answers that name brokers."""
