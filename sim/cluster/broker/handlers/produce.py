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
from sim.cluster.broker.handlers.produce_request import given, refusal_of_all
from sim.cluster.broker.handlers.produce_verification import ProduceVerification
from sim.cluster.broker.throttling import PRODUCE, REQUEST, throttle, time_throttle_ms
from sim.cluster.security.acls.kinds import Operation, ResourceKind
from sim.trace.events import ProduceAnswered
from sim.world.units import MILLISECOND_US

if TYPE_CHECKING:
    from collections.abc import Mapping

    from producer.wire.messages.leaders import NodeEndpoint
    from sim.cluster.broker.handlers.produce_request import Given
    from sim.cluster.broker.purgatory import Waiting
    from sim.cluster.broker.request import Request
    from sim.cluster.broker.serving import ServingBroker

_TOPIC_IDS_SINCE = 13
_LEADERS_SINCE = 10

_Key = tuple[str, bytes, int]
"""A topic's name and id, one of which is empty, and a partition's index."""


def handle(broker: ServingBroker, request: Request) -> None:
    """Take the request; the disk write comes first, since everything is decided when it is over."""
    wanted = request.decode(produce.ProduceRequest)
    work = _Produce(broker, request, wanted)
    broker.disk.write(broker.world.now_us, len(request.body), request.work, work.append)


class _Produce:
    """One Produce request on its way."""

    __slots__ = ("_answered", "_begun_us", "_broker", "_parts", "_request", "_unauthorized", "_waiting", "_wanted")

    def __init__(self, broker: ServingBroker, request: Request, wanted: produce.ProduceRequest) -> None:
        self._broker = broker
        self._request = request
        self._wanted = wanted
        self._begun_us = broker.world.now_us
        self._parts: dict[_Key, Part] = {}
        """What goes to a log; of a partition that is named twice, what was named last."""
        self._answered: dict[_Key, Part] = {}
        """What the answer tells, in which a refusal hides that another batch for the same partition was taken."""
        self._waiting: Waiting | None = None
        self._unauthorized: set[str] = set()
        """Topics to which whoever asks may not write."""

    def append(self) -> None:
        """Append what may be appended; the rest of the work takes its time."""
        # A thread of Kafka's waits for the disk, too.
        self._request.busy_us = self._broker.world.now_us - self._begun_us + self._broker.config.request_handling_us
        asked, refusal = self._asked()
        refused: dict[_Key, Part] = {}
        is_stuck = False
        for key, part, batch in asked:
            if refusal is None:
                part.code = self._refusal(part, batch)
                is_stuck |= batch is None and part.code is Code.NONE
            else:
                part.code, part.message = refusal.code, refusal.message
                is_stuck |= batch is None
            (self._parts if part.code is Code.NONE else refused)[key] = part
        if is_stuck:
            # Records of null: Kafka's handler stumbles, and once more over its own error's answer (NullPointerException).
            self._request.never_answer()
            return
        self._answered = {**self._parts, **refused}
        if self._wanted.transactional_id is not None:
            self._verify(self._wanted.transactional_id)
        else:
            self._append_parts()

    def _verify(self, transactional_id: str) -> None:
        """Ask the coordinator about what is part of a transaction, before anything is appended."""
        parts = [part for part in self._parts.values() if part.is_transactional]
        producers = {(part.header.producer_id, part.header.producer_epoch): None for part in parts}
        if len(producers) > 1:
            for part in self._answered.values():
                part.code = Code.INVALID_PRODUCER_ID_MAPPING
            self._parts.clear()
            self._answer()
        elif parts:
            ProduceVerification(self._broker, self._request, transactional_id, parts, self._append_verified).begin()
        else:
            self._append_parts()

    def _append_verified(self) -> None:
        self._parts = {key: part for key, part in self._parts.items() if part.code is Code.NONE}
        self._append_parts()

    def _append_parts(self) -> None:
        for part in self._parts.values():
            part.append(self._wanted.acks)
        broker = self._broker
        broker.host.call_in(broker.config.request_handling_us, self._request.work, self._appended)

    def _asked(self) -> tuple[list[tuple[_Key, Part, Given | None]], Given | None]:
        """Give every partition named, each with its batch, and what the whole request is refused for."""
        broker = self._broker
        asked: list[tuple[_Key, Part, Given | None]] = []
        batches: list[Given] = []
        has_ids = self._request.version >= _TOPIC_IDS_SINCE
        for topic in self._wanted.topic_data:
            known = broker.image.topic_of_id.get(topic.topic_id) if has_ids else None
            name = (known.name if known is not None else "") if has_ids else topic.name
            for one in topic.partition_data:
                batch = None if one.records is None else given(one.records, self._request.version)
                if batch is not None:
                    batches.append(batch)
                part = Part(
                    broker, self._request, TopicPartition(name, one.index), one.records, batch, self._part_ended
                )
                asked.append(((topic.name, topic.topic_id, one.index), part, batch))
        if broker.rights.is_enforced:
            self._unauthorized = broker.rights.refused(
                self._request, Operation.WRITE, ResourceKind.TOPIC, [part.tp.topic for _, part, _ in asked]
            )
        return asked, refusal_of_all(self._wanted, batches, is_id_refused=self._is_id_refused())

    def _is_id_refused(self) -> bool:
        rights, transactional_id = self._broker.rights, self._wanted.transactional_id
        return transactional_id is not None and not rights.allows(
            self._request, Operation.WRITE, ResourceKind.TRANSACTIONAL_ID, transactional_id
        )

    def _refusal(self, part: Part, batch: Given | None) -> Code:
        if not part.tp.topic and self._request.version >= _TOPIC_IDS_SINCE:
            return Code.UNKNOWN_TOPIC_ID
        if part.tp.topic in self._unauthorized:
            return Code.TOPIC_AUTHORIZATION_FAILED
        if part.tp not in self._broker.image.partitions:
            return Code.UNKNOWN_TOPIC_OR_PARTITION
        return Code.NONE if batch is None else batch.code

    # -- after the append ----------------------------------------------------------------------------------------------

    def _appended(self) -> None:
        """Let followers read, then wait or answer."""
        acks = self._wanted.acks
        for part in self._parts.values():
            part.publish(acks)
        if any(part.is_waiting for part in self._parts.values()):
            timeout_us = max(self._wanted.timeout_ms, 0) * MILLISECOND_US
            self._waiting = self._broker.purgatory.wait(timeout_us, partial(self._request.work, self._expired))
        else:
            self._answer()

    def _part_ended(self) -> None:
        """One partition is decided; answer after the last."""
        for part in self._parts.values():
            part.look_again()
        if not any(part.is_waiting for part in self._parts.values()):
            if self._waiting is not None:
                self._waiting.end()
                self._waiting = None
            self._request.work(self._answer)

    def _expired(self) -> None:
        self._waiting = None
        for part in self._parts.values():
            part.time_out()
        self._answer()

    # -- the answer ----------------------------------------------------------------------------------------------------

    def _answer(self) -> None:
        broker, request, answered = self._broker, self._request, self._answered
        # The parts know this work, for it hears of their ends: let go, or it would wait for Python to look for rings.
        self._parts, self._answered = {}, {}
        tampering = broker.tampering
        has_error = False
        for part in answered.values():
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
        throttle_ms = self._throttle_ms() if broker.quotas.are_of_producers else 0
        if self._wanted.acks != 0:
            partitions = [part.tp for part in answered.values()]
            request.answer(encode(self._response(answered, throttle_ms), request.version), partitions=partitions)
        elif has_error:
            request.refuse()
        else:
            request.no_answer()

    def _throttle_ms(self) -> int:
        """Count what was sent, and the time that it took unless nobody hears of it; let the client wait for the worse of both."""
        broker, request = self._broker, self._request
        who = request.principal.name, request.client_id or ""
        sent_ms = broker.quotas.produce.record(*who, len(request.payload), broker.now_ms)
        request.is_measured |= self._wanted.acks == 0
        spent_ms = time_throttle_ms(broker, request)
        throttle(broker, request, PRODUCE if sent_ms > spent_ms else REQUEST, max(sent_ms, spent_ms))
        return max(sent_ms, spent_ms)

    def _response(self, answered: Mapping[_Key, Part], throttle_ms: int) -> produce.ProduceResponse:
        endpoints: dict[int, NodeEndpoint] = {}
        topics: dict[tuple[str, bytes], list[produce.ProducePartitionResponse]] = {}
        for (name, topic_id, _), part in answered.items():
            topics.setdefault((name, topic_id), []).append(self._partition_response(part, endpoints))
        responses = tuple([produce.ProduceTopicResponse(*topic, tuple(told)) for topic, told in topics.items()])
        return produce.ProduceResponse(responses, throttle_ms, node_endpoints=tuple(endpoints.values()))

    def _partition_response(self, part: Part, endpoints: dict[int, NodeEndpoint]) -> produce.ProducePartitionResponse:
        leader = UNKNOWN_LEADER
        if part.code is Code.NOT_LEADER_OR_FOLLOWER and self._request.version >= _LEADERS_SINCE:
            state = self._broker.image.partitions.get(part.tp)
            if state is not None:
                leader, endpoint = self._broker.image.leader_hint(state, self._request.listener)
                if endpoint is not None:
                    endpoints[endpoint.node_id] = endpoint
        return produce.ProducePartitionResponse(
            part.tp.partition,
            part.code,
            part.base_offset,
            part.append_time_ms,
            part.log_start_offset,
            part.record_errors,
            part.message,
            current_leader=leader,
        )
