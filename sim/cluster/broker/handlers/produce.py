"""Produce 3 to 13: append each partition's part, and wait for the high watermark under acks=all.

Kafka: KafkaApis.handleProduceRequest, DelayedProduce; the parts are in `produce_part.py`. Append and answer
lie a disk write and `request_handling_us` apart; what happens in between is what most stories are about.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from producer.errors import Code
from producer.records import TopicPartition
from producer.wire.api import ApiKey
from producer.wire.codec import encode
from producer.wire.messages import produce
from producer.wire.messages.leaders import UNKNOWN_LEADER
from sim.cluster.broker.handlers.produce_part import Part
from sim.trace.events import ProduceAnswered
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from producer.wire.messages.leaders import NodeEndpoint
    from sim.cluster.broker.connection import Request
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.serving import ServingBroker

_TOPIC_IDS_SINCE = 13
_LEADERS_SINCE = 10
_OUT_OF_TIME = "records of this batch have timestamps that the topic does not take"


def handle(broker: ServingBroker, request: Request) -> None:
    """Take the request; the disk write comes first, since everything is decided when it is over."""
    wanted = request.decode(produce.ProduceRequest)
    work = _Produce(broker, request, wanted)
    broker.disk.write(broker.world.now_us, len(request.body), request.work, work.append)


class _Produce:
    """One Produce request on its way."""

    __slots__ = ("_broker", "_request", "_topics", "_waiting", "_wanted")

    def __init__(self, broker: ServingBroker, request: Request, wanted: produce.ProduceRequest) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._topics: list[tuple[produce.ProduceTopic, list[Part]]] = []
        self._waiting: Waiting | None = None

    def append(self) -> None:
        """Append what may be appended; the rest of the work takes its time."""
        for topic in self._wanted.topic_data:
            self._topics.append((topic, self._append_topic(topic)))
        broker = self._broker
        broker.host.call_in(broker.config.request_handling_us, self._request.work, self._appended)

    def _append_topic(self, topic: produce.ProduceTopic) -> list[Part]:
        name = topic.name
        is_known = True
        if self._request.version >= _TOPIC_IDS_SINCE:
            known = self._broker.image.topic_of_id.get(topic.topic_id)
            is_known, name = known is not None, known.name if known is not None else ""
        parts = []
        for asked in topic.partition_data:
            part = Part(self._broker, self._request, TopicPartition(name, asked.index), self._part_ended)
            if is_known:
                part.append(asked.records, self._wanted.acks)
            else:
                part.code = Code.UNKNOWN_TOPIC_ID
            parts.append(part)
        return parts

    # -- after the append ----------------------------------------------------------------------------------------------

    def _appended(self) -> None:
        """Let followers read, then wait or answer."""
        acks = self._wanted.acks
        is_waiting = False
        for _, parts in self._topics:
            for part in parts:
                is_waiting |= part.publish(acks)
        if is_waiting:
            timeout_us = max(self._wanted.timeout_ms, 0) * MILLISECOND_US
            self._waiting = self._broker.purgatory.wait(timeout_us, partial(self._request.work, self._expired))
        else:
            self._answer()

    def _part_ended(self) -> None:
        """One partition is decided; answer after the last."""
        for _, parts in self._topics:
            for part in parts:
                part.look_again()
        if not any(part.is_waiting for _, parts in self._topics for part in parts):
            if self._waiting is not None:
                self._waiting.end()
                self._waiting = None
            self._request.work(self._answer)

    def _expired(self) -> None:
        self._waiting = None
        for _, parts in self._topics:
            for part in parts:
                if part.is_waiting:
                    part.time_out()
        self._answer()

    # -- the answer ----------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        broker, request = self._broker, self._request
        tampering = broker.tampering
        has_error = False
        for _, parts in self._topics:
            for part in parts:
                if tampering and part.code is Code.NONE:
                    error = tampering.error_after_append(ApiKey.PRODUCE, request.client, part.tp)
                    if error is not None:
                        part.code, part.base_offset = error, -1
                has_error |= part.code is not Code.NONE
                broker.trace.emit(
                    ProduceAnswered(
                        broker.world.now_us,
                        broker.broker_id,
                        *part.tp,
                        request.client,
                        request.connection,
                        request.correlation_id,
                        int(part.code),
                        part.base_offset,
                    )
                )
        if self._wanted.acks != 0:
            partitions = [part.tp for _, parts in self._topics for part in parts]
            request.answer(encode(self._response(), request.version), partitions=partitions)
        elif has_error:
            request.refuse()
        else:
            request.no_answer()

    def _response(self) -> produce.ProduceResponse:
        endpoints: dict[int, NodeEndpoint] = {}
        topics = []
        for topic, parts in self._topics:
            answered = tuple([self._partition_response(part, endpoints) for part in parts])
            topics.append(produce.ProduceTopicResponse(topic.name, topic.topic_id, answered))
        return produce.ProduceResponse(tuple(topics), node_endpoints=tuple(endpoints.values()))

    def _partition_response(self, part: Part, endpoints: dict[int, NodeEndpoint]) -> produce.ProducePartitionResponse:
        leader = UNKNOWN_LEADER
        if part.code is Code.NOT_LEADER_OR_FOLLOWER and self._request.version >= _LEADERS_SINCE:
            state = self._broker.image.partitions.get(part.tp)
            if state is not None:
                leader, endpoint = self._broker.image.leader_hint(state)
                if endpoint is not None:
                    endpoints[endpoint.node_id] = endpoint
        is_start_told = part.base_offset >= 0 or part.record_errors
        log_start_offset = 0 if is_start_told else -1
        return produce.ProducePartitionResponse(
            part.tp.partition,
            part.code,
            part.base_offset,
            part.append_time_ms,
            log_start_offset,
            part.record_errors,
            _OUT_OF_TIME if part.code is Code.INVALID_TIMESTAMP and part.record_errors else None,
            current_leader=leader,
        )
