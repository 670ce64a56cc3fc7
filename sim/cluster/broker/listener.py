"""A broker's open port: whoever connects is a client, or another broker that follows partitions led here."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.cluster.broker.connection import ClientConnection
from sim.cluster.broker.handlers.replica_fetch import PeerConnection

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.cluster.broker.connection import Handler
    from sim.cluster.broker.serving import ServingBroker
    from sim.world.network import Endpoint


def greet(broker: ServingBroker, handlers: Mapping[int, Handler], endpoint: Endpoint) -> None:
    """Accept a stream: the first payload tells a client (bytes) from another broker (a message)."""
    endpoint.on_received = partial(_first, broker, handlers, endpoint)


def _first(broker: ServingBroker, handlers: Mapping[int, Handler], endpoint: Endpoint, payload: object) -> None:
    if isinstance(payload, bytes):
        ClientConnection(broker, endpoint, handlers).received(payload)
    else:
        PeerConnection(broker, endpoint).received(payload)
