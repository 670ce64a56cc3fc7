"""Batches on their way: drained for their leaders, stamped, sent, and each brought to its verdict.

The rules of `org.apache.kafka.clients.producer.internals.Sender`. Every batch that enters ends exactly once, in a
`BatchDelivered` or a `BatchUndelivered`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from producer.client.backoff import NEVER_US, backoff_us
from producer.client.init_producer_id import InitProducerId
from producer.engine.batch import Batch, BatchInput, BatchState
from producer.errors import (
    Code,
    DeliveryTimeoutError,
    ErrorCode,
    Outcome,
    PeerError,
    PurgedError,
    SendError,
    UnsupportedVersionError,
    error_code,
)
from producer.events import (
    BatchAcknowledged,
    BatchDelivered,
    BatchFailed,
    BatchMetadata,
    BatchOpened,
    BatchResequenced,
    BatchRetried,
    BatchSent,
    BatchSplit,
    BatchUndelivered,
    IdentityAssigned,
    RecordAccepted,
)
from producer.records import NO_IDENTITY, OFFSET_UNKNOWN, TopicPartition
from producer.wire import produce
from producer.wire.api import ApiKey
from producer.wire.compression import Codec
from producer.wire.record_batch import BATCH_OVERHEAD, encode_columns, read_header, restamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from producer.chance import Chance
    from producer.client.client import Client
    from producer.client.cluster_view import Leader
    from producer.client.requests import Answer, InFlight, Loss
    from producer.engine.accumulator import Accumulator, PartitionQueue
    from producer.engine.buffer import BufferPool
    from producer.engine.idempotence import Idempotence
    from producer.metrics import ProducerMetrics
    from producer.partitioners.sticky import StickyPartitioner
    from producer.wire.produce import ProducePartitionResponse

NO_RESPONSE = produce.ProducePartitionResponse(index=-1, error_code=Code.UNKNOWN_SERVER_ERROR)
"""Stands for a partition that the broker's answer left out."""


class SendSettings(NamedTuple):
    """What the sender needs to know of the configuration; times in microseconds."""

    client_id: str
    acks: int
    retries: int
    retry_backoff_us: int
    retry_backoff_max_us: int
    request_timeout_us: int
    delivery_timeout_us: int
    request_bytes_max: int
    keeps_order: bool
    """One request in flight: a partition is muted until its batch is answered."""
    codec: Codec
    codec_level: int | None
    availability_timeout_us: int
    """A broker that could take nothing for so long gets no records without a key; 0 for any time."""


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

    def __init__(
        self,
        settings: SendSettings,
        *,
        accumulator: Accumulator,
        client: Client,
        buffer: BufferPool,
        idempotence: Idempotence | None,
        chance: Chance,
        observe: Callable[[Any], object] | None,
        sticky: StickyPartitioner | None,
        metrics: ProducerMetrics,
    ) -> None:
        """`sticky` is told how long the queues are; None leaves its draws uniform."""
        self._settings = settings
        self._accumulator = accumulator
        self._client = client
        self._buffer = buffer
        self._idempotence = idempotence
        self._chance = chance
        self._observe = observe
        self._sticky = sticky
        self._metrics = metrics
        self._late_since_us: dict[int, int] = {}
        self._in_flight: dict[int, Batch] = {}
        self._identity_told = NO_IDENTITY
        self._init_producer_id: InitProducerId | None = None
        if idempotence is not None:
            self._init_producer_id = InitProducerId(idempotence.identity)
        self.verdicts: list[BatchDelivered | BatchUndelivered] = []
        """Batches that ended; the engine takes them."""
        self.incomplete: dict[int, int] = {}
        """Numbers of the batches without a verdict, each with that of the batch that it was split from, or its own."""
        self.is_closing = False
        """Whether batches leave without lingering because the producer closes."""

    # -- what moves --------------------------------------------------------------------------------------------------

    def advance(self, now_us: int) -> None:
        """Settle sequences, send what may leave."""
        self._settle(now_us)
        self._drain(now_us)

    def time_out(self, now_us: int) -> None:
        """Give up what is too old. Call it when everything received was handed in, and behind `advance`."""
        if self._expire(now_us):
            # A batch given up may have opened the way for others, or need a new epoch.
            self.advance(now_us)

    def deadline_us(self, now_us: int) -> int:
        """When `advance` is due if nothing is received; `NEVER_US` for never."""
        due_us = NEVER_US
        delivery_us = self._settings.delivery_timeout_us
        for queue in self._accumulator.queues.values():
            if not queue.batches:
                continue
            leader = self._client.metadata.view.leader(queue.partition)
            leave_us = self._due_us(queue, leader)
            if leave_us <= now_us:
                # Due, yet still here: the broker's connection decides, metadata, or an answer that is awaited.
                is_known = leader.node_id in self._client.metadata.view.brokers
                leave_us = self._client.links.reconnect_at_us(leader.node_id, now_us) if is_known else NEVER_US
            due_us = min(due_us, leave_us, queue.oldest().created_us + delivery_us)
        for batch in self._in_flight.values():
            due_us = min(due_us, batch.created_us + delivery_us)
        return due_us

    def abort(self, now_us: int, reason: str) -> None:
        """Give every batch up; what is in flight may be written all the same."""
        error = error_code(Code.NETWORK_EXCEPTION)
        for batch in list(self._in_flight.values()):
            batch.may_be_written = True
            self._give_up(batch, error, now_us, reason=reason)
        self.fail_waiting(error, now_us, reason)

    def purge(self, now_us: int, *, queued: bool, in_flight: bool) -> None:
        """Give up what waits, what is in flight, or both; sequences that were used are left unresolved, as by expiry."""
        purged: list[tuple[Batch, Code]] = []
        if in_flight:
            for batch in self._in_flight.values():
                batch.may_be_written = True
                purged.append((batch, Code.NETWORK_EXCEPTION))
        if queued:
            purged += [(batch, Code.OPERATION_NOT_ATTEMPTED) for batch in self._accumulator.waiting()]
            for queue in self._accumulator.queues.values():
                queue.batches.clear()
        for batch, code in purged:
            self._abandon(batch, error_code(code), now_us, reason="purged by the application", kind=PurgedError)

    def mend(self) -> None:
        """Put the batches that wait, and the count of their bytes, in order after a `send` that was interrupted."""
        live = list(self._in_flight.values())
        for queue in self._accumulator.queues.values():
            if queue.batches and queue.batches[-1].state is BatchState.OPEN:
                last = queue.batches[-1]
                last.even_out()
                if not last.record_count:
                    queue.batches.pop()
                    self.incomplete.pop(last.number, None)
            live += queue.batches
        self._buffer.recount(sum(batch.reserved_bytes for batch in live))

    def fail_waiting(self, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give up every batch that waits in the accumulator."""
        waiting = list(self._accumulator.waiting())
        for queue in self._accumulator.queues.values():
            queue.batches.clear()
        for batch in waiting:
            self._give_up(batch, error, now_us, reason=reason)

    def fail_led_by(self, node_id: int, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give up every batch that waits for a broker which refuses us; used sequences are left unresolved."""
        for queue in self._accumulator.queues.values():
            if not queue.batches or self._client.metadata.view.leader(queue.partition).node_id != node_id:
                continue
            waiting = list(queue.batches)
            queue.batches.clear()
            for batch in waiting:
                self._abandon(batch, error, now_us, reason=reason)

    def _settle(self, now_us: int) -> None:
        if self._idempotence is None or self._init_producer_id is None:
            return
        renumbered = self._idempotence.settle()
        identity = self._idempotence.identity.current
        if identity != self._identity_told:
            self._identity_told = identity
            self._say(IdentityAssigned, now_us, *identity)
        for batch in renumbered:
            if batch.encoded is not None:
                batch.encoded = restamp(
                    batch.encoded,
                    producer_id=identity.producer_id,
                    producer_epoch=identity.producer_epoch,
                    base_sequence=batch.base_sequence,
                )
            self._say_of(BatchResequenced, now_us, batch, *identity, batch.base_sequence)
        refusal = self._idempotence.identity.refusal or self._init_producer_id.take_denial()
        if refusal is not None:
            self.fail_waiting(refusal, now_us, "the cluster refuses this producer")
        self._init_producer_id.ask_if_wanted(self._client.control)

    # -- sending -----------------------------------------------------------------------------------------------------

    def _due_us(self, queue: PartitionQueue, leader: Leader) -> int:
        hurry = self.is_closing or self._buffer.has_waiters
        return self._accumulator.due_us(queue, leader_epoch=leader.epoch, hurry=hurry)

    def _drain(self, now_us: int) -> None:
        by_node: dict[int, list[PartitionQueue]] = {}
        due_nodes: dict[int, None] = {}
        for queue in self._accumulator.queues.values():
            if not queue.batches:
                continue
            leader = self._client.metadata.view.leader(queue.partition)
            if leader.node_id not in self._client.metadata.view.brokers:
                self._client.metadata.follow(queue.partition.topic, now_us)
                self._client.metadata.want()
                continue
            by_node.setdefault(leader.node_id, []).append(queue)
            if self._due_us(queue, leader) <= now_us:
                due_nodes[leader.node_id] = None
        self._weigh(due_nodes, now_us)
        for node_id in due_nodes:
            queues = by_node[node_id]
            while self._client.links.is_ready(node_id, now_us):
                batches = self._take(node_id, queues, now_us)
                if not batches:
                    break
                self._send(node_id, batches, now_us)
                if not any(
                    self._due_us(queue, self._client.metadata.view.leader(queue.partition)) <= now_us
                    for queue in queues
                ):
                    break

    def _weigh(self, due_nodes: Iterable[int], now_us: int) -> None:
        """Tell the sticky partitioner how many batches wait for each partition (KIP-794)."""
        sticky, limit_us = self._sticky, self._settings.availability_timeout_us
        if limit_us:
            for node_id in due_nodes:
                if self._client.links.is_ready(node_id, now_us):
                    self._late_since_us.pop(node_id, None)
                else:
                    self._late_since_us.setdefault(node_id, now_us)
        if sticky is None or not sticky.topics():
            return
        view = self._client.metadata.view
        sizes: dict[str, dict[int, int]] = {topic: {} for topic in sticky.topics()}
        known = dict.fromkeys(sizes, 0)
        for (topic, partition), queue in self._accumulator.queues.items():
            if topic not in sizes:
                continue
            known[topic] += 1
            node_id = view.leader(queue.partition).node_id
            if node_id >= 0 and now_us - self._late_since_us.get(node_id, now_us) <= limit_us:
                sizes[topic][partition] = len(queue.batches)
        for topic, by_partition in sizes.items():
            count = view.partition_count(topic)
            if known[topic] < count:
                # A partition that never had a queue would never be drawn.
                sticky.forget_load(topic)
            else:
                sticky.weigh(topic, by_partition, partition_count=count)

    def _take(self, node_id: int, queues: list[PartitionQueue], now_us: int) -> list[Batch]:
        """Take at most one batch a partition, up to the request's size; the first one goes however large it is."""
        taken: list[Batch] = []
        size_bytes = 0
        for queue in self._accumulator.in_turn(node_id, queues):
            if not queue.batches or queue.is_muted:
                continue
            first = queue.batches[0]
            if first.attempts and self._due_us(queue, self._client.metadata.view.leader(queue.partition)) > now_us:
                continue
            if self._idempotence is not None and not self._idempotence.may_leave(first):
                continue
            if taken and size_bytes + first.estimated_bytes > self._settings.request_bytes_max:
                break
            queue.batches.popleft()
            queue.is_muted = self._settings.keeps_order
            size_bytes += first.estimated_bytes
            taken.append(first)
        return taken

    def _send(self, node_id: int, batches: list[Batch], now_us: int) -> None:
        for batch in batches:
            self._encode(batch)
            batch.leader_epoch_tried = self._client.metadata.view.leader(batch.partition).epoch
        settings = self._settings
        request = self._request(batches)
        is_answered = settings.acks != 0
        try:
            sent = self._client.links.send(
                node_id,
                ApiKey.PRODUCE,
                lambda version: produce.encode_request(request, version),
                asker=Attempt(self, batches),
                now_us=now_us,
                is_answered=is_answered,
            )
        except UnsupportedVersionError as error:
            for batch in batches:
                self._unmute(batch)
                self._abandon(batch, error_code(Code.UNSUPPORTED_VERSION), now_us, reason=str(error))
            return
        for batch in batches:
            batch.attempts += 1
            batch.is_resequenced = False
            batch.feed(BatchInput.SEND)
            self._in_flight[batch.number] = batch
            self._say_sent(batch, node_id, sent, now_us)
        self._metrics.produced(batches, now_us)
        if not is_answered:
            # Nobody will ever say more than that these bytes were handed to the connection.
            for batch in batches:
                self._unmute(batch)
                self._deliver(batch, produce.ProducePartitionResponse(batch.partition.partition), now_us)

    def _encode(self, batch: Batch) -> None:
        if self._idempotence is not None and not batch.has_sequence:
            self._idempotence.assign(batch)
        if batch.state is BatchState.OPEN:
            batch.feed(BatchInput.SEAL)
        if batch.encoded is None:
            batch.encoded = encode_columns(
                batch.keys,
                batch.values,
                batch.timestamps_ms,
                batch.headers,
                codec=self._settings.codec,
                level=self._settings.codec_level,
                producer_id=batch.identity.producer_id,
                producer_epoch=batch.identity.producer_epoch,
                base_sequence=batch.base_sequence,
            )
            ratios = self._accumulator.ratios
            if ratios is not None:
                raw_bytes = batch.size_bytes - BATCH_OVERHEAD
                ratios.observed(batch.partition.topic, (len(batch.encoded) - BATCH_OVERHEAD) / raw_bytes)

    def _request(self, batches: list[Batch]) -> produce.ProduceRequest:
        topics: dict[str, list[produce.ProducePartition]] = {}
        for batch in batches:
            one = produce.ProducePartition(batch.partition.partition, batch.encoded)
            topics.setdefault(batch.partition.topic, []).append(one)
        view = self._client.metadata.view
        return produce.ProduceRequest(
            transactional_id=None,
            acks=self._settings.acks,
            timeout_ms=self._settings.request_timeout_us // 1_000,
            topics=tuple(
                produce.ProduceTopic(name, view.topics[name].topic_id, tuple(partitions))
                for name, partitions in topics.items()
            ),
        )

    # -- answers -----------------------------------------------------------------------------------------------------

    def answered(self, batches: list[Batch], answer: Answer, now_us: int) -> None:
        """Take the answer to the Produce request that carried these batches."""
        try:
            response = produce.decode_response(answer.body, answer.request.version)
        except PeerError as error:
            self._client.links.break_link(answer.node_id, answer.request.connection, str(error), now_us)
            self.lost(batches, Code.NETWORK_EXCEPTION, now_us)
            return
        latency_us = now_us - answer.request.sent_us
        self._metrics.answered(answer.node_id, latency_us, response.throttle_time_ms, now_us)
        self._client.links.throttle(answer, response.throttle_time_ms, now_us)
        view = self._client.metadata.view
        found: dict[TopicPartition, ProducePartitionResponse] = {}
        endpoints = {endpoint.node_id: endpoint for endpoint in response.node_endpoints}
        for topic in response.topics:
            name = topic.name or view.topic_name(topic.topic_id) or ""
            for partition in topic.partitions:
                found[TopicPartition(name, partition.index)] = partition
        for batch in batches:
            told = found.get(batch.partition, NO_RESPONSE)
            self._client.metadata.learn_leader(batch.partition, told.current_leader, endpoints, now_us)
            self._complete(batch, told, now_us)

    def lost(self, batches: list[Batch], code: Code, now_us: int) -> None:
        """Take it that the Produce request which carried these batches will not be answered."""
        told = produce.ProducePartitionResponse(index=-1, error_code=code)
        for batch in batches:
            self._complete(batch, told, now_us)

    def _complete(self, batch: Batch, told: ProducePartitionResponse, now_us: int) -> None:
        """Bring one attempt to its end (Sender.completeBatch)."""
        self._unmute(batch)
        error = error_code(told.error_code)
        if error.code in (Code.NONE, Code.DUPLICATE_SEQUENCE_NUMBER):
            self._deliver(batch, told, now_us)
            return
        if batch.is_over:
            return
        batch.last_error = error
        if error.may_hide_append:
            batch.may_be_written = True
        if error.refresh_metadata:
            self._client.metadata.want()
        if error.code == Code.MESSAGE_TOO_LARGE and batch.record_count > 1:
            self._split(batch, now_us)
            return
        if self._may_retry(batch, error, told, now_us):
            self._put_back(batch, error, now_us)
        else:
            # Out of retries, nobody knows whether the sequence was used, so it must not be given to another batch.
            is_tried_out = batch.attempts > self._settings.retries
            leaves_gap = not is_tried_out and not batch.may_be_written
            self._give_up(batch, error, now_us, reason=told.error_message or "", leaves_gap=leaves_gap,
                          record_errors=told.record_errors)  # fmt: skip
            if self._idempotence is not None and batch.has_sequence and not is_tried_out and batch.may_be_written:
                # As in `_expire`: what is in flight behind it may be written and must not be numbered anew (KAFKA-14397).
                self._idempotence.left_unresolved(batch)

    def _split(self, large: Batch, now_us: int) -> None:
        """Put the records of a batch that no broker takes back as smaller ones; that costs no retry (KIP-126)."""
        parts = self._accumulator.split(large)
        if self._accumulator.ratios is not None and large.encoded is not None:
            self._accumulator.ratios.forget(large.partition.topic, len(large.encoded) / large.size_bytes)
        if self._idempotence is not None:
            self._idempotence.split(large, parts)
        large.feed(BatchInput.SPLIT)
        self._in_flight.pop(large.number, None)
        origin = self.incomplete.pop(large.number)
        self._metrics.split(now_us)
        self._say_of(BatchSplit, now_us, large, tuple(part.number for part in parts))
        queue = self._accumulator.queue(large.partition)
        for part in reversed(parts):
            self.incomplete[part.number] = origin
            queue.put_back(part, in_sequence=self._idempotence is not None)
        for part in parts:
            self._say_of(BatchOpened, now_us, part)
            for token in part.tokens:
                self._say(RecordAccepted, now_us, token, part.number, *part.partition)

    def _may_retry(self, batch: Batch, error: ErrorCode, told: ProducePartitionResponse, now_us: int) -> bool:
        if now_us >= batch.created_us + self._settings.delivery_timeout_us:
            return False
        if batch.attempts > self._settings.retries:
            return False
        if self._idempotence is None:
            return error.retriable
        return self._idempotence.may_retry(batch, error, log_start_offset=told.log_start_offset)

    def _put_back(self, batch: Batch, error: ErrorCode, now_us: int) -> None:
        batch.feed(BatchInput.RETRY)
        self._in_flight.pop(batch.number, None)
        batch.not_before_us = now_us + backoff_us(
            self._settings.retry_backoff_us, self._settings.retry_backoff_max_us, batch.attempts, self._chance
        )
        queue = self._accumulator.queue(batch.partition)
        queue.put_back(batch, in_sequence=self._idempotence is not None)
        self._metrics.retried(batch, now_us)
        self._say_of(BatchRetried, now_us, batch, error.code, batch.not_before_us)

    def _deliver(self, batch: Batch, told: ProducePartitionResponse, now_us: int) -> None:
        if self._idempotence is not None:
            # A batch that was given up settles its sequence all the same when it turns out to be in the log.
            self._idempotence.acknowledged(batch, told.base_offset)
        if batch.is_over:
            return
        batch.feed(BatchInput.ACKNOWLEDGE)
        self._end(batch)
        self._metrics.delivered(batch, now_us)
        base_offset = told.base_offset if self._settings.acks else OFFSET_UNKNOWN
        self._say_of(BatchAcknowledged, now_us, batch, base_offset, told.error_code)
        self.verdicts.append(
            BatchDelivered(
                batch.tokens,
                BatchMetadata(
                    *batch.partition,
                    base_offset,
                    told.log_append_time_ms,
                    batch.timestamps_ms,
                    _sizes(batch.keys),
                    _sizes(batch.values),
                ),
            )
        )

    # -- giving up ---------------------------------------------------------------------------------------------------

    def _expire(self, now_us: int) -> bool:
        delivery_us = self._settings.delivery_timeout_us
        expired = [batch for batch in self._in_flight.values() if now_us >= batch.created_us + delivery_us]
        for batch in expired:
            batch.may_be_written = True
        expired += self._accumulator.expired(now_us, delivery_us)
        for batch in expired:
            reason = f"{delivery_us // 1_000} ms have passed since the batch was created"
            if batch.last_error is not None:
                reason += f"; its last attempt ended in {batch.last_error.name}"
            self._abandon(batch, error_code(Code.REQUEST_TIMED_OUT), now_us, reason=reason, kind=DeliveryTimeoutError)
        return bool(expired)

    def _abandon(
        self, batch: Batch, error: ErrorCode, now_us: int, *, reason: str, kind: type[SendError] = SendError
    ) -> None:
        """Give up a batch that no broker has refused: if it has a sequence, what became of that is left unresolved."""
        self._give_up(batch, error, now_us, reason=reason, kind=kind)
        if self._idempotence is not None and batch.has_sequence:
            self._idempotence.left_unresolved(batch)

    def _give_up(
        self,
        batch: Batch,
        error: ErrorCode,
        now_us: int,
        *,
        reason: str,
        leaves_gap: bool = False,
        kind: type[SendError] = SendError,
        record_errors: tuple[produce.RecordError, ...] = (),
    ) -> None:
        batch.feed(BatchInput.GIVE_UP)
        self._end(batch)
        if self._idempotence is not None and batch.has_sequence:
            self._idempotence.failed(batch, error, leaves_gap=leaves_gap)
        outcome = Outcome.UNKNOWN if batch.may_be_written else Outcome.FAILED
        self._metrics.failed(batch, now_us)
        self._say_of(BatchFailed, now_us, batch, error.code, outcome.value, reason)
        tokens = batch.tokens
        wrong = {index: message or reason for index, message in record_errors if 0 <= index < len(tokens)}
        if wrong:
            # Some records were at fault, the others only shared their batch (KIP-467). Where it is one alone, the
            # batch's code is about it.
            invalid = error_code(Code.INVALID_RECORD)
            fault = error if len(wrong) == 1 else invalid
            for index, message in wrong.items():
                own = SendError(batch.partition, fault, outcome, message)
                self.verdicts.append(BatchUndelivered(*batch.partition, [tokens[index]], own))
            tokens = [token for index, token in enumerate(tokens) if index not in wrong]
            error, reason = invalid, "another record of its batch was refused"
        if tokens:
            told = kind(batch.partition, error, outcome, reason)
            self.verdicts.append(BatchUndelivered(*batch.partition, tokens, told))

    def _end(self, batch: Batch) -> None:
        self._in_flight.pop(batch.number, None)
        self.incomplete.pop(batch.number, None)
        self._buffer.release(batch.reserved_bytes)

    def _unmute(self, batch: Batch) -> None:
        """Let the partition's next batch leave: the request is over, which a batch given up under way does not end."""
        if self._settings.keeps_order:
            self._accumulator.queue(batch.partition).is_muted = False

    # -- observing ---------------------------------------------------------------------------------------------------

    def _say(self, event: type[Any], now_us: int, *fields: object) -> None:
        if self._observe is not None:
            self._observe(event(now_us, self._settings.client_id, *fields))

    def _say_of(self, event: type[Any], now_us: int, batch: Batch, *fields: object) -> None:
        if self._observe is not None:
            self._observe(event(now_us, self._settings.client_id, batch.number, *batch.partition, *fields))

    def _say_sent(self, batch: Batch, node_id: int, sent: InFlight, now_us: int) -> None:
        if self._observe is None:
            return
        assert batch.encoded is not None
        self._say_of(
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


def _sizes(column: list[bytes | None]) -> list[int]:
    try:
        return list(map(len, column))  # type: ignore[arg-type] # a null among them is what the except is for
    except TypeError:
        return [-1 if one is None else len(one) for one in column]
