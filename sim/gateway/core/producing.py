"""One Produce request on its way through: which batches pass, changed or not, and what the client is told of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError
from producer.wire.messages.produce import (
    ProducePartition,
    ProducePartitionResponse,
    ProduceRequest,
    ProduceResponse,
    ProduceTopic,
    ProduceTopicResponse,
    RecordError,
)
from producer.wire.record_batch import decode_records, split_batches
from sim.gateway.core.batches import with_records
from sim.gateway.core.enforcement import Appended, UnavailableError

if TYPE_CHECKING:
    from sim.gateway.core.enforcement import Client, Enforcement, Violation

_Place = tuple[str, int]
"""A topic and a partition."""

UNAVAILABLE = Code.KAFKA_STORAGE_ERROR
"""What a client is told while nothing can be decided: every client asks again for a while (a retriable error in each of them)."""


class _Batch(NamedTuple):
    """What became of one partition's batch here."""

    record_count: int
    violations: tuple[Violation, ...] = ()
    code: Code = Code.NONE
    why: str | None = None
    ticket: object = None


class Producing:
    """One request: `passed` goes to the broker, None if nothing is left of it; `told` is for the client."""

    def __init__(self, client: Client, request: ProduceRequest, enforcement: Enforcement) -> None:
        """Decide about every batch of it."""
        self._client = client
        self._enforcement = enforcement
        self._batches: dict[_Place, _Batch] = {}
        topics: list[ProduceTopic] = []
        for topic in request.topic_data:
            kept = [part for one in topic.partition_data if (part := self._decided(topic.name, one)) is not None]
            if kept:
                topics.append(topic._replace(partition_data=tuple(kept)))
        self.has_refused = any(batch.code is not Code.NONE for batch in self._batches.values())
        self.is_answered = request.acks != 0
        self.passed = self._left_of(request, tuple(topics))

    def _left_of(self, request: ProduceRequest, topics: tuple[ProduceTopic, ...]) -> ProduceRequest | None:
        """Give what goes to the broker: the very request where nothing in it was touched."""
        if not topics and self.has_refused:
            return None
        return request if topics == request.topic_data else request._replace(topic_data=topics)

    def _decided(self, topic: str, part: ProducePartition) -> ProducePartition | None:
        place = (topic, part.index)
        if part.records is None:
            self._batches[place] = _Batch(0)
            return part
        try:
            records, batch = self._looked_at(topic, part.index, part.records)
        except UnavailableError as error:
            records, batch = part.records, _Batch(0, code=UNAVAILABLE, why=str(error))
        except MalformedError as error:
            # Nobody knows what is in it, so nobody can let it pass.
            records, batch = part.records, _Batch(0, code=Code.CORRUPT_MESSAGE, why=str(error))
        self._batches[place] = batch
        return part._replace(records=records) if batch.code is Code.NONE else None

    def _looked_at(self, topic: str, partition: int, data: bytes) -> tuple[bytes, _Batch]:
        batches = split_batches(data)
        if not batches:
            return data, _Batch(0)
        if len(batches) > 1:
            # No broker takes them (ProduceRequest.validateRecords); one that did would answer for all of them at once.
            return data, _Batch(
                0, code=Code.INVALID_RECORD, why=f"{len(batches)} batches for one partition, must be one"
            )
        ((header, before),) = batches
        records = decode_records(before)
        decision = self._enforcement.produced(self._client, topic, partition, records)
        if decision.violations:
            why = "; ".join(f"record {one.record}: {one.why}" for one in decision.violations)
            return data, _Batch(len(records), decision.violations, Code.INVALID_RECORD, why, decision.ticket)
        return with_records(header, before, decision.records), _Batch(len(records), ticket=decision.ticket)

    def told(self, answer: ProduceResponse | None) -> ProduceResponse:
        """Give the answer for the client: the broker's, None where nothing went there, with what was refused here put to it."""
        answer = ProduceResponse() if answer is None else answer
        told: dict[str, list[ProducePartitionResponse]] = {}
        for topic in answer.responses:
            told.setdefault(topic.name, []).extend(topic.partition_responses)
            for one in topic.partition_responses:
                self._note(topic.name, one)
        for (name, index), batch in self._batches.items():
            if batch.code is not Code.NONE:
                errors = tuple(RecordError(one.record, one.why) for one in batch.violations)
                refusal = ProducePartitionResponse(index, batch.code, -1, record_errors=errors, error_message=batch.why)
                told.setdefault(name, []).append(refusal)
                self._note(name, refusal)
        responses = tuple(ProduceTopicResponse(name, partition_responses=tuple(ones)) for name, ones in told.items())
        return answer._replace(responses=responses)

    def unheard(self) -> None:
        """Take note that no answer will come, as with acks=0."""
        for (name, index), batch in self._batches.items():
            appended = Appended(name, index, batch.record_count, batch.code, -1, batch.violations, batch.ticket, False)
            self._enforcement.answered(self._client, appended)

    def _note(self, topic: str, told: ProducePartitionResponse) -> None:
        batch = self._batches.get((topic, told.index), _Batch(0))
        appended = Appended(
            topic,
            told.index,
            batch.record_count,
            Code(told.error_code),
            told.base_offset,
            batch.violations,
            batch.ticket,
        )
        self._enforcement.answered(self._client, appended)
