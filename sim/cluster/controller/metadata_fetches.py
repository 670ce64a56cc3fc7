"""Brokers that wait at the controller for the metadata log to grow: answered with what they lack, at the latest after a while.

Kafka: KafkaRaftClient.handleFetchRequest and its purgatory.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.cluster.messages import NOMINAL_BYTES, MetadataFetch
from sim.cluster.metadata_states import MetadataDelta
from sim.world.kernel import Call
from sim.world.network import Endpoint

if TYPE_CHECKING:
    from sim.cluster.config import ClusterConfig
    from sim.cluster.controller.metadata_log import MetadataLog
    from sim.cluster.controller.office import Office


class _Waiting(NamedTuple):
    endpoint: Endpoint
    asked: MetadataFetch
    expiry: Call

    @property
    def offset(self) -> int:
        return self.asked.metadata_offset


class MetadataFetches:
    """At most one Fetch of each broker."""

    def __init__(self, office: Office, config: ClusterConfig, log: MetadataLog) -> None:
        self._office = office
        self._config = config
        self._log = log
        self._waiting: dict[int, _Waiting] = {}

    def fetch(self, message: MetadataFetch, endpoint: Endpoint) -> None:
        """Answer at once if there is something to tell, or when there is."""
        self._drop(message.broker)
        if self._log.offset > message.metadata_offset:
            _answer(endpoint, self._log.delta_since(message.metadata_offset))
            return
        wait_us = self._config.controller_quorum_fetch_wait_max_us
        expiry = self._office.call_in(wait_us, self._expired, message.broker, message)
        self._waiting[message.broker] = _Waiting(endpoint, message, expiry)

    def forget(self, endpoint: Endpoint) -> None:
        """The stream is over."""
        for broker, waiting in self._waiting.items():
            if waiting.endpoint is endpoint:
                self._drop(broker)
                return

    def committed(self) -> None:
        """The log grew: tell whoever waits."""
        deltas: dict[int, MetadataDelta] = {}
        for broker in sorted(self._waiting):
            waiting = self._waiting.pop(broker)
            waiting.expiry.cancel()
            delta = deltas.get(waiting.offset)
            if delta is None:
                delta = deltas[waiting.offset] = self._log.delta_since(waiting.offset)
            _answer(waiting.endpoint, delta)

    def _expired(self, broker: int, asked: MetadataFetch) -> None:
        waiting = self._waiting.get(broker)
        if waiting is None or waiting.asked is not asked:
            # A controller that stood still finds a time that was over, and cancelled since.
            return
        del self._waiting[broker]
        _answer(waiting.endpoint, MetadataDelta(waiting.offset))

    def _drop(self, broker: int) -> None:
        waiting = self._waiting.pop(broker, None)
        if waiting is not None:
            waiting.expiry.cancel()


def _answer(endpoint: Endpoint, delta: MetadataDelta) -> None:
    endpoint.send(delta, size_bytes=NOMINAL_BYTES * (1 + len(delta.partitions)))
