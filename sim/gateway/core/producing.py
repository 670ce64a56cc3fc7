"""One Produce request on its way through: which batches pass, changed or not, and what the client is told of all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.errors import Code, MalformedError, error_code
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
    from sim.gateway.core.enforcement import Client, Enforcement, Steps, Violation

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


def decided(client: Client, request: ProduceRequest, enforcement: Enforcement) -> Steps[Producing]:
    """Decide about every batch of a request.

    Of a partition that is named twice the last batch counts, as for a broker (KafkaApis.handleProduceRequest): the others are no more
    than what they would be there, nothing.
    """
    batches: dict[_Place, _Batch] = {}
    passed: dict[str, list[ProducePartition]] = {}
    named = {(topic.name, one.index): one for topic in request.topic_data for one in topic.partition_data}
    for place, one in named.items():
        part, batches[place] = yield from _decided(client, place, one, enforcement)
        if part is not None:
            passed.setdefault(place[0], []).append(part)
    topics = tuple(ProduceTopic(name, partition_data=tuple(parts)) for name, parts in passed.items())
    return Producing(client, request, topics, batches, enforcement)


def _decided(
    client: Client, place: _Place, part: ProducePartition, enforcement: Enforcement
) -> Steps[tuple[ProducePartition | None, _Batch]]:
    """Decide about one batch. Gives it as it may pass, or None, and what became of it."""
    if part.records is None:
        return part, _Batch(0)
    try:
        records, batch = yield from _looked_at(client, place, part.records, enforcement)
    except UnavailableError as error:
        return None, _Batch(0, code=UNAVAILABLE, why=str(error))
    except MalformedError as error:
        # Nobody knows what is in it, so nobody can let it pass.
        return None, _Batch(0, code=Code.CORRUPT_MESSAGE, why=str(error))
    return (part._replace(records=records) if batch.code is Code.NONE else None), batch


def _looked_at(client: Client, place: _Place, data: bytes, enforcement: Enforcement) -> Steps[tuple[bytes, _Batch]]:
    batches = split_batches(data)
    if not batches:
        return data, _Batch(0)
    if len(batches) > 1:
        # No broker takes them (ProduceRequest.validateRecords); one that did would answer for all of them at once.
        why = f"{len(batches)} batches for one partition, must be one"
        return data, _Batch(0, code=Code.INVALID_RECORD, why=why)
    ((header, before),) = batches
    records = decode_records(before)
    decision = yield from enforcement.produced(client, *place, records)
    if decision.violations:
        why = "; ".join(f"record {one.record}: {one.why}" for one in decision.violations)
        return data, _Batch(len(records), decision.violations, Code.INVALID_RECORD, why, decision.ticket)
    return with_records(header, before, decision.records), _Batch(len(records), ticket=decision.ticket)


class Producing:
    """One request: `passed` goes to the broker, None if nothing is left of it; `told` is for the client."""

    def __init__(
        self,
        client: Client,
        request: ProduceRequest,
        topics: tuple[ProduceTopic, ...],
        batches: dict[_Place, _Batch],
        enforcement: Enforcement,
    ) -> None:
        """`topics` are what may pass of it, and `batches` what became of each."""
        self._client = client
        self._enforcement = enforcement
        self._batches = batches
        self.has_refused = any(batch.code is not Code.NONE for batch in batches.values())
        self.is_answered = request.acks != 0
        self.passed: ProduceRequest | None = request
        """The very request where nothing in it was touched."""
        if not topics and self.has_refused:
            self.passed = None
        elif topics != request.topic_data:
            self.passed = request._replace(topic_data=topics)

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
            code = error_code(batch.code)
            appended = Appended(name, index, batch.record_count, code, -1, batch.violations, batch.ticket, False)
            self._enforcement.answered(self._client, appended)

    def _note(self, topic: str, told: ProducePartitionResponse) -> None:
        batch = self._batches.get((topic, told.index), _Batch(0))
        appended = Appended(
            topic,
            told.index,
            batch.record_count,
            # A newer broker may tell a code that is not known here.
            error_code(told.error_code),
            told.base_offset,
            batch.violations,
            batch.ticket,
        )
        self._enforcement.answered(self._client, appended)
