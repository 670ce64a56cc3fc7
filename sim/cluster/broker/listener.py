"""A broker's open port: whoever connects is a client, or another broker that follows partitions led here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.cluster.broker.handlers.replica_fetch import PeerConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.broker.request import Handler
    from sim.cluster.broker.serving import ServingBroker
    from sim.world.network import Endpoint


def greet(broker: ServingBroker, handlers: Mapping[int, Handler], listener: int, endpoint: Endpoint) -> None:
    """Accept a stream: the first payload tells a client (bytes) from another broker (a message).

    `listener` is its place among the cluster's.
    """
    endpoint.on_received = partial(_first, broker, handlers, listener, endpoint)
    endpoint.on_closed = partial(_ended, broker, endpoint)
    broker.idle_connections.begin(endpoint.number, endpoint.close)


def _first(
    broker: ServingBroker, handlers: Mapping[int, Handler], listener: int, endpoint: Endpoint, payload: object
) -> None:
    if isinstance(payload, bytes):
        broker.connection_type(broker, endpoint, handlers, listener).received(payload)
    else:
        broker.idle_connections.forget(endpoint.number)
        PeerConnection(broker, endpoint).received(payload)


def _ended(broker: ServingBroker, endpoint: Endpoint, _reason: str) -> None:
    """Whoever never said a word is gone."""
    broker.idle_connections.forget(endpoint.number)
    endpoint.close()
