"""Batches on their way: stamped, encoded, sent, and from each answer on to a retry, to smaller parts, or to their verdict.

The rules of `org.apache.kafka.clients.producer.internals.Sender`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from producer.client.backoff import backoff_us
from producer.engine.batch import Batch, BatchInput
from producer.engine.encoding import encode, request_of
from producer.engine.sequence import NO_OFFSET
from producer.engine.verdicts import WRITTEN_UNASKED, Acknowledged, Refused, Unanswered, Verdict, Verdicts, verdict_of
from producer.errors import Code, DeliveryTimeoutError, PeerError, SendError, UnsupportedVersionError, error_code
from producer.events import (
    BatchOpened,
    BatchRetried,
    BatchSent,
    BatchSplit,
    RecordAccepted,
)
from producer.records import TopicPartition
from producer.wire import codec
from producer.wire.api import ApiKey
from producer.wire.messages import produce
from producer.wire.record_batch import read_header

if TYPE_CHECKING:
    from producer.chance import Chance
    from producer.client.client import Client
    from producer.client.requests import Answer, InFlight, Loss
    from producer.engine.accumulator import Accumulator
    from producer.engine.drain import Drain
    from producer.engine.idempotence import Idempotence
    from producer.engine.observer import Observer
    from producer.engine.settings import SendSettings
    from producer.engine.settling import Settling
    from producer.metrics import ProducerMetrics


class Attempt:
    """One Produce request on its way: the batches in it, and the sender that hears of its end."""

    __slots__ = ("batches", "sender")

    def __init__(self, sender: Sender, batches: list[Batch]) -> None:
        self.sender = sender
        self.batches = batches

    def answered(self, answer: Answer, now_us: int) -> None:
        """The broker answered, if only to refuse."""
        self.sender.answered(self.batches, answer, now_us)

    def lost(self, loss: Loss, now_us: int) -> None:
        """No answer will come; the batches may have been appended."""
        self.sender.lost(self.batches, loss.code, now_us)


class Sender:
    """Moves batches from the accumulator to verdicts. `advance` does all that can be done now."""

    __slots__ = (
        "_accumulator",
        "_chance",
        "_client",
        "_drain",
        "_metrics",
        "_observer",
        "_settings",
        "_settling",
        "_verdicts",
        "idempotence",
    )  # fmt: skip

    def __init__(
        self,
        settings: SendSettings,
        *,
        accumulator: Accumulator,
        client: Client,
        drain: Drain,
        verdicts: Verdicts,
        idempotence: Idempotence | None,
        settling: Settling | None,
        chance: Chance,
        observer: Observer,
        metrics: ProducerMetrics,
    ) -> None:
        self._settings = settings
        self._accumulator = accumulator
        self._client = client
        self._drain = drain
        self._verdicts = verdicts
        self._chance = chance
        self._observer = observer
        self._metrics = metrics
        self._settling = settling
        self.idempotence = idempotence

    # -- what moves --------------------------------------------------------------------------------------------------

    def advance(self, now_us: int) -> None:
        """Settle sequences, send what may leave."""
        if self._settling is not None:
            self._settling.settle(now_us)
        for node_id, batches in self._drain.departures(now_us):
            self._send(node_id, batches, now_us)

    def time_out(self, now_us: int, seen_us: int) -> None:
        """Give up what was too old by `seen_us`. Call it when all received by then was handed in, and behind `advance`."""
        if self._expire(now_us, seen_us):
            # A batch given up may have opened the way for others, or need a new epoch.
            self.advance(now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received; `NEVER_US` for never."""
        return self._drain.deadline_us(now_us)

    @property
    def reserved_bytes(self) -> int:
        """What batches have taken from `buffer.memory`, counted anew."""
        live = list(self._verdicts.in_flight.values())
        for queue in self._accumulator.waiting():
            live += queue.batches
        return sum(batch.reserved_bytes for batch in live)

    def _expire(self, now_us: int, seen_us: int) -> bool:
        delivery_us = self._settings.delivery_timeout_us
        oldest_us = self._accumulator.incomplete.oldest_us
        if oldest_us is None or seen_us < oldest_us + delivery_us:
            return False
        expired = [
            batch for batch in self._verdicts.in_flight.values() if seen_us >= batch.created_us + delivery_us
        ]  # fmt: skip
        for batch in expired:
            batch.may_be_written = True
        expired += self._accumulator.take_expired(seen_us - delivery_us)
        for batch in expired:
            reason = f"{delivery_us // 1_000} ms have passed since the batch was created"
            if batch.last_error is not None:
                reason += f"; its last attempt ended in {batch.last_error.name}"
            error = error_code(Code.REQUEST_TIMED_OUT)
            self._verdicts.abandon(batch, error, now_us, reason=reason, kind=DeliveryTimeoutError)
        return bool(expired)

    # -- sending -----------------------------------------------------------------------------------------------------

    def _send(self, node_id: int, batches: list[Batch], now_us: int) -> None:
        for batch in batches:
            if self.idempotence is not None and not batch.has_sequence:
                self.idempotence.assign(batch)
            encode(batch, self._settings, self._accumulator.ratios)
            batch.leader_epoch_tried = self._client.metadata.view.leader(batch.partition).epoch
        request = request_of(batches, self._settings, self._client.metadata.view)
        try:
            sent = self._client.links.send(
                node_id,
                ApiKey.PRODUCE,
                lambda version: codec.encode(request, version),
                asker=Attempt(self, batches),
                now_us=now_us,
                at_most=None if self.idempotence is None else self.idempotence.produce_version_max,
                is_answered=self._settings.acks != 0,
            )
        except UnsupportedVersionError as error:
            for batch in batches:
                self._unmute(batch)
                self._verdicts.abandon(batch, error_code(Code.UNSUPPORTED_VERSION), now_us, reason=str(error))
            return
        for batch in batches:
            batch.attempts += 1
            batch.is_resequenced = False
            batch.feed(BatchInput.SEND)
            self._verdicts.in_flight[batch.number] = batch
            self._say_sent(batch, node_id, sent, now_us)
        self._metrics.produced(batches, now_us)

    def _unmute(self, batch: Batch) -> None:
        """Let the partition's next batch leave: the request is over, which a batch given up under way does not end."""
        if self._settings.keeps_order:
            self._accumulator.queue(batch.partition).is_muted = False

    def _say_sent(self, batch: Batch, node_id: int, sent: InFlight, now_us: int) -> None:
        if not self._observer.is_listened_to:
            return
        assert batch.encoded is not None
        self._observer.say_of(
            BatchSent,
            now_us,
            batch,
            node_id,
            sent.connection,
            sent.correlation_id,
            batch.attempts,
            *batch.identity,
            batch.base_sequence,
            batch.record_count,
            len(batch.encoded),
            read_header(batch.encoded).crc,
        )

    # -- answers -----------------------------------------------------------------------------------------------------

    def answered(self, batches: list[Batch], answer: Answer, now_us: int) -> None:
        """Take the answer to the Produce request that carried these batches; with acks=0 there is none, it was written."""
        if self._settings.acks == 0:
            for batch in batches:
                self._complete(batch, WRITTEN_UNASKED, now_us)
            return
        try:
            response = codec.decode(produce.ProduceResponse, answer.body, answer.request.version)
        except PeerError as error:
            self._client.links.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            self.lost(batches, Code.NETWORK_EXCEPTION, now_us)
            return
        latency_us = now_us - answer.request.sent_us
        self._metrics.answered(answer.node_id, latency_us, response.throttle_time_ms, now_us)
        self._client.links.throttle(answer, response.throttle_time_ms, now_us)
        metadata = self._client.metadata
        found: dict[TopicPartition, produce.ProducePartitionResponse] = {}
        endpoints = {endpoint.node_id: endpoint for endpoint in response.node_endpoints}
        for topic in response.responses:
            name = topic.name or metadata.view.topic_name(topic.topic_id) or ""
            for partition in topic.partition_responses:
                found[TopicPartition(name, partition.index)] = partition
        for batch in batches:
            told = found.get(batch.partition)
            if told is not None and metadata.learn_leader(batch.partition, told.current_leader, endpoints, now_us):
                self._drain.leaders_changed()
            self._complete(batch, verdict_of(told), now_us)

    def lost(self, batches: list[Batch], code: Code, now_us: int) -> None:
        """Take it that the Produce request which carried these batches will not be answered."""
        verdict = Unanswered(error_code(code))
        for batch in batches:
            self._complete(batch, verdict, now_us)

    def _complete(self, batch: Batch, verdict: Verdict, now_us: int) -> None:
        """Bring one attempt to its end (Sender.completeBatch)."""
        self._unmute(batch)
        if isinstance(verdict, Acknowledged):
            self._verdicts.deliver(batch, verdict, now_us)
            return
        if batch.is_over:
            return
        error = batch.last_error = verdict.error
        if error.may_hide_append:
            batch.may_be_written = True
        if error.refresh_metadata:
            self._client.metadata.want()
        if error.code == Code.MESSAGE_TOO_LARGE and self._may_split(batch):
            self._split(batch, now_us)
        elif self._may_retry(batch, verdict, now_us):
            self._put_back(batch, verdict, now_us)
        else:
            self._give_up(batch, verdict, now_us)

    def _may_split(self, batch: Batch) -> bool:
        return batch.record_count > 1 and (self.idempotence is None or self.idempotence.may_split(batch))

    def _may_retry(self, batch: Batch, verdict: Refused | Unanswered, now_us: int) -> bool:
        if self._is_late(batch, now_us):
            return False
        if batch.attempts > self._settings.retries:
            return False
        if self.idempotence is None:
            return verdict.error.retriable
        log_start_offset = verdict.log_start_offset if isinstance(verdict, Refused) else NO_OFFSET
        return self.idempotence.may_retry(batch, verdict.error, log_start_offset=log_start_offset)

    def _is_late(self, batch: Batch, now_us: int) -> bool:
        return now_us >= batch.created_us + self._settings.delivery_timeout_us

    def _put_back(self, batch: Batch, verdict: Refused | Unanswered, now_us: int) -> None:
        batch.feed(BatchInput.RETRY)
        self._verdicts.in_flight.pop(batch.number, None)
        batch.not_before_us = now_us + backoff_us(
            self._settings.retry_backoff_us, self._settings.retry_backoff_max_us, batch.attempts, self._chance
        )
        self._accumulator.put_back(batch, in_sequence=self.idempotence is not None)
        self._metrics.retried(batch, now_us)
        self._observer.say_of(BatchRetried, now_us, batch, verdict.error.code, batch.not_before_us)

    def _give_up(self, batch: Batch, verdict: Refused | Unanswered, now_us: int) -> None:
        # Out of retries, nobody knows whether the sequence was used, so it must not be given to another batch.
        is_tried_out = batch.attempts > self._settings.retries
        self._verdicts.give_up(
            batch,
            verdict.error,
            now_us,
            reason=verdict.reason,
            leaves_gap=not is_tried_out and not batch.may_be_written,
            # What could be tried again, were there time left, ends as what runs out of time while it waits.
            kind=DeliveryTimeoutError if verdict.error.retriable and self._is_late(batch, now_us) else SendError,
            record_errors=verdict.record_errors if isinstance(verdict, Refused) else (),
        )
        if self.idempotence is not None and batch.has_sequence and not is_tried_out and batch.may_be_written:
            # As in `_expire`: what is in flight behind it may be written and must not be numbered anew (KAFKA-14397).
            self.idempotence.left_unresolved(batch)

    def _split(self, large: Batch, now_us: int) -> None:
        """Put the records of a batch that no broker takes back as smaller ones; that costs no retry (KIP-126)."""
        parts = self._accumulator.split(large)
        if self._accumulator.ratios is not None and large.encoded is not None:
            self._accumulator.ratios.forget(large.partition.topic, len(large.encoded) / large.size_bytes)
        if self.idempotence is not None:
            self.idempotence.split(large, parts)
        large.feed(BatchInput.SPLIT)
        self._verdicts.in_flight.pop(large.number, None)
        self._metrics.split(now_us)
        self._observer.say_of(BatchSplit, now_us, large, tuple(part.number for part in parts))
        for part in reversed(parts):
            self._accumulator.put_back(part, in_sequence=self.idempotence is not None)
        for part in parts:
            self._observer.say_of(BatchOpened, now_us, part)
            for token in part.tokens:
                self._observer.say(RecordAccepted, now_us, token, part.number, *part.partition)
