"""What became of an attempt, and what becomes of a batch: each ends exactly once, delivered or given up.

The endings of `org.apache.kafka.clients.producer.internals.Sender` and `ProducerBatch`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from producer.engine.batch import Batch, BatchInput
from producer.engine.sequence import NO_OFFSET
from producer.errors import Code, ErrorCode, Outcome, PurgedError, SendError, TransactionAbortedError, error_code
from producer.events import BatchAcknowledged, BatchDelivered, BatchFailed, BatchMetadata, BatchUndelivered
from producer.records import OFFSET_UNKNOWN

if TYPE_CHECKING:
    from producer.client.client import Client
    from producer.engine.accumulator import Accumulator
    from producer.engine.buffer import BufferPool
    from producer.engine.idempotence import Idempotence
    from producer.engine.observer import Observer
    from producer.metrics import ProducerMetrics
    from producer.wire.messages.produce import ProducePartitionResponse, RecordError

NO_TIMESTAMP = -1


class Acknowledged(NamedTuple):
    """The batch is in the log, as far as this attempt was asked to find out."""

    code: int = 0
    """0, or DUPLICATE_SEQUENCE_NUMBER: an earlier attempt was appended."""
    base_offset: int = OFFSET_UNKNOWN
    log_append_time_ms: int = NO_TIMESTAMP
    """-1 unless the topic wants the broker's time."""


class Refused(NamedTuple):
    """The broker says why it did not do what was asked; some codes leave open whether it appended."""

    error: ErrorCode
    reason: str = ""
    """The broker's own words."""
    log_start_offset: int = NO_OFFSET
    record_errors: tuple[RecordError, ...] = ()
    """Which records were at fault, if the broker tells (KIP-467)."""


class Unanswered(NamedTuple):
    """Nobody says anything about the batch: the connection was lost, time ran out, or the answer leaves it out."""

    error: ErrorCode
    reason: str = ""


Verdict = Acknowledged | Refused | Unanswered

WRITTEN_UNASKED = Acknowledged()
"""With acks=0 nobody will ever say more than that the operating system has taken the bytes."""


def verdict_of(told: ProducePartitionResponse | None) -> Verdict:
    """Read what a broker's answer says of one batch; None if it says nothing."""
    if told is None:
        return Unanswered(error_code(Code.UNKNOWN_SERVER_ERROR))
    if told.error_code in (Code.NONE, Code.DUPLICATE_SEQUENCE_NUMBER):
        return Acknowledged(told.error_code, told.base_offset, told.log_append_time_ms)
    return Refused(
        error_code(told.error_code), told.error_message or "", told.log_start_offset, told.record_errors
    )  # fmt: skip


class Verdicts:
    """Ends batches: their bytes go back to the buffer, and the application is told."""

    __slots__ = ("_accumulator", "_buffer", "_client", "_metrics", "_observer", "_told", "idempotence", "in_flight")

    def __init__(
        self,
        *,
        accumulator: Accumulator,
        client: Client,
        buffer: BufferPool,
        idempotence: Idempotence | None,
        metrics: ProducerMetrics,
        observer: Observer,
    ) -> None:
        self._accumulator = accumulator
        self._client = client
        self._buffer = buffer
        self._metrics = metrics
        self._observer = observer
        self._told: list[BatchDelivered | BatchUndelivered] = []
        self.idempotence = idempotence
        self.in_flight: dict[int, Batch] = {}
        """Batches on their way, by number; who sends them puts them here."""

    def take(self) -> list[BatchDelivered | BatchUndelivered]:
        """Take what the application is to be told, in order."""
        told, self._told = self._told, []
        return told

    # -- delivered ---------------------------------------------------------------------------------------------------

    def deliver(self, batch: Batch, verdict: Acknowledged, now_us: int) -> None:
        """End a batch that is in the log; for one that was given up before, only its sequence is settled."""
        if self.idempotence is not None:
            # A batch that was given up settles its sequence all the same when it turns out to be in the log.
            self.idempotence.acknowledged(batch, verdict.base_offset)
        if batch.is_over:
            return
        batch.feed(BatchInput.ACKNOWLEDGE)
        self._end(batch)
        self._metrics.delivered(batch, now_us)
        self._observer.say_of(BatchAcknowledged, now_us, batch, verdict.base_offset, verdict.code)
        metadata = BatchMetadata(
            *batch.partition,
            verdict.base_offset,
            verdict.log_append_time_ms,
            batch.timestamps_ms,
            _sizes(batch.keys),
            _sizes(batch.values),
        )
        self._told.append(BatchDelivered(batch.tokens, metadata))

    # -- given up ----------------------------------------------------------------------------------------------------

    def give_up(
        self,
        batch: Batch,
        error: ErrorCode,
        now_us: int,
        *,
        reason: str,
        leaves_gap: bool = False,
        kind: type[SendError] = SendError,
        record_errors: tuple[RecordError, ...] = (),
    ) -> None:
        """End a batch that is not to be tried again. With `leaves_gap` its sequences will certainly never be used."""
        batch.feed(BatchInput.GIVE_UP)
        self._end(batch)
        if self.idempotence is not None and (
            batch.has_sequence or (self.idempotence.transactions is not None and kind is not TransactionAbortedError)
        ):
            # Of a transaction's batches each counts, whether it had left or not; but for those that it drops itself.
            self.idempotence.failed(batch, error, leaves_gap=leaves_gap)
        outcome = Outcome.UNKNOWN if batch.may_be_written else Outcome.FAILED
        self._metrics.failed(batch, now_us)
        self._observer.say_of(BatchFailed, now_us, batch, error.code, outcome.value, reason)
        tokens = batch.tokens
        wrong = {index: message or reason for index, message in record_errors if 0 <= index < len(tokens)}
        if wrong:
            # Some records were at fault, the others only shared their batch (KIP-467). Where it is one alone, the
            # batch's code is about it.
            invalid = error_code(Code.INVALID_RECORD)
            fault = error if len(wrong) == 1 else invalid
            for index, message in wrong.items():
                own = SendError(batch.partition, fault, outcome, message)
                self._told.append(BatchUndelivered(*batch.partition, [tokens[index]], own))
            tokens = [token for index, token in enumerate(tokens) if index not in wrong]
            error, reason = invalid, "another record of its batch was refused"
        if tokens:
            shared = kind(batch.partition, error, outcome, reason)
            self._told.append(BatchUndelivered(*batch.partition, tokens, shared))

    def abandon(
        self, batch: Batch, error: ErrorCode, now_us: int, *, reason: str, kind: type[SendError] = SendError
    ) -> None:
        """Give up a batch that no broker has refused: if it has a sequence, what became of that is left unresolved."""
        self.give_up(batch, error, now_us, reason=reason, kind=kind)
        if self.idempotence is not None and batch.has_sequence:
            self.idempotence.left_unresolved(batch)

    def fail_waiting(self, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give up every batch that waits in the accumulator."""
        for batch in self._accumulator.take_all():
            self.give_up(batch, error, now_us, reason=reason)

    def drop_unsent(self, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give up what has never left, for its transaction is aborted (abortUndrainedBatches)."""
        for batch in self._accumulator.take_unsent():
            self.give_up(batch, error, now_us, reason=reason, kind=TransactionAbortedError)

    def fail_led_by(self, node_id: int, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give up every batch that waits for a broker which refuses us; used sequences are left unresolved."""
        for queue in self._accumulator.waiting():
            if self._client.metadata.view.leader(queue.partition).node_id == node_id:
                for batch in self._accumulator.take_from(queue):
                    self.abandon(batch, error, now_us, reason=reason)

    def abort(self, now_us: int, reason: str) -> None:
        """Give every batch up, since nobody will hear of it any more."""
        self.give_up_all(error_code(Code.NETWORK_EXCEPTION), now_us, reason)

    def give_up_all(self, error: ErrorCode, now_us: int, reason: str) -> None:
        """Give every batch up; what is in flight may be written all the same."""
        for batch in list(self.in_flight.values()):
            batch.may_be_written = True
            self.give_up(batch, error, now_us, reason=reason)
        self.fail_waiting(error, now_us, reason)

    def purge(self, now_us: int, *, queued: bool, in_flight: bool) -> None:
        """Give up what waits, what is in flight, or both; sequences that were used are left unresolved, as by expiry."""
        purged: list[tuple[Batch, Code]] = []
        if in_flight:
            for batch in self.in_flight.values():
                batch.may_be_written = True
                purged.append((batch, Code.NETWORK_EXCEPTION))
        if queued:
            purged += [(batch, Code.OPERATION_NOT_ATTEMPTED) for batch in self._accumulator.take_all()]
        for batch, code in purged:
            self.abandon(batch, error_code(code), now_us, reason="purged by the application", kind=PurgedError)

    def _end(self, batch: Batch) -> None:
        self.in_flight.pop(batch.number, None)
        self._accumulator.incomplete.end(batch)
        self._buffer.release(batch.reserved_bytes)


def _sizes(column: list[bytes | None]) -> list[int]:
    try:
        return list(map(len, column))  # type: ignore[arg-type] # a null among them is what the except is for
    except TypeError:
        return [-1 if one is None else len(one) for one in column]
