"""Brokers that wait at the controller for the metadata log to grow: answered with what they lack, at the latest after a while.

Kafka: KafkaRaftClient.handleFetchRequest and its purgatory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.messages import NOMINAL_BYTES, MetadataDelta, MetadataFetch
from sim.world.kernel import Call
from sim.world.network import Endpoint

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.world.network import Host


class _Waiting(NamedTuple):
    endpoint: Endpoint
    offset: int
    expiry: Call


class MetadataFetches:
    """At most one Fetch of each broker."""

    def __init__(self, host: Host, config: ClusterConfig, log: MetadataLog) -> None:
        self._host = host
        self._config = config
        self._log = log
        self._waiting: dict[int, _Waiting] = {}
        log.on_commit = self._committed

    def fetch(self, message: MetadataFetch, endpoint: Endpoint) -> None:
        """Answer at once if there is something to tell, or when there is."""
        self._drop(message.broker)
        if self._log.offset > message.metadata_offset:
            _answer(endpoint, self._log.delta_since(message.metadata_offset))
            return
        wait_us = self._config.controller_quorum_fetch_wait_max_us
        expiry = self._host.call_in(wait_us, self._expired, message.broker)
        self._waiting[message.broker] = _Waiting(endpoint, message.metadata_offset, expiry)

    def forget(self, endpoint: Endpoint) -> None:
        """The stream is over."""
        for broker, waiting in self._waiting.items():
            if waiting.endpoint is endpoint:
                self._drop(broker)
                return

    def _committed(self) -> None:
        deltas: dict[int, MetadataDelta] = {}
        for broker in sorted(self._waiting):
            waiting = self._waiting.pop(broker)
            waiting.expiry.cancel()
            delta = deltas.get(waiting.offset)
            if delta is None:
                delta = deltas[waiting.offset] = self._log.delta_since(waiting.offset)
            _answer(waiting.endpoint, delta)

    def _expired(self, broker: int) -> None:
        waiting = self._waiting.pop(broker)
        _answer(waiting.endpoint, MetadataDelta(waiting.offset, (), (), (), ()))

    def _drop(self, broker: int) -> None:
        waiting = self._waiting.pop(broker, None)
        if waiting is not None:
            waiting.expiry.cancel()


def _answer(endpoint: Endpoint, delta: MetadataDelta) -> None:
    endpoint.send(delta, size_bytes=NOMINAL_BYTES * (1 + len(delta.partitions)))
