"""What of a client's requests reaches a broker, and when: all of it at once, unless a fault detains or loses one on its way.

Behind a request that is detained the whole connection waits, its end as well: it is one stream. Other connections pass. So
a request can come to be worked on long after its client gave it up, and was answered on another connection.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import MalformedError, UnsupportedVersionError
from producer.records import TopicPartition
from producer.wire import api
from producer.wire.api import ApiKey
from producer.wire.codec import decode
from producer.wire.messages.produce import ProduceRequest
from sim.cluster.broker.tampering import AfterDrop, DetainRequest, LoseRequest
from sim.trace.events import RequestDetained, RequestLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.cluster.broker.serving import ServingBroker
    from sim.world.network import Endpoint

TOPIC_IDS_SINCE = 13
"""The version of Produce from which on topics go by their ids."""


class _End(NamedTuple):
    """The end of a stream, behind what is detained."""

    reason: str


class Arrivals:
    """One connection's requests on their way to its broker."""

    __slots__ = ("_broker", "_deliver", "_detained", "_end", "_endpoint", "_is_lost")

    def __init__(
        self,
        broker: ServingBroker,
        endpoint: Endpoint,
        *,
        deliver: Callable[[bytes], object],
        end: Callable[[str], object],
    ) -> None:
        """Whole requests are handed to `deliver`, the reason of the stream's end to `end`, in their order."""
        self._broker = broker
        self._endpoint = endpoint
        self._deliver = deliver
        self._end = end
        self._detained: deque[bytes | _End] = deque()
        self._is_lost = False

    @property
    def is_plain(self) -> bool:
        """Whether everything passes at once."""
        return not (self._detained or self._is_lost or self._broker.tampering)

    def take(self, payload: bytes) -> None:
        """A request left its client."""
        if self._is_lost:
            return
        if self._detained:
            self._detained.append(payload)
            return
        action = self._action(payload)
        if isinstance(action, DetainRequest):
            self._trace(RequestDetained, payload)
            self._detained.append(payload)
            self._broker.host.call_in(action.delay_us, self._release)
        elif isinstance(action, LoseRequest):
            self._trace(RequestLost, payload)
            # A stream cannot miss a piece: what comes behind it is lost as well.
            self._is_lost = True
            if action.then is AfterDrop.RESET:
                self._endpoint.reset()
        else:
            self._deliver(payload)

    def take_end(self, reason: str) -> None:
        """The stream ended behind everything taken so far."""
        if self._detained:
            self._detained.append(_End(reason))
        else:
            self._end(reason)

    def stop(self) -> None:
        """The broker closed its end: nothing arrives any more."""
        self._detained.clear()
        self._is_lost = True

    def _release(self) -> None:
        if not self._detained:
            return
        waiting, self._detained = self._detained, deque()
        first = waiting.popleft()
        assert isinstance(first, bytes)
        self._deliver(first)
        # Another rule may strike the next one: whatever is behind that waits with it.
        for item in waiting:
            if isinstance(item, _End):
                self.take_end(item.reason)
            else:
                self.take(item)

    def _action(self, payload: bytes) -> DetainRequest | LoseRequest | None:
        if not self._broker.tampering:
            return None
        try:
            header, position = api.decode_request_header(payload)
            key = ApiKey(header.api_key)
        except (MalformedError, ValueError):
            return None
        touched = self._partitions(payload[position:], header.api_version) if key is ApiKey.PRODUCE else ()
        return self._broker.tampering.on_request(key, self._endpoint.opener.host, touched)

    def _partitions(self, body: bytes, version: int) -> tuple[TopicPartition, ...]:
        try:
            asked = decode(ProduceRequest, body, version)
        except (MalformedError, UnsupportedVersionError):
            return ()
        found = []
        for topic in asked.topic_data:
            name = topic.name
            if version >= TOPIC_IDS_SINCE:
                known = self._broker.image.topic_of_id.get(topic.topic_id)
                name = "" if known is None else known.name
            found += [TopicPartition(name, partition.index) for partition in topic.partition_data]
        return tuple(found)

    def _trace(self, event: type[RequestDetained | RequestLost], payload: bytes) -> None:
        header, _ = api.decode_request_header(payload)
        broker = self._broker
        client, number, _ = self._endpoint.opener
        title = ApiKey(header.api_key).title
        broker.trace.emit(event(broker.world.now_us, broker.broker_id, title, client, number, header.correlation_id))
