"""Markers on their way: the ends of transactions, asked of the leader of each partition until every one is written.

Kafka: TransactionMarkerChannelManager, TransactionMarkerRequestCompletionHandler, one thread of each broker. A marker whose
partition has no leader waits until that thread looks again: whenever it has something to do, and every half minute.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.messages.write_txn_markers import (
    WritableTxnMarker,
    WritableTxnMarkerTopic,
    WriteTxnMarkersRequest,
    WriteTxnMarkersResponse,
)
from sim.cluster.coordinators.context import told_as
from sim.cluster.coordinators.transactions.completion import Completion
from sim.cluster.peer_link import REQUEST_TIMEOUT_US, PeerLink
from sim.trace.events import MarkerAnswered, MarkersSent
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from sim.cluster.broker.hosting import HostingBroker
    from sim.world.kernel import Call

VERSION = 2
"""Of WriteTxnMarkers, since metadata.version 4.2: it says by which transaction.version the end was decided."""

RETRY_US = 20 * MILLISECOND_US
"""Before a marker that was refused is asked for again. Kafka asks at once, as fast as answers come back."""

NO_LEADER = -1

_WRITTEN = frozenset({Code.NONE, Code.UNSUPPORTED_FOR_MESSAGE_FORMAT, Code.UNSUPPORTED_VERSION})
"""The partition needs no marker any more."""
_OUTDATED = frozenset({Code.INVALID_PRODUCER_EPOCH, Code.TRANSACTION_COORDINATOR_FENCED})
"""Another coordinator, or a later transaction, was there: whoever that is goes on with it."""


class _Marker(NamedTuple):
    """The end of one transaction, for partitions of one leader."""

    completion: Completion
    partitions: tuple[TopicPartition, ...]


class MarkerSender:
    """One broker's. Markers for one leader that are there at one instant go in one request."""

    def __init__(self, broker: HostingBroker) -> None:
        self._broker = broker
        self._links: dict[int, PeerLink] = {}
        self._queues: dict[int, list[_Marker]] = {}
        """By leader; `NO_LEADER` for those whose partitions have none."""
        self._to_complete: list[Completion] = []
        """Whose markers are all there, and which could not be written down yet."""
        self._awake: Call | None = None
        self._look: Call | None = None

    def end(self) -> None:
        """Send nothing any more."""
        for link in self._links.values():
            link.end()
        self._links.clear()
        self._queues.clear()
        self._to_complete.clear()

    # -- what is to be sent --------------------------------------------------------------------------------------------

    def send(self, completion: Completion) -> None:
        """Have the end of a prepared transaction written everywhere, and then write what the id becomes."""
        self._enqueue(_Marker(completion, completion.known.metadata.partitions))
        self._complete_if_done(completion)
        self._wake()

    def _enqueue(self, marker: _Marker) -> None:
        """Put a marker's partitions behind what their leaders are to be sent; those that are gone need none."""
        by_leader: dict[int, list[TopicPartition]] = {}
        for tp in marker.partitions:
            state = self._broker.image.partitions.get(tp)
            if state is None:
                marker.completion.marked(tp)
            else:
                leader = state.leader if self._broker.image.is_alive(state.leader) else NO_LEADER
                by_leader.setdefault(leader, []).append(tp)
        for leader, partitions in by_leader.items():
            self._queues.setdefault(leader, []).append(_Marker(marker.completion, tuple(partitions)))

    def _wake(self) -> None:
        if self._awake is None:
            self._awake = self._broker.host.call_in(0, self._work)

    def _work(self) -> None:
        """Look again at what waits, and send what there is."""
        self._awake = None
        if self._broker.is_closing:
            return
        for completion in self._take_to_complete():
            self._write_completion(completion)
        for marker in self._queues.pop(NO_LEADER, []):
            if not marker.completion.is_over:
                self._enqueue(marker)
                self._complete_if_done(marker.completion)
        for leader in [leader for leader in self._queues if leader != NO_LEADER]:
            markers = [marker for marker in self._queues.pop(leader) if not marker.completion.is_over]
            if markers:
                self._send_to(leader, markers)
        if NO_LEADER in self._queues or self._to_complete:
            self._look_later()

    def _take_to_complete(self) -> list[Completion]:
        taken = [completion for completion in self._to_complete if not completion.is_over]
        self._to_complete = []
        return taken

    def _look_later(self) -> None:
        if self._look is None:
            self._look = self._broker.host.call_in(REQUEST_TIMEOUT_US, self._look_again)

    def _look_again(self) -> None:
        self._look = None
        self._wake()

    # -- requests ------------------------------------------------------------------------------------------------------

    def _send_to(self, leader: int, markers: list[_Marker]) -> None:
        link = self._links.get(leader)
        if link is None:
            client_id = f"broker-{self._broker.broker_id}-txn-marker-sender"
            link = self._links[leader] = PeerLink(self._broker, leader, client_id)
        for marker in markers:
            self._tell_sent(leader, marker)
        request = WriteTxnMarkersRequest(tuple([_writable(marker) for marker in markers]))
        link.ask(ApiKey.WRITE_TXN_MARKERS, request, VERSION, partial(self._answered, markers))

    def _answered(self, markers: list[_Marker], response: WriteTxnMarkersResponse | None) -> None:
        results: Mapping[int, Mapping[TopicPartition, Code]] = {} if response is None else _results_of(response)
        for marker in markers:
            producer_id = marker.completion.known.metadata.producer_id
            codes = results.get(producer_id, {})
            if not marker.completion.is_over:
                self._take(marker, {tp: codes.get(tp, Code.NETWORK_EXCEPTION) for tp in marker.partitions})
        self._wake()

    def _take(self, marker: _Marker, codes: Mapping[TopicPartition, Code]) -> None:
        """Act on what became of one transaction's markers."""
        completion = marker.completion
        left = []
        for tp, code in codes.items():
            self._tell_answered(completion, tp, code)
            if code in _WRITTEN:
                completion.marked(tp)
            elif code in _OUTDATED:
                completion.drop()
            else:
                left.append((tp, code))
        if completion.is_over:
            return
        if left:
            partitions = tuple([tp for tp, _ in left])
            is_lost = all(code is Code.NETWORK_EXCEPTION for _, code in left)
            # A link that was lost pauses by itself.
            delay_us = 0 if is_lost else RETRY_US
            self._broker.host.call_in(delay_us, self._send_again, _Marker(completion, partitions))
        else:
            self._complete_if_done(completion)

    def _send_again(self, marker: _Marker) -> None:
        """Ask whoever leads by now."""
        if not marker.completion.is_over and not self._broker.is_closing:
            self._enqueue(marker)
            self._complete_if_done(marker.completion)
            self._wake()

    # -- completion ----------------------------------------------------------------------------------------------------

    def _complete_if_done(self, completion: Completion) -> None:
        if not completion.known.metadata.partitions and not completion.is_over:
            self._write_completion(completion)

    def _write_completion(self, completion: Completion) -> None:
        completion.write(partial(self._completed, completion))

    def _completed(self, completion: Completion, code: Code) -> None:
        if told_as(code) is Code.COORDINATOR_NOT_AVAILABLE:
            self._to_complete.append(completion)
            self._look_later()
        else:
            completion.drop()

    # -- what is told --------------------------------------------------------------------------------------------------

    def _tell_sent(self, leader: int, marker: _Marker) -> None:
        broker, known = self._broker, marker.completion.known
        broker.trace.emit(
            MarkersSent(
                broker.world.now_us,
                broker.broker_id,
                leader,
                known.name,
                known.metadata.producer_id,
                known.metadata.producer_epoch,
                marker.completion.term.coordinator_epoch,
                known.metadata.is_commit,
                tuple([str(tp) for tp in marker.partitions]),
            )
        )

    def _tell_answered(self, completion: Completion, tp: TopicPartition, code: Code) -> None:
        broker = self._broker
        broker.trace.emit(MarkerAnswered(broker.world.now_us, broker.broker_id, completion.known.name, *tp, int(code)))


def _writable(marker: _Marker) -> WritableTxnMarker:
    metadata = marker.completion.known.metadata
    by_topic: dict[str, list[int]] = {}
    for tp in marker.partitions:
        by_topic.setdefault(tp.topic, []).append(tp.partition)
    return WritableTxnMarker(
        metadata.producer_id,
        metadata.producer_epoch,
        metadata.is_commit,
        tuple([WritableTxnMarkerTopic(topic, tuple(numbers)) for topic, numbers in by_topic.items()]),
        marker.completion.term.coordinator_epoch,
        metadata.client_version,
    )


def _results_of(response: WriteTxnMarkersResponse) -> dict[int, dict[TopicPartition, Code]]:
    """What an answer says, by producer id."""
    results: dict[int, dict[TopicPartition, Code]] = {}
    for marker in response.markers:
        of_producer = results.setdefault(marker.producer_id, {})
        for topic in marker.topics:
            for told in topic.partitions:
                of_producer[TopicPartition(topic.name, told.partition_index)] = Code(told.error_code)
    return results
